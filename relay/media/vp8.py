"""What begins in an RTP payload of VP8 (RFC 7741)."""

from relay.media.syntax import Syntax

_EXTENDED = 0x80  # X of the first byte
_START = 0x10  # S: a partition begins
_PARTITION = 0x07
_PICTURE_ID, _LONG = 0x80, 0x80  # I; and M of what it announces
_LEVEL, _TEMPORAL = 0x40, 0x30  # L; T or K


def begins_key(payload: bytes) -> bool:
    """Whether the first packet of a key frame is in it: P, the lowest bit of VP8's own header, is 0 (RFC 6386, 9.1)."""
    if not payload or not payload[0] & _START or payload[0] & _PARTITION:
        return False
    at = 1
    if payload[0] & _EXTENDED:
        flags = payload[at] if at < len(payload) else 0
        at += 1
        if flags & _PICTURE_ID:
            at += 2 if at < len(payload) and payload[at] & _LONG else 1
        at += bool(flags & _LEVEL) + bool(flags & _TEMPORAL)
    return at < len(payload) and not payload[at] & 1


VP8 = Syntax(begins_key, begins_key)
