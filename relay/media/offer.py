"""An offer as text, read with care: it comes from outside (SDP, RFC 8866; JSEP, RFC 9429)."""

from dataclasses import dataclass

from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.rtcicetransport import RTCIceCandidate
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription, candidate_from_sdp

from relay.media.policy import MAX_CANDIDATES, MAX_SDP, Reason, Refused, Section, gone, malformed
from streams.problem import Text

_CANDIDATE = "a=candidate:"
_ROLES = ("auto", "client", "server")


@dataclass(frozen=True, slots=True)
class Offer:
    """text: without candidates that are of no use to us; codecs: of each audio and video section, as offered; mid: of
    the section whose transport all use."""

    text: str
    sections: tuple[Section, ...]
    codecs: tuple[tuple[RTCRtpCodecParameters, ...], ...]
    mid: str


def read(text: str) -> Offer:
    """Raises Refused (TOO_LARGE, MALFORMED)."""
    if len(text.encode("utf-8", "replace")) > MAX_SDP:
        raise Refused(Reason.TOO_LARGE, Text("the offer is too large", "offer 过大"))
    kept = _useful(text)
    description = _parsed(kept)
    media = description.media
    for section in media:
        _check(section)
    return Offer(
        kept,
        tuple(_section(each) for each in media),
        tuple(tuple(each.rtp.codecs) for each in media if each.kind != "application"),
        _first(description),
    )


def candidate(line: str, mid: str) -> RTCIceCandidate | None:
    """candidate:... as a browser trickles it, with or without "a="; None: one that is of no use to us.

    Raises Refused (MALFORMED).
    """
    body = line.removeprefix("a=").removeprefix("candidate:")
    try:
        found = candidate_from_sdp(body)
    except (ValueError, AssertionError, IndexError) as error:
        raise malformed("a candidate cannot be read", "无法解析 candidate") from error
    found.sdpMid = mid
    return found if _reachable(body) else None


def _useful(text: str) -> str:
    """Names of mDNS are left out: the browser's own checks reach us all the same, and to resolve one takes a second."""
    lines, seen = [], 0
    for line in text.splitlines():
        if line.startswith(_CANDIDATE):
            seen += 1
            if seen > MAX_CANDIDATES or not _reachable(line):
                continue
        lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def _reachable(candidate_line: str) -> bool:
    """UDP to an address, for RTP and RTCP in one (component 1); we open no TCP, and resolve no names."""
    words = candidate_line.split()
    return len(words) > 4 and [words[1], words[2].lower()] == ["1", "udp"] and not words[4].endswith(".local")


def _parsed(text: str) -> SessionDescription:
    try:
        description = SessionDescription.parse(text)
    except Exception as error:  # aiortc raises whatever its indexing and conversions raise
        raise malformed("the offer cannot be read", "无法解析 offer") from error
    if not description.media:
        raise malformed("the offer has no media", "offer 中没有媒体")
    return description


def _first(description: SessionDescription) -> str:
    """All media share one transport (BUNDLE, RFC 9143): that of the section named first."""
    mids = [media.rtp.muxId for media in description.media]
    bundle = next((group.items for group in description.group if group.semantic == "BUNDLE"), [])
    if len(mids) > 1 and sorted(map(str, bundle)) != sorted(mids):
        raise malformed("the offer does not bundle all its media", "offer 未将全部媒体捆绑（BUNDLE）")
    return str(bundle[0]) if bundle else mids[0]


def _check(media: MediaDescription) -> None:
    """What aiortc would stumble over later, some of it in a task of its own."""
    if not media.rtp.muxId:
        raise malformed("a section of the offer has no mid", "offer 的媒体段缺少 mid")
    if media.ice is None or not (media.ice.usernameFragment and media.ice.password):
        raise malformed("the offer has no ICE name and password", "offer 缺少 ICE 用户名或口令")
    if media.dtls is None or not media.dtls.fingerprints or media.dtls.role not in _ROLES:
        raise malformed("the offer has no DTLS fingerprint or role", "offer 缺少 DTLS 指纹或角色")
    if media.kind in ("audio", "video") and not media.rtcp_mux:
        raise malformed("the offer does not multiplex RTCP", "offer 未启用 RTCP 复用")


def _section(media: MediaDescription) -> Section:
    return Section(media.kind, media.direction or "sendrecv", tuple(codec.name for codec in media.rtp.codecs))


def refused(error: Exception) -> Refused:
    """What aiortc raised over an offer, said by us."""
    match error:
        case Refused():
            return error
        case OperationError():
            text = Text("no codec in common, in kind and profile", "没有共同的编码或编码档次")
            return Refused(Reason.NOT_ACCEPTABLE, text)
        case TimeoutError():
            return Refused(
                Reason.GONE, Text("STUN or TURN servers do not answer", "STUN 或 TURN 服务器无应答")
            )
        case InvalidStateError():
            return gone()
        case _:
            return malformed("the offer contradicts itself", "offer 内容自相矛盾")
