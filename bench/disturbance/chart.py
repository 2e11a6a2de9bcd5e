"""A map of heights as a survey drone makes one, a little wrong everywhere, as a Surface. Pure."""

import numpy as np

from bench.provingground.ground import Ground
from inference.terrain.sight import Floats

CELL = 5.0  # m
_REACH = 300.0  # m from the site's middle
_WRONG = 0.2  # m, standard deviation of a cell: photogrammetry with a few ground points


class Chart:
    """Of a site before anything was dug."""

    def __init__(self, ground: Ground, chance: np.random.Generator) -> None:
        ticks = np.arange(-_REACH, _REACH + CELL, CELL)
        x, y = np.meshgrid(ticks, ticks)
        heights = ground.height(x, y)
        self._heights = heights + chance.normal(0, _WRONG, heights.shape)

    @property
    def bounds(self) -> tuple[float, float]:
        return float(self._heights.min()), float(self._heights.max())

    @property
    def cell(self) -> float:
        return CELL

    def height(self, metres: Floats) -> Floats:
        """[N], between the cells; NaN beyond the map."""
        cells = (metres + _REACH) / CELL
        inside = ((cells >= 0) & (cells < len(self._heights) - 1)).all(axis=1)
        found = np.full(len(metres), np.nan)
        first = np.floor(cells[inside]).astype(int)
        (right, up), (col, row) = (cells[inside] - first).T, first.T
        below = self._heights[row, col] * (1 - right) + self._heights[row, col + 1] * right
        above = self._heights[row + 1, col] * (1 - right) + self._heights[row + 1, col + 1] * right
        found[inside] = below * (1 - up) + above * up
        return found
