"""The size of H.264 pictures out of their sequence parameter set, nothing decoded (ITU-T H.264, 7.3.2.1.1). Pure.

Sets come from outside: what is out of the standard's bounds is refused, before a program that trusts it loops over it.
"""

_CHROMA = frozenset(
    {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
)  # profiles with chroma_format_idc
_MOST = 8192  # px of a side
_CROP = {0: (1, 2), 1: (2, 2), 2: (2, 1), 3: (1, 1)}  # px per unit of cropping across and down (table 6-1)
_PLANES = 3


class Unreadable(Exception):
    """No sequence parameter set, or one that no camera sends."""


def size(sps: bytes) -> tuple[int, int]:
    """Width and height, px, of a NAL unit without its start code. Raises Unreadable."""
    if len(sps) < 5 or sps[0] & 0x1F != 7:
        raise Unreadable
    bits = _Bits(sps[4:].replace(b"\x00\x00\x03", b"\x00\x00"))
    bits.golomb(31)  # seq_parameter_set_id
    chroma = _chroma(bits) if sps[1] in _CHROMA else 1
    bits.golomb(12)  # log2_max_frame_num_minus4
    _order(bits)
    bits.golomb(16)  # max_num_ref_frames
    bits.read(1)
    across, down = (bits.golomb(_MOST // 16) + 1) * 16, (bits.golomb(_MOST // 16) + 1) * 16
    frames_only = bits.read(1)
    down *= 2 - frames_only
    if not frames_only:
        bits.read(1)
    bits.read(1)
    return _cropped(bits, across, down, chroma, frames_only)


def _cropped(bits: "_Bits", across: int, down: int, chroma: int, frames_only: int) -> tuple[int, int]:
    left, right, top, bottom = (bits.golomb(_MOST) for _ in range(4)) if bits.read(1) else (0, 0, 0, 0)
    unit = _CROP[chroma]
    width = across - (left + right) * unit[0]
    height = down - (top + bottom) * unit[1] * (2 - frames_only)
    if not (0 < width <= _MOST and 0 < height <= _MOST):
        raise Unreadable
    return width, height


def _chroma(bits: "_Bits") -> int:
    chroma = bits.golomb(3)
    if chroma == _PLANES:
        bits.read(1)
    bits.golomb(6)  # bit depths, luma and chroma
    bits.golomb(6)
    bits.read(1)
    if bits.read(1):
        for number in range(12 if chroma == _PLANES else 8):
            if bits.read(1):
                _scaling(bits, 16 if number < 6 else 64)
    return chroma


def _scaling(bits: "_Bits", count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _order(bits: "_Bits") -> None:
    """pic_order_cnt_type and what hangs on it."""
    kind = bits.golomb(2)
    if kind == 0:
        bits.golomb(12)
    elif kind == 1:
        bits.read(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.golomb(255)):
            bits.signed()


class _Bits:
    """Exp-Golomb codes (9.1). Raises Unreadable past the end, and for what is larger than it may be."""

    def __init__(self, data: bytes) -> None:
        self._left = len(data) * 8
        self._value = int.from_bytes(data)

    def golomb(self, most: int) -> int:
        zeros = 0
        while not self.read(1):
            zeros += 1
        found = (1 << zeros) - 1 + self.read(zeros)
        if found > most:
            raise Unreadable
        return found

    def signed(self) -> int:
        code = self.golomb((1 << 32) - 1)
        return (code + 1) // 2 if code % 2 else -(code // 2)

    def read(self, count: int) -> int:
        if count > self._left:
            raise Unreadable
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)
