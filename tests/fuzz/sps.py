"""Sequence parameter sets that nobody should send (ITU-T H.264, 7.3.2.1.1)."""

from random import Random

_HIGH = (100, 110, 122, 244)  # profiles whose sets tell chroma and depth


class _Bits:
    def __init__(self) -> None:
        self._bits: list[int] = []

    def put(self, value: int, size: int) -> None:
        self._bits += [value >> place & 1 for place in reversed(range(size))]

    def ue(self, value: int) -> None:
        """Exponential Golomb code (9.1)."""
        size = (value + 1).bit_length()
        self.put(0, size - 1)
        self.put(value + 1, size)

    def whole(self) -> bytes:
        bits = [*self._bits, 1]
        bits += [0] * (-len(bits) % 8)
        return bytes(int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits), 8))


def sps(
    width: int,
    height: int,
    *,
    profile: int = 66,
    level: int = 51,
    frames: int = 1,
    chroma: int = 1,
    depth: int = 8,
) -> bytes:
    """With its start code. width, height: px, multiples of 16. frames: reference frames. chroma: 0 grey to 3 4:4:4."""
    bits = _Bits()
    bits.put(profile, 8)
    bits.put(0, 8)
    bits.put(level, 8)
    bits.ue(0)
    if profile in _HIGH:
        bits.ue(chroma)
        if chroma == 3:
            bits.put(0, 1)
        bits.ue(depth - 8)
        bits.ue(depth - 8)
        bits.put(0, 2)
    bits.ue(0)  # frame_num in 4 bits
    bits.ue(2)  # pictures come in decoding order
    bits.ue(frames)
    bits.put(0, 1)
    bits.ue(width // 16 - 1)
    bits.ue(height // 16 - 1)
    bits.put(1, 1)  # whole frames
    bits.put(1, 1)
    bits.put(0, 2)  # neither cropped nor described further
    return b"\0\0\0\1\x67" + _escaped(bits.whole())


def _escaped(data: bytes) -> bytes:
    """No start code may arise inside (7.4.1)."""
    out = bytearray()
    for byte in data:
        if out[-2:] == b"\0\0" and byte <= 3:
            out.append(3)
        out.append(byte)
    return bytes(out)


def absurd(random: Random) -> bytes:
    """One with a size, a depth or a number of reference frames that no camera has."""
    side = random.choice((16, 16, 32, 4096, 8192, 16384, 65520))
    return sps(
        side,
        random.choice((side, 16, 4096, 16384)),
        profile=random.choice((66, 77, *_HIGH)),
        frames=random.choice((1, 16, 31)),
        chroma=random.choice((0, 1, 2, 3)),
        depth=random.choice((8, 9, 10, 14)),
    )
