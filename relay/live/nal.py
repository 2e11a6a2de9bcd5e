"""NAL units of H.264 out of Annex B (ITU-T H.264, 7.3.1 and annex B). Pure."""

from collections.abc import Iterator
from enum import IntEnum

_START = b"\x00\x00\x01"
_HEADER_BYTES = 16  # of a slice: first_mb_in_slice and slice_type take 12 at most


class Unit(IntEnum):
    """nal_unit_type (table 7-1), as far as we ask for it."""

    SLICE = 1
    PARTITION = 2
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    DELIMITER = 9
    END_OF_SEQUENCE = 10
    END_OF_STREAM = 11
    FILLER = 12


def units(data: bytes) -> Iterator[bytes]:
    """Without start codes and the zeros after them; empty ones left out."""
    start = data.find(_START)
    while start >= 0:
        begin = start + len(_START)
        start = data.find(_START, begin)
        unit = data[begin : start if start >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            yield unit


def kind(unit: bytes) -> int:
    """nal_unit_type."""
    return unit[0] & 0x1F


def is_bidirectional(unit: bytes) -> bool:
    """Whether this slice (not IDR) is of a B picture: slice_type 1 or 6 (7.4.3)."""
    bits = _Bits(unit[1 : 1 + _HEADER_BYTES].replace(b"\x00\x00\x03", b"\x00\x00"))
    bits.golomb()  # first_mb_in_slice
    return bits.golomb() % 5 == 1


class _Bits:
    """Reads Exp-Golomb codes (9.1); past the end there are only ones."""

    def __init__(self, data: bytes) -> None:
        self._left = len(data) * 8
        self._value = int.from_bytes(data)

    def golomb(self) -> int:
        zeros = 0
        while self._read(1) == 0:
            zeros += 1
        return (1 << zeros) - 1 + self._read(zeros)

    def _read(self, count: int) -> int:
        if count > self._left:
            return (1 << count) - 1
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)
