"""Whether a browser can show what a camera sends as it is. Pure."""

from enum import StrEnum

from relay.live.nal import Unit, is_bidirectional, kind, units
from streams.packet import Packet
from streams.source import StreamInfo

# Baseline, main and high: 4:2:0 with 8 bits. What browsers must (RFC 7742, 6.2) and do decode.
_PROFILES = frozenset({66, 77, 100})


class Unfit(StrEnum):
    """Why not."""

    CODEC = "codec"
    PROFILE = "profile"
    B_FRAMES = "b_frames"
    NO_IDR = "no_idr"


def of_stream(info: StreamInfo) -> Unfit | None:
    """What the stream's description tells already."""
    if info.codec != "h264":
        return Unfit.CODEC
    return _profile(info.extradata)


def of_packet(packet: Packet) -> Unfit | None:
    """What a picture of an H.264 stream tells. B-frames come in another order than they are shown, which RTP to a
    browser has no room for: it shows them as they come, back and forth."""
    if packet.key:
        if not any(kind(unit) == Unit.IDR for unit in units(packet.data)):
            return Unfit.NO_IDR
        return _profile(packet.data)
    slices = (unit for unit in units(packet.data) if kind(unit) in (Unit.SLICE, Unit.PARTITION))
    first = next(slices, None)
    return Unfit.B_FRAMES if first is not None and is_bidirectional(first) else None


def _profile(data: bytes) -> Unfit | None:
    """profile_idc is the first byte of a sequence parameter set (7.3.2.1.1)."""
    sets = [unit for unit in units(data) if kind(unit) == Unit.SPS and len(unit) > 1]
    return Unfit.PROFILE if any(unit[1] not in _PROFILES for unit in sets) else None
