"""The shape of the ground: heights, and what has been dug out of it or heaped on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.provingground.noise import Field, fractal, sampled
from bench.provingground.outline import Outline, signed_distance
from bench.provingground.paint import Colour
from bench.provingground.site import HALF, WATER, Site
from bench.provingground.transforms import Matrix, move, turn_x, turn_y, turn_z

Grid = NDArray[np.float64]

_SLOPES = {
    "heap": 0.70,
    "pit": 1.1,
}  # rise per m: loose sand rests at about 35 degrees, a fresh cut stands steeper


@dataclass(frozen=True, slots=True, eq=False)
class Earthwork:
    """A pit or a heap. outline: [n, 2] m. depth: m down or up at most. colour: of the bare earth."""

    kind: Literal["pit", "heap"]
    outline: Outline
    depth: float
    colour: Colour | None = None


class Ground:
    """Heights of one site. seed decides the bumps."""

    def __init__(self, site: Site, seed: int = 1, earthworks: Sequence[Earthwork] = ()) -> None:
        self.site = site
        self.seed = seed
        self.earthworks = tuple(earthworks)

    @cached_property
    def _hills(self) -> Field:
        return fractal(512, 60, self.seed + 3) - 0.5

    @cached_property
    def _bumps(self) -> Field:
        return fractal(2048, 12, self.seed + 4) - 0.5

    def height(self, x: Grid | float, y: Grid | float) -> Grid:
        """m of the ground at the places, of the shape of x."""
        across, along = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        return np.asarray(self._dug(self._natural(across, along), across, along), float)

    def _natural(self, x: Grid, y: Grid) -> Grid:
        off = self.site.off_water(x, y)
        bank = np.clip(off / 38, 0, 1)
        bed = WATER - 1.6 * np.clip(-off / 12, 0, 1)
        height = self._at(self._hills, x, y) * 1.6 * bank + bed * (1 - np.clip(off / 26, 0, 1) ** 1.3)
        rough = np.clip(1 - off / 45, 0, 1) * (off > -2)
        height = height + self._at(self._bumps, x, y) * (0.08 + 0.55 * rough)
        beside = np.clip((np.abs(y - self.site.track.at(x)) - 3) / 2, 0, 1)
        return np.asarray(height * beside + 0.12 * (1 - beside), float)

    def _dug(self, height: Grid, x: Grid, y: Grid) -> Grid:
        height = np.array(height, float)
        for work in self.earthworks:
            low, high = work.outline.min(0) - 2, work.outline.max(0) + 2
            near = (x > low[0]) & (x < high[0]) & (y > low[1]) & (y < high[1])
            if near.any():
                height[near] += self._change(work, x[near], y[near])
        return height

    def _change(self, work: Earthwork, x: Grid, y: Grid) -> Grid:
        inside = signed_distance(work.outline, x, y)
        lumps = self._at(self._bumps, x * 1.7, y * 1.7)
        step = np.minimum(np.clip(inside, 0, None) * _SLOPES[work.kind], work.depth * (1 + 0.5 * lumps))
        return np.asarray(
            (step if work.kind == "heap" else -step) + np.where(inside > 0, lumps * 0.35, 0), float
        )

    def _at(self, field: Field, x: Grid, y: Grid) -> Grid:
        scale = (field.shape[0] - 1) / (2 * HALF)
        return sampled(field, (x + HALF) * scale, (y + HALF) * scale)

    def steepness(self, x: float, y: float) -> float:
        """m between the highest and the lowest of four points 2.5 m round the place."""
        heights = self.height(x + np.array([2.5, -2.5, 0, 0]), y + np.array([0, 0, 2.5, -2.5]))
        return float(np.ptp(heights))

    def worked(self, x: float, y: float, margin: float) -> bool:
        """Is the place within `margin` m of a pit or a heap, or in it?"""
        here = np.array([x]), np.array([y])
        return any(float(signed_distance(work.outline, *here)[0]) > -margin for work in self.earthworks)

    def stand(self, x: float, y: float, yaw: float, size: float = 1.0) -> Matrix:
        """Where a machine of four wheels stands, 6 m by 2.2 m between them: its frame in the world."""
        ahead, left = np.array([3, 3, -3, -3.0]) * size, np.array([1.1, -1.1, 1.1, -1.1]) * size
        cos, sin = math.cos(yaw), math.sin(yaw)
        z = self.height(x + ahead * cos - left * sin, y + ahead * sin + left * cos)
        pitch = math.atan2((z[0] + z[1] - z[2] - z[3]) / 2, 6 * size)
        roll = math.atan2((z[0] + z[2] - z[1] - z[3]) / 2, 2.2 * size)
        level = max(float(np.mean(z)), WATER) + 0.02
        return move(x, y, level) @ turn_z(yaw) @ turn_y(-pitch) @ turn_x(roll)
