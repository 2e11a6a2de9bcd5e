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
_WIDE = 1280  # px: beyond it, looking at every picture is what costs most
_TEXTS = {
    Unfit.CODEC: Text("this codec", "该编码"),
    Unfit.PROFILE: Text("this profile", "该编码档次"),
    Unfit.B_FRAMES: Text("B-frames", "B 帧"),
    Unfit.NO_IDR: Text("key frames that are no IDR", "关键帧不是 IDR"),
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
    return said or (Verdict(Weight.GOOD, "good", Text("nothing stands in its way", "未发现问题")),)


def _whole(heard: Heard, found: Measured) -> Iterator[Verdict]:
    if heard.broke is not None:
        yield Verdict(
            Weight.BAD,
            "line.broke",
            Text(
                f"{heard.broke.en} after {found.seconds:.0f} s",
                f"{heard.broke.zh}（{found.seconds:.0f} 秒后）",
            ),
        )


def _live(found: Measured) -> Iterator[Verdict]:
    if found.unfit is not None:
        why = _TEXTS[found.unfit]
        yield Verdict(
            Weight.NOTE,
            f"live.{found.unfit}",
            Text(
                f"{why.en}: live view must be converted, which takes up to a core per viewed camera; "
                "H.264 without B-frames would not need it",
                f"{why.zh}：实时画面需要转码，每路最多占用一个 CPU 核；改用不含 B 帧的 H.264 可免转码",
            ),
        )
    elif found.b_frames:
        yield Verdict(Weight.NOTE, "b_frames", Text("B-frames: switch them off", "含 B 帧：建议关闭"))


def _groups(found: Measured) -> Iterator[Verdict]:
    longest = found.gop_seconds
    if not found.gop and found.pictures:
        yield Verdict(
            Weight.BAD,
            "gop.unseen",
            Text(
                f"no second key frame within {longest:.0f} s: measure longer, or set the key frame interval to 2 s",
                f"{longest:.0f} 秒内没有第二个关键帧：请延长测量时间，或把 I 帧间隔设为 2 秒",
            ),
        )
    elif longest > _LONG_GOP:
        yield Verdict(
            Weight.BAD,
            "gop.long",
            Text(
                f"GOP of {longest:.0f} s: a wake takes up to {longest:.0f} s; set the key frame interval to 2 s",
                f"GOP 长 {longest:.0f} 秒：唤醒最多需 {longest:.0f} 秒；请把 I 帧间隔设为 2 秒",
            ),
        )
    if found.gop and max(found.gop) > 2 * min(found.gop):
        yield Verdict(
            Weight.NOTE,
            "gop.uneven",
            Text(
                f"GOP varies from {min(found.gop)} to {max(found.gop)} pictures: switch the smart codec off",
                f"GOP 在 {min(found.gop)} 到 {max(found.gop)} 帧之间变化：请关闭智能编码",
            ),
        )


def _rate(found: Measured) -> Iterator[Verdict]:
    if found.fps and found.announced and found.fps < _SLOW * found.announced:
        yield Verdict(
            Weight.BAD,
            "fps.slow",
            Text(
                f"{found.fps:.1f} pictures/s, {found.announced:g} announced: exposure at night, load, or the line",
                f"实际 {found.fps:.1f} 帧/秒，标称 {found.announced:g}：可能因夜间曝光、摄像机负载或网络",
            ),
        )


def _line(found: Measured, seen: Pictures, transport: str) -> Iterator[Verdict]:
    if seen.damaged + found.missing:
        remedy = (
            Text("; use transport: tcp", "；请改用 transport: tcp") if transport == "udp" else Text("", "")
        )
        yield Verdict(
            Weight.BAD,
            "line.loss",
            Text(
                f"{seen.damaged} damaged and {found.missing} missing of {found.pictures} pictures{remedy.en}",
                f"{found.pictures} 帧中损坏 {seen.damaged} 帧、缺失 {found.missing} 帧{remedy.zh}",
            ),
        )
    if found.backwards or found.uneven > 0.2:
        yield Verdict(
            Weight.NOTE,
            "stamps",
            Text(
                f"time stamps: {found.backwards} stand still, {found.uneven:.0%} of pauses are uneven",
                f"时间戳：{found.backwards} 处停滞，{found.uneven:.0%} 的间隔不均匀",
            ),
        )
    if found.jitter > _JITTER:
        yield Verdict(
            Weight.NOTE,
            "line.jitter",
            Text(
                f"pictures arrive up to {found.jitter:.1f} s late: the line is slow or shared",
                f"画面到达延迟波动 {found.jitter:.1f} 秒：网络带宽不足或被占用",
            ),
        )
    if found.bitrate * _RING_SECONDS / 8 > _RING_BYTES:
        held = _RING_BYTES * 8 / found.bitrate
        yield Verdict(
            Weight.NOTE,
            "ring",
            Text(
                f"{found.bitrate / 1e6:.0f} Mbit/s: the ring holds {held:.0f} s instead of 15 s; "
                "lower the bit rate or raise ring.megabytes",
                f"{found.bitrate / 1e6:.0f} Mbit/s：缓存只能保留 {held:.0f} 秒（而非 15 秒）；请降低码率或调大 ring.megabytes",
            ),
        )


def _size(info: StreamInfo, sub: StreamInfo | None) -> Iterator[Verdict]:
    if info.width > _WIDE and sub is None:
        yield Verdict(
            Weight.NOTE,
            "size.wide",
            Text(
                "no smaller stream was found to look at: switch the camera's sub-stream on to save most of the CPU",
                "未找到可用于分析的子码流：启用摄像机子码流可大幅节省 CPU",
            ),
        )
    if 0 < info.width < _NARROW:
        yield Verdict(
            Weight.BAD,
            "size.narrow",
            Text(
                f"{info.width} px wide: a lorry 50 m away is too small to be found",
                f"画面宽仅 {info.width} 像素：50 米外的货车太小，无法识别",
            ),
        )


def _clock(clock: float | None) -> Iterator[Verdict]:
    if clock is not None and abs(clock) > _CLOCK:
        yield Verdict(
            Weight.BAD,
            "clock",
            Text(
                f"its clock is {abs(clock):.0f} s {'ahead' if clock > 0 else 'behind'}: let it use an NTP server",
                f"摄像机时钟{'快' if clock > 0 else '慢'} {abs(clock):.0f} 秒：请让其使用 NTP 对时",
            ),
        )
