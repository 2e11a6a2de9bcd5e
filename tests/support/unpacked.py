"""The receiver's side of RFC 6184: payloads back to NAL units."""

from collections.abc import Sequence


def unpacked(payloads: Sequence[bytes]) -> list[bytes]:
    """Of one picture, in order; single units, STAP-A and FU-A. Raises AssertionError where they do not fit."""
    found: list[bytes] = []
    under_way: bytearray | None = None
    for payload in payloads:
        kind = payload[0] & 0x1F
        assert (under_way is None) or kind == 28, "a fragmented unit has no end"
        if kind == 24:
            found += _aggregated(payload)
        elif kind == 28:
            header = payload[1]
            if header & 0x80:
                assert under_way is None
                under_way = bytearray([payload[0] & 0xE0 | header & 0x1F])
            assert under_way is not None, "a fragmented unit has no beginning"
            assert header & 0xC0 != 0xC0, "one fragment is no fragment (5.8)"
            under_way += payload[2:]
            if header & 0x40:
                found.append(bytes(under_way))
                under_way = None
        else:
            found.append(payload)
    assert under_way is None
    return found


def _aggregated(payload: bytes) -> list[bytes]:
    units, at = [], 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2])
        units.append(payload[at + 2 : at + 2 + size])
        at += 2 + size
    return units
