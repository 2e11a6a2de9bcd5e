"""What a peer may offer, and what is refused before anything is built for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from relay.media.stream import Kind
from streams.problem import Problem, ProblemError, Text

MAX_SDP = 64 * 1024  # bytes; an offer of Chromium with audio, video and a channel has 6 to 8 kB
MAX_CANDIDATES = 32  # a laptop with VPNs and containers has about 20
CONNECT_SECONDS = 15.0  # ICE over TURN on 4G takes up to 10 s; who waits longer has hung up
IDLE_SECONDS = 30.0  # a radio cell is changed in less; RTCP comes at least every 5 s from a living browser


class Purpose(StrEnum):
    """Why somebody connects: WHIP, WHEP, or our own page."""

    PUBLISH = "publish"
    WATCH = "watch"
    TALK = "talk"


class Reason(StrEnum):
    """Why an offer was refused."""

    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    NOT_ACCEPTABLE = "not_acceptable"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class IceServer:
    """urls: stun:, turn: and turns: (RFC 7064, 7065)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """audio, video: names of the codecs that may be agreed upon (SDP's), best first. optional: what is answered as
    inactive, rather than refused, where there is none in common.

    connect: s until the connection must stand; idle: s without any RTP or RTCP after which it is given up.
    """

    purpose: Purpose
    audio: tuple[str, ...] = ("opus",)
    video: tuple[str, ...] = ("H264",)
    connect: float = CONNECT_SECONDS
    idle: float = IDLE_SECONDS
    optional: frozenset[Kind] = frozenset()

    def codecs(self, kind: Kind) -> tuple[str, ...]:
        return self.audio if kind is Kind.AUDIO else self.video


@dataclass(frozen=True, slots=True)
class Section:
    """One m= section of an offer; kind: audio, video, application or what else there is; codecs: names."""

    kind: str
    direction: str
    codecs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What we make of a media section. direction: ours."""

    kind: Kind
    direction: str

    @property
    def receives(self) -> bool:
        return self.direction in ("recvonly", "sendrecv")

    @property
    def sends(self) -> bool:
        return self.direction in ("sendonly", "sendrecv")


class Refused(ProblemError):
    """An offer or a candidate that is not taken; nothing is kept of it."""

    def __init__(self, reason: Reason, detail: Text) -> None:
        self.reason = reason
        super().__init__(Problem(f"media.{reason.value}", detail, _DO[reason]))


def malformed(en: str, zh: str) -> Refused:
    return Refused(Reason.MALFORMED, Text(en, zh))


def gone() -> Refused:
    return Refused(Reason.GONE, Text("this connection is over", "该连接已结束"))


def lines(policy: Policy, sections: Sequence[Section]) -> tuple[Line, ...]:
    """What the media sections of an offer become, in their order.

    Raises Refused (NOT_ACCEPTABLE) if it has more than one audio, video or data section, a direction its purpose does
    not allow, no codec that may be agreed upon, or nothing that would flow.
    """
    kinds = [section.kind for section in sections]
    if not set(kinds) <= set(_KINDS):
        raise _unacceptable("only audio, video and a data channel can be taken", "仅支持音频、视频和数据通道")
    for kind in _KINDS:
        if kinds.count(kind) > 1:
            raise _unacceptable(f"at most one {kind} section can be taken", f"最多支持一个 {kind} 媒体段")
    found = tuple(_line(policy, section) for section in sections if section.kind != "application")
    if not any(line.receives or line.sends for line in found):
        raise _unacceptable(
            "the offer has no audio or video that would flow", "offer 中没有可传输的音频或视频"
        )
    return found


def _line(policy: Policy, section: Section) -> Line:
    kind = Kind(section.kind)
    allowed = {name.lower() for name in policy.codecs(kind)}
    if not allowed & {name.lower() for name in section.codecs}:
        if kind in policy.optional:
            return Line(kind, "inactive")
        wanted = ", ".join(policy.codecs(kind)) or "none"
        raise _unacceptable(
            f"no {kind} codec in common (wanted: {wanted})", f"没有共同的 {kind} 编码（需要：{wanted}）"
        )
    direction = _ANSWERS[policy.purpose].get(section.direction)
    if direction is None:
        raise _unacceptable(
            f"{section.direction} {kind} cannot be offered to {policy.purpose.value}",
            f"{policy.purpose.value} 不接受方向为 {section.direction} 的 {kind}",
        )
    return Line(kind, direction)


def _unacceptable(en: str, zh: str) -> Refused:
    return Refused(Reason.NOT_ACCEPTABLE, Text(en, zh))


_KINDS = ("audio", "video", "application")
# Ours for theirs. Encoders that offer sendrecv for publishing are common, and WHIP (RFC 9725) lets them.
_ANSWERS: dict[Purpose, dict[str, str]] = {
    Purpose.PUBLISH: {"sendonly": "recvonly", "sendrecv": "recvonly"},
    Purpose.WATCH: {"recvonly": "sendonly", "sendrecv": "sendonly"},
    Purpose.TALK: {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly"},
}
_DO = {
    Reason.TOO_LARGE: Text("send an offer of at most 64 kB", "请发送不超过 64 kB 的 offer"),
    Reason.MALFORMED: Text("check the program that connects", "请检查接入方的程序"),
    Reason.NOT_ACCEPTABLE: Text(
        "set the device to Opus sound and H.264 pictures without B-frames",
        "请将设备设置为 Opus 音频、H.264 视频（无 B 帧）",
    ),
    Reason.GONE: Text("connect again", "请重新连接"),
}
