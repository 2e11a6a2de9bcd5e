"""Smooth random fields."""

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def fractal(size: int, cell: float, seed: int, octaves: int = 4) -> Field:
    """float32 [size, size], about 0 to 1. cell: px of the coarsest lumps; each octave halves them and their weight."""
    noise = np.random.default_rng(seed)
    field = np.zeros((size, size), np.float32)
    weight, total = 1.0, 0.0
    for octave in range(octaves):
        lumps = max(2, round(size * 2**octave / cell) + 3)
        if lumps > size:
            break
        grid = noise.random((lumps, lumps), np.float32)
        field += weight * cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
        total += weight
        weight *= 0.5
    return np.asarray(field / total, np.float32)


def sampled(field: Field, across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bilinear values at fractional columns and rows, clamped to the field; of the shape of `across`."""
    height, width = field.shape
    x, y = np.clip(across, 0, width - 1.001), np.clip(down, 0, height - 1.001)
    col, row = x.astype(int), y.astype(int)
    u, v = x - col, y - row
    top = field[row, col] * (1 - u) + field[row, col + 1] * u
    bottom = field[row + 1, col] * (1 - u) + field[row + 1, col + 1] * u
    return np.asarray(top * (1 - v) + bottom * v, float)
