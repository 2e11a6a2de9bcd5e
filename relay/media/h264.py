"""What begins in an RTP payload of H.264 (RFC 6184, packetization-mode 0 or 1)."""

from relay.media.syntax import Syntax

IDR = 5
SPS = 7
_STAP_A = 24
_FU_A = 28
_TYPE = 0x1F
_START = 0x80


def beginning(payload: bytes) -> tuple[int, ...]:
    """Types of the NAL units that begin here: one, those of a STAP-A, or that of an FU-A's first fragment; none if
    the payload goes on with a unit, or is not H.264."""
    if not payload:
        return ()
    kind = payload[0] & _TYPE
    if kind == _STAP_A:
        return _aggregated(payload)
    if kind == _FU_A:
        return (payload[1] & _TYPE,) if len(payload) > 1 and payload[1] & _START else ()
    return (kind,) if 0 < kind < _STAP_A else ()


def opens(payload: bytes) -> bool:
    """Whether a decoder that knows nothing may begin here."""
    kinds = beginning(payload)
    return SPS in kinds or IDR in kinds


def begins_key(payload: bytes) -> bool:
    """Whether an IDR picture begins here, or one of its slices."""
    return IDR in beginning(payload)


def _aggregated(payload: bytes) -> tuple[int, ...]:
    kinds, at = [], 1
    while at + 2 < len(payload):
        kinds.append(payload[at + 2] & _TYPE)
        at += 2 + int.from_bytes(payload[at : at + 2])
    return tuple(kinds)


H264 = Syntax(begins_key, opens)
