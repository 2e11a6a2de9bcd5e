"""Where there is open ground in a view."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.provingground.season.basis import Basis

_APART = 5.0  # m between the places that are tried
_CLEAR = 0.93  # share of a place's pixels that must show bare ground


@dataclass(frozen=True, slots=True)
class Spot:
    """x, y: m. distance: m along the line of sight."""

    x: float
    y: float
    distance: float

    @property
    def place(self) -> tuple[float, float]:
        return self.x, self.y


def spots(basis: Basis, radius: float) -> list[Spot]:
    """Places with open ground `radius` m round them, wholly in the picture, off water and tracks; nearest first."""
    site = basis.ground.site
    x, y = (each.ravel() for each in np.meshgrid(*2 * [np.arange(-240, 240, _APART)]))
    off_track = np.abs(y - site.track.at(x)) >= radius + 5
    free = off_track & (site.off_water(x, y) >= radius + 3)
    middles = np.column_stack([x[free], y[free]])
    points = _round(middles, radius)
    heights = basis.ground.height(points[..., 0], points[..., 1])
    seen = np.dstack([points, heights])
    away = np.linalg.norm(seen.mean(1) - basis.camera.place, axis=1)
    found = [
        Spot(float(east), float(north), float(distance))
        for (east, north), distance, open_ in zip(middles, away, _open(basis, seen), strict=True)
        if open_
    ]
    return sorted(found, key=lambda spot: spot.distance)


def nearest(found: list[Spot], distance: float) -> Spot:
    """The spot whose distance is closest to the one wanted. ValueError: there are none."""
    if not found:
        raise ValueError("this view has no open ground of that size")
    return min(found, key=lambda spot: abs(spot.distance - distance))


def _round(middles: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """[n, 73, 2] points in and on the circles round the middles [n, 2]."""
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    spread = np.concatenate([np.zeros((1, 2)), *(radius * share * ring for share in (0.2, 0.6, 1.0))])
    return np.asarray(middles[:, None] + spread[None])


def _open(basis: Basis, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[n] whether the camera sees bare ground at nearly all of each place's points [n, k, 3]."""
    count, each = points.shape[:2]
    pixels, depth = basis.camera.project(points.reshape(-1, 3))
    width, height = basis.camera.size
    inside = (depth > 5) & (pixels > 2).all(1) & (pixels[:, 0] < width - 3) & (pixels[:, 1] < height - 3)
    cols, rows = np.where(inside[:, None], pixels, 0).astype(int).T
    hidden = basis.depth[rows, cols] < depth - 1.5 - 0.01 * depth
    shown = (basis.bare[rows, cols] & ~hidden).reshape(count, each).mean(1) >= _CLEAR
    return np.asarray(inside.reshape(count, each).all(1) & shown)
