"""One encoded picture, and what is needed to decode the stream it belongs to."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packet:
    """One access unit as it came from the camera; H.264 and H.265 in Annex B form, never re-encoded.

    time: when it is to be shown, s since the Unix epoch, UTC, on the box's clock.
    dts: its place in decoding order, the same clock; never decreases within one opening of a source.
    key: decoding can begin here.
    shown: False for what is only there to decode what follows: the part of a recording that was cut off its front.
    """

    data: bytes
    time: float
    dts: float
    key: bool
    shown: bool = True

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)


_START_CODE = b"\x00\x00\x01"
_START = re.compile(_START_CODE)
_MARK = b"\x00\x00\x00\x01"
_SEARCHED = 4096  # bytes: they stand before the picture, whose 100 kB need not be searched
_SETS = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
_NEEDED = {"h264": frozenset({7, 8}), "hevc": frozenset({33, 34})}


def parameter_sets(codec: str, data: bytes) -> bytes:
    """The parameter sets of an Annex B access unit, each once, with start codes; empty unless they are complete.

    ITU-T H.264 7.4.1 (nal_unit_type 7 and 8), H.265 7.4.2 (33 and 34; 32 comes along).
    """
    if codec not in _NEEDED:
        return b""
    sets, kinds = dict[bytes, None](), set[int]()
    for match in _START.finditer(data, 0, _SEARCHED):
        start = match.end()
        kind = _kind(codec, data[start : start + 1])
        if kind in _SETS[codec]:
            end = data.find(_START_CODE, start)
            kinds.add(kind)
            sets[data[start : end if end >= 0 else len(data)].rstrip(b"\x00")] = None
    return b"".join(_MARK + one for one in sets) if kinds >= _NEEDED[codec] else b""


def _kind(codec: str, head: bytes) -> int:
    """nal_unit_type; -1 at the end of the data."""
    if not head:
        return -1
    return head[0] & 0x1F if codec == "h264" else head[0] >> 1 & 0x3F
