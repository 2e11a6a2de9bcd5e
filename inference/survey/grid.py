"""Square cells on the ground that pictures are laid onto, north up. Pure."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inference.survey.refusal import APART, NotCompared

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """west, north: m, of the outer corner of the first cell, in a LocalFrame. cell: m, its side. width, height: cells;
    columns run east, rows south."""

    west: float
    north: float
    cell: float
    width: int
    height: int

    @classmethod
    def over(cls, bounds: Floats, cell: float, most: int) -> Self:
        """bounds: west, south, east, north, m. most: cells; the cell grows until no more are needed. Raises
        NotCompared where it would be smaller than 32 cells across."""
        west, south, east, north = (float(part) for part in bounds)
        if not min(east - west, north - south) >= 32 * cell:
            raise NotCompared(APART)
        cell = max(cell, float(np.sqrt((east - west) * (north - south) / most)))
        return cls(west, north, cell, int((east - west) / cell), int((north - south) / cell))

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    def metres(self, cells: Floats) -> Floats:
        """float64 [N, 2], east and north of cells [N, 2], column and row; the middle of the first is 0, 0."""
        return np.stack(
            [self.west + (cells[:, 0] + 0.5) * self.cell, self.north - (cells[:, 1] + 0.5) * self.cell],
            axis=1,
        )

    def cells(self, metres: Floats) -> Floats:
        """float64 [N, 2], column and row of places [N, 2]: the other way round."""
        return np.stack(
            [(metres[:, 0] - self.west) / self.cell - 0.5, (self.north - metres[:, 1]) / self.cell - 0.5],
            axis=1,
        )

    def places(self) -> Floats:
        """float64 [height x width, 2], m: the middle of every cell, row by row."""
        columns, rows = np.meshgrid(
            np.arange(self.width, dtype=np.float64), np.arange(self.height, dtype=np.float64)
        )
        return self.metres(np.stack([columns.ravel(), rows.ravel()], axis=1))
