"""Time codes read back from pictures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.latency import timecode

_INSET = 2  # px of a cell's edge that compression smears


def stamped(luma: NDArray[np.uint8], near: float) -> float | None:
    """When a picture was taken, s since 1970; None: its code is not readable. luma: uint8 [height, width].
    near: some moment within three weeks of it."""
    strip: NDArray[Any] = luma[_INSET : timecode.ROWS - _INSET, : timecode.WIDTH]
    if strip.shape != (timecode.ROWS - 2 * _INSET, timecode.WIDTH):
        return None
    cells = strip.reshape(len(strip), -1, timecode.CELL)[:, :, _INSET:-_INSET].mean(axis=(0, 2))
    value = timecode.read(cells.tolist())
    return None if value is None else timecode.moment(value, near)
