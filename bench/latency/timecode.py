"""A time code in the picture itself: 40 cells in its uppermost rows, light for one and dark for zero, first cells
the highest bits of ms since 1970 modulo 2**32, then 8 bits of check. Standard library only: the camera's process has no more."""

BITS, CHECK, CELL, ROWS = 32, 8, 8, 8  # cells; px of a cell; rows of the band
LIGHT, DARK = 235, 16  # luma, full swing of video range
_CELLS = BITS + CHECK
WIDTH = _CELLS * CELL


def band(moment: float, width: int) -> bytes:
    """ROWS rows of luma, `width` px each. moment: s since 1970."""
    value = round(moment * 1000) % (1 << BITS)
    coded = value << CHECK | _check(value)
    cells = (LIGHT if coded >> (_CELLS - 1 - place) & 1 else DARK for place in range(_CELLS))
    row = b"".join(bytes([cell]) * CELL for cell in cells)
    return (row + bytes([DARK]) * (width - WIDTH)) * ROWS


def read(cells: "list[float]") -> int | None:
    """Of the mean luma of the cells, in order: ms since 1970 modulo 2**32; None: it is not readable."""
    if len(cells) != _CELLS:
        return None
    coded = 0
    for cell in cells:
        coded = coded << 1 | (cell > (LIGHT + DARK) / 2)
    value, check = coded >> CHECK, coded & (1 << CHECK) - 1
    return value if check == _check(value) else None


def moment(value: int, near: float) -> float:
    """The s since 1970 that a code means: the one nearest to `near`."""
    whole = 1 << BITS
    ahead = (value - round(near * 1000)) % whole
    return near + (ahead - whole if ahead > whole // 2 else ahead) / 1000


def _check(value: int) -> int:
    """Never 0 for 0: a black picture is no code."""
    return (
        sum((value >> shift & 0xFF) * weight for shift, weight in ((0, 1), (8, 3), (16, 5), (24, 7))) + 0x5A
        & 0xFF
    )
