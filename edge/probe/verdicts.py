"""What the figures mean for this gateway, in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from edge.probe.heard import Heard
from edge.probe.measure import Measured
from edge.probe.pictures import Pictures
from relay.live.fitness import Unfit
from streams.problem import Text
from streams.source import StreamInfo

_LONG_GOP = 4.0  # s: what a wake and a late viewer wait for at most where nothing else is said
_RING_BYTES = 48_000_000  # streams[n].ring.megabytes, as it is left out
_RING_SECONDS = 15.0
_SLOW = 0.9  # of the announced rate
_CLOCK = 2.0  # s: beyond it, times on the camera's own recordings mislead
_JITTER = 0.5  # s: a handover of 4G takes up to 3, a cable none
_NARROW = 320  # px: streams.onvif.profiles.NARROWEST_SUB
_UNSTEADY = 0.2  # of the pauses: below it, a camera that rounds its stamps
_WIDE = 1280  # px: beyond it, looking at every picture is what costs most
_BY_TCP = Text("set transport: tcp", "请改用 transport: tcp")
_BY_HAND = Text("check cable, switch or radio link", "请检查网线、交换机或无线链路")
_STAMPS = Text(
    "movements are judged less exactly; set a fixed frame rate, and update the camera's firmware",
    "运动判断的精度会下降；请设置固定帧率，并升级摄像机固件",
)
_TEXTS = {
    Unfit.CODEC: Text("its codec", "编码格式"),
    Unfit.PROFILE: Text("its codec's profile", "编码档次"),
    Unfit.B_FRAMES: Text("its B-frames", "含 B 帧"),
    Unfit.NO_IDR: Text("key frames that are not IDR", "关键帧不是 IDR"),
}


class Weight(StrEnum):
    GOOD = "ok"
    NOTE = "note"
    BAD = "warn"


@dataclass(frozen=True, slots=True)
class Verdict:
    """code: for machines."""

    weight: Weight
    code: str
    text: Text


def verdicts(
    heard: Heard,
    found: Measured,
    seen: Pictures,
    sub: StreamInfo | None,
    clock: float | None,
    transport: str,
) -> tuple[Verdict, ...]:
    """sub: a smaller stream of the same camera. clock: s it is ahead of the box. Never empty."""
    said = (
        *_whole(heard, found),
        *_live(found),
        *_groups(found),
        *_rate(found),
        *_line(found, seen, transport),
        *_size(heard.info, sub),
        *_clock(clock),
    )
    return said or (
        Verdict(Weight.GOOD, "good", Text("the gateway can use it as it is", "码流可直接使用，未发现问题")),
    )


def _whole(heard: Heard, found: Measured) -> Iterator[Verdict]:
    if heard.broke is not None:
        yield Verdict(
            Weight.BAD,
            "line.broke",
            Text(
                f"the stream broke off after {found.seconds:.0f} s: {heard.broke.en}",
                f"码流在 {found.seconds:.0f} 秒后中断：{heard.broke.zh}",
            ),
        )


def _live(found: Measured) -> Iterator[Verdict]:
    if found.unfit is not None:
        why = _TEXTS[found.unfit]
        yield Verdict(
            Weight.NOTE,
            f"live.{found.unfit}",
            Text(
                f"browsers cannot show it as it is ({why.en}): each camera that is watched takes up to one CPU core "
                "to convert; set H.264 without B-frames where live view matters",
                f"浏览器无法直接播放（{why.zh}）：实时查看需要转码，每路最多占用一个 CPU 核；"
                "如需实时查看，请改用不含 B 帧的 H.264",
            ),
        )
    elif found.b_frames:
        yield Verdict(
            Weight.NOTE,
            "b_frames",
            Text("it has B-frames, which delay it: switch them off", "含 B 帧，会增加延迟：建议关闭"),
        )


def _groups(found: Measured) -> Iterator[Verdict]:
    longest = found.gop_seconds
    if not found.gop and found.pictures:
        yield Verdict(
            Weight.BAD,
            "gop.unseen",
            Text(
                f"no second key frame came within {longest:.0f} s: measure longer, or set the key frame interval to 2 s",
                f"{longest:.0f} 秒内没有第二个关键帧：请延长测量时间，或把 I 帧间隔设为 2 秒",
            ),
        )
    elif longest > _LONG_GOP:
        yield Verdict(
            Weight.BAD,
            "gop.long",
            Text(
                f"key frames are up to {longest:.0f} s apart, and as late something may be noticed: set the key frame "
                "interval (GOP) to 2 s",
                f"关键帧间隔长达 {longest:.0f} 秒，发现目标可能同样延迟：请把 I 帧间隔（GOP）设为 2 秒",
            ),
        )
    if found.gop and max(found.gop) > 2 * min(found.gop):
        yield Verdict(
            Weight.NOTE,
            "gop.uneven",
            Text(
                f"key frames come every {min(found.gop)} to {max(found.gop)} pictures: switch the smart codec "
                "(H.264+, H.265+, Smart264) off",
                f"关键帧间隔在 {min(found.gop)} 到 {max(found.gop)} 帧之间变化：请关闭智能编码（H.264+、H.265+、Smart264）",
            ),
        )


def _rate(found: Measured) -> Iterator[Verdict]:
    if found.fps and found.announced and found.fps < _SLOW * found.announced:
        yield Verdict(
            Weight.BAD,
            "fps.slow",
            Text(
                f"only {found.fps:.1f} pictures/s come, {found.announced:g} are announced: a long exposure at night, "
                "too many viewers, or a slow line",
                f"实际仅 {found.fps:.1f} 帧/秒，标称 {found.announced:g} 帧/秒：可能因夜间长曝光、同时查看者过多或网络过慢",
            ),
        )


def _line(found: Measured, seen: Pictures, transport: str) -> Iterator[Verdict]:
    if seen.damaged + found.missing:
        remedy = _BY_TCP if transport == "udp" else _BY_HAND
        yield Verdict(
            Weight.BAD,
            "line.loss",
            Text(
                f"of {found.pictures} pictures {seen.damaged} are damaged, and {found.missing} are missing: {remedy.en}",
                f"{found.pictures} 帧中损坏 {seen.damaged} 帧、缺失 {found.missing} 帧：{remedy.zh}",
            ),
        )
    if found.backwards:
        yield Verdict(
            Weight.NOTE,
            "stamps.still",
            Text(
                f"in {found.backwards} of {found.pictures} pictures the camera's time stands still or goes back: {_STAMPS.en}",
                f"{found.pictures} 帧中有 {found.backwards} 帧的时间戳停滞或倒退：{_STAMPS.zh}",
            ),
        )
    if found.uneven > _UNSTEADY:
        yield Verdict(
            Weight.NOTE,
            "stamps.uneven",
            Text(
                f"{found.uneven:.0%} of the pauses between pictures are uneven: {_STAMPS.en}",
                f"{found.uneven:.0%} 的帧间隔长短不一：{_STAMPS.zh}",
            ),
        )
    if found.jitter > _JITTER:
        yield Verdict(
            Weight.NOTE,
            "line.jitter",
            Text(
                f"pictures arrive up to {found.jitter:.1f} s late: the line is slow, or others use it too",
                f"画面到达最多延迟 {found.jitter:.1f} 秒：网络带宽不足或被占用",
            ),
        )
    if found.bitrate * _RING_SECONDS / 8 > _RING_BYTES:
        held = _RING_BYTES * 8 / found.bitrate
        yield Verdict(
            Weight.NOTE,
            "ring",
            Text(
                f"at {found.bitrate / 1e6:.0f} Mbit/s the box can look back {held:.0f} s instead of 15 s: "
                "lower the bit rate, or raise ring.megabytes",
                f"码率 {found.bitrate / 1e6:.0f} Mbit/s，只能回看 {held:.0f} 秒（而非 15 秒）：请降低码率或调大 ring.megabytes",
            ),
        )


def _size(info: StreamInfo, sub: StreamInfo | None) -> Iterator[Verdict]:
    if info.width > _WIDE and sub is None:
        yield Verdict(
            Weight.NOTE,
            "size.wide",
            Text(
                "no smaller stream of this camera was found: switch its sub-stream on; looking at that one saves most of "
                "the CPU",
                "未找到可用于分析的子码流：请在摄像机上启用子码流，可大幅节省 CPU",
            ),
        )
    if 0 < info.width < _NARROW:
        yield Verdict(
            Weight.BAD,
            "size.narrow",
            Text(
                f"the picture is only {info.width} px wide: a lorry 50 m away is too small to be found; take a larger stream",
                f"画面宽仅 {info.width} 像素：50 米外的货车太小，无法识别；请改用更大的码流",
            ),
        )


def _clock(clock: float | None) -> Iterator[Verdict]:
    if clock is not None and abs(clock) > _CLOCK:
        yield Verdict(
            Weight.BAD,
            "clock",
            Text(
                f"the camera's clock is {abs(clock):.0f} s {'ahead of' if clock > 0 else 'behind'} this box's: "
                "give it an NTP server",
                f"摄像机时钟比本机{'快' if clock > 0 else '慢'} {abs(clock):.0f} 秒：请为其设置 NTP 对时",
            ),
        )
