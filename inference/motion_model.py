"""Where objects will be: a constant-velocity Kalman filter over many boxes at once.

The centre moves with a constant velocity, the extent (width, height) is a random walk. Noise is isotropic
and grows with the box, so the covariance of x and of y is the same 2x2 matrix and the filter has a closed
form: no matrix is ever inverted. Process noise is white acceleration in continuous time (Bar-Shalom,
Estimation with Applications to Tracking and Navigation, 6.2): two steps of 0.1 s end where one of 0.2 s
does, which matters because the analysed rate changes between 2 and 10 Hz.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inference.columns import Columns

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

# All lengths below are in sizes: the mean of a box's width and height.
_JITTER = 0.05  # a detector's box edge wobbles by about a twentieth (the figure of ByteTrack)
_JITTER_PX = 1.0  # and never less than the pixel grid
_ACCELERATION = 0.5  # sizes/s per sqrt(s): a 10 m lorry brakes or pulls away with 1 to 3 m/s2
_FIRST_SPEED = 4.0  # sizes/s, 1 sigma, of something just found: a lorry on a motorway, seen from afar
_GROWTH = 0.2  # sizes per sqrt(s): driving towards the camera
_REACH_SIGMAS = 2.0
_REACH_SIZES = 1.5  # beyond this a match would be a guess, however uncertain the prediction


@dataclass(slots=True)
class Motion(Columns):
    """N boxes in motion.

    centre, velocity, extent: float64 [N, 2], px, px/s, px.
    spread: float64 [N, 3], per axis: variance of the centre (px2), its covariance with the velocity (px2/s),
        variance of the velocity (px2/s2).
    extent_spread: float64 [N], variance of width and of height (px2).
    """

    centre: Floats
    velocity: Floats
    extent: Floats
    spread: Floats
    extent_spread: Floats

    @classmethod
    def born(cls, boxes: Floats) -> Self:
        """Seen once: place known, velocity not. boxes: float64 [N, 4], x1 y1 x2 y2, positive areas."""
        extent = boxes[:, 2:] - boxes[:, :2]
        size = extent.mean(axis=1)
        noise = _measurement(size)
        spread = np.stack((noise, np.zeros_like(noise), (_FIRST_SPEED * size) ** 2), axis=1)
        return cls((boxes[:, :2] + boxes[:, 2:]) / 2, np.zeros_like(extent), extent, spread, noise.copy())

    def predict(self, step: float) -> None:
        """Move on by `step` seconds (>= 0)."""
        self.centre += self.velocity * step
        area = self.size**2
        acceleration = area * _ACCELERATION**2
        place, both, speed = self.spread.T
        place += step * (2 * both + step * speed) + acceleration * (step**3 / 3)
        both += step * speed + acceleration * (step**2 / 2)
        speed += acceleration * step
        self.extent_spread += area * (_GROWTH**2 * step)

    def correct(self, rows: Rows, boxes: Floats) -> None:
        """Take in what was seen: boxes float64 [K, 4] of the (distinct) rows [K]."""
        noise = _measurement(self.size[rows])
        place, both, speed = self.spread[rows].T
        gain, turn = place / (place + noise), both / (place + noise)
        error = (boxes[:, :2] + boxes[:, 2:]) / 2 - self.centre[rows]
        self.centre[rows] += gain[:, None] * error
        self.velocity[rows] += turn[:, None] * error
        self.spread[rows] = np.stack(((1 - gain) * place, (1 - gain) * both, speed - turn * both), axis=1)
        self._correct_extent(rows, boxes[:, 2:] - boxes[:, :2], noise)

    def _correct_extent(self, rows: Rows, extent: Floats, noise: Floats) -> None:
        wide = self.extent_spread[rows]
        gain = wide / (wide + noise)
        self.extent[rows] += gain[:, None] * (extent - self.extent[rows])
        self.extent_spread[rows] = (1 - gain) * wide

    def halt(self) -> None:
        """Forget the velocities, as if every box had just been found where it is."""
        noise = _measurement(self.size)
        self.velocity[:] = 0
        self.spread[:] = np.stack((noise, np.zeros_like(noise), (_FIRST_SPEED * self.size) ** 2), axis=1)

    @property
    def size(self) -> Floats:
        """float64 [N], px: the mean of width and height."""
        return (self.extent[:, 0] + self.extent[:, 1]) / 2

    @property
    def pace(self) -> Floats:
        """float64 [N]: speed in sizes per second."""
        return np.hypot(self.velocity[:, 0], self.velocity[:, 1]) / self.size

    @property
    def reach(self) -> Floats:
        """float64 [N], px: how far off the predicted place the object may well be."""
        return np.minimum(_REACH_SIGMAS * np.sqrt(self.spread[:, 0]), _REACH_SIZES * self.size)

    def boxes(self) -> Floats:
        """float64 [N, 4], x1 y1 x2 y2 in px."""
        half = self.extent / 2
        return np.concatenate((self.centre - half, self.centre + half), axis=1)


def _measurement(size: Floats) -> Floats:
    """Variance (px2) of a detected centre or extent."""
    return (_JITTER * size + _JITTER_PX) ** 2
