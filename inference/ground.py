"""From picture to ground where it is flat: a plane fitted to known points, and how sure each place on it is. Pure.

Pixels are relative (x, y from 0 to 1 of the picture, y down), the ground is a plane in metres east and north of the
site's origin. Hartley and Zisserman, Multiple View Geometry (2nd ed.): covariance of a transferred point 5.2.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inference.terrain.adjust import Fit
from inference.terrain.consensus import agreed
from inference.terrain.homography import View, homogeneous, mirrored, placed, seen
from inference.terrain.lens import bent, straight, stretch
from inference.terrain.points import NOISE_PX, GroundRefused, Marks, Pair, marks
from inference.terrain.posed import PosedCamera, drawn
from streams.problem import Text

__all__ = ["Ground", "GroundRefused", "Pair"]

Floats = NDArray[np.float64]

_HORIZON = 0.05  # of the best point's depth: nearer to the horizon a pixel spans hundreds of metres


@dataclass(frozen=True, slots=True)
class Ground:
    """A Sight, and what speeds are measured on.

    plane: float64 [3, 3], straight relative pixels to metres, homogeneous; positive third coordinate in front of the
    camera. residuals: float64 [N], m, of each pair. depth: third coordinate of the farthest pair, and of the nearest.
    lens, aspect: as inference.terrain.lens has them. marks: [N, 2] m, where the pairs lie. planes [K, 3, 3] and lenses
    [K]: others that are as likely, given the errors of the pairs.
    """

    plane: Floats
    residuals: Floats
    depth: tuple[float, float]
    lens: float = 0.0
    aspect: float = 16 / 9
    marks: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    planes: Floats = field(default_factory=lambda: np.zeros((0, 3, 3)))
    lenses: Floats = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def fitted(cls, pairs: Sequence[Pair], aspect: float = 16 / 9, noise_px: float = NOISE_PX) -> Self:
        """From four pairs on; from five on the residuals tell a mistake. Their heights are ignored. aspect: of the
        picture, width by height. noise_px: 1 sigma of a pixel, in px of a picture 1920 wide. Raises GroundRefused."""
        found = marks(pairs, aspect, noise_px)
        return cls.of(plane_fit(found), found)

    @classmethod
    def of(cls, fit: Fit[View], found: Marks) -> Self:
        views = drawn(fit.model, fit.covariance)
        planes, lenses = np.stack([view.plane for view in views]), np.array([view.lens for view in views])
        return cls._laid(fit.model.plane, fit.model.lens, found, planes, lenses)

    @classmethod
    def under(cls, fit: Fit[PosedCamera], found: Marks, level: float) -> Self:
        """The level plane at that height (m) below a camera whose pose was solved."""
        cameras = drawn(fit.model, fit.covariance)
        planes = np.stack([camera.plane(level) for camera in cameras])
        lenses = np.array([camera.lens for camera in cameras])
        return cls._laid(fit.model.plane(level), fit.model.lens, found, planes, lenses)

    @classmethod
    def _laid(cls, plane: Floats, lens: float, found: Marks, planes: Floats, lenses: Floats) -> Self:
        metres = found.points[:, :2]
        depths = homogeneous(straight(found.pixels, lens, found.aspect)) @ plane[2]
        span = float(depths.min()), float(depths.max())
        bare = cls(plane, np.zeros(0), span, lens, found.aspect, metres, planes, lenses)
        residuals = np.linalg.norm(bare.metres(found.pixels) - metres, axis=1)
        return cls(plane, residuals, span, lens, found.aspect, metres, planes, lenses)

    def metres(self, pixels: Floats) -> Floats:
        """float64 [N, 2], east and north of pixels [N, 2]; NaN at and beyond the horizon, where there is no ground."""
        at = straight(pixels, self.lens, self.aspect)
        place = placed(self.plane, at)
        place[~(homogeneous(at) @ self.plane[2] >= _HORIZON * self.depth[0])] = np.nan
        return place

    def draws(self, pixels: Floats) -> Floats:
        """float64 [K, N, 2], as a Sight gives them; NaN where a draw has its horizon below the pixel."""
        return placed(self.planes, straight(pixels, self.lenses[:, None], self.aspect))

    def pixels(self, metres: Floats) -> Floats:
        """float64 [N, 2], relative pixels of points on the ground; NaN for what lies behind the camera."""
        view = np.asarray(np.linalg.inv(self.plane), np.float64)
        return bent(placed(view, metres), self.lens, self.aspect)

    def slopes(self, pixels: Floats) -> Floats:
        """float64 [N, 2, 2], m per picture width and height: how east and north (rows) change with x and y, where
        `metres` has a place."""
        spot = homogeneous(straight(pixels, self.lens, self.aspect)) @ self.plane.T
        place = spot[:, :2] / spot[:, 2:]
        flat = self.plane[None, :2, :2] - place[:, :, None] * self.plane[None, 2:, :2]
        return np.asarray(flat / spot[:, 2, None, None] @ stretch(pixels, self.lens, self.aspect), np.float64)

    def spread(self, pixels: Floats, noise: Floats) -> Floats:
        """float64 [N, 2, 2], m2: covariance of the places, from the noise (1 sigma, relative, [N, 2]) of x and y."""
        scaled = self.slopes(pixels) * noise[:, None, :]
        return np.asarray(scaled @ scaled.transpose(0, 2, 1), np.float64)


def plane_fit(found: Marks) -> Fit[View]:
    """Raises GroundRefused."""
    fit = agreed(seen, found)
    if mirrored(fit.model):
        raise GroundRefused(_MIRRORED)
    return fit


_MIRRORED = Text(
    "the points are mirrored: left and right are exchanged, or east and north",
    "点位左右镜像：可能左右写反，或东、北坐标写反",
)
