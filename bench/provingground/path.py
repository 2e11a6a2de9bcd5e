"""Ways over the ground, and how far along them something is at a time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]

_STEP = 0.25  # m between the points of a smoothed way
_ROUND = 12  # steps to either side over which corners are rounded
_HALF_WHEELBASE = 2.5  # m; a lorry points from its rear axle to its front axle


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A smooth way. points: [n, 2] m, 0.25 m apart."""

    points: Line

    @staticmethod
    def through(corners: Sequence[tuple[float, float]]) -> "Path":
        knots = np.array(corners, float)
        run = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(knots, axis=0).T))])
        steps = np.arange(0, run[-1], _STEP)
        width = 2 * _ROUND + 1
        smooth = [
            np.convolve(
                np.pad(np.interp(steps, run, knots[:, axis]), _ROUND, mode="edge"),
                np.ones(width) / width,
                "valid",
            )
            for axis in (0, 1)
        ]
        return Path(np.stack(smooth, -1))

    @property
    def length(self) -> float:
        return (len(self.points) - 1) * _STEP

    def at(self, way: float) -> tuple[float, float]:
        place = np.clip(way / _STEP, 0, len(self.points) - 1)
        steps = np.arange(len(self.points))
        return float(np.interp(place, steps, self.points[:, 0])), float(
            np.interp(place, steps, self.points[:, 1])
        )

    def heading(self, way: float) -> float:
        """Radians, east is 0, north is pi / 2."""
        way = min(max(way, _HALF_WHEELBASE), self.length - _HALF_WHEELBASE)
        (x1, y1), (x2, y2) = self.at(way - _HALF_WHEELBASE), self.at(way + _HALF_WHEELBASE)
        return math.atan2(y2 - y1, x2 - x1)

    def nearest(self, x: float, y: float) -> float:
        """m along the way to the point nearest to x, y."""
        return float(np.argmin(np.hypot(self.points[:, 0] - x, self.points[:, 1] - y))) * _STEP


@dataclass(frozen=True, slots=True)
class Leg:
    """From `start` to `end` (s), `first` to `last` (m along a way); speeding up for a share of the time, and braking."""

    start: float
    end: float
    first: float
    last: float
    speeding: float = 0.0
    braking: float = 0.0

    def at(self, time: float) -> float:
        share = min(1.0, max(0.0, (time - self.start) / (self.end - self.start)))
        return self.first + (self.last - self.first) * _trapezoid(share, self.speeding, self.braking)


def travelled(legs: Sequence[Leg], time: float) -> float:
    """m along the way; between two legs it stands where the first one ended."""
    way = legs[0].first
    for leg in legs:
        if time >= leg.start:
            way = leg.at(time)
    return way


def _trapezoid(share: float, speeding: float, braking: float) -> float:
    """Way (0 to 1) after a share of the time, of a speed that rises, holds, and falls."""
    whole = 1 - speeding / 2 - braking / 2
    if share < speeding:
        return share**2 / (2 * speeding) / whole
    if share <= 1 - braking:
        return (share - speeding / 2) / whole
    return 1 - (1 - share) ** 2 / (2 * braking) / whole
