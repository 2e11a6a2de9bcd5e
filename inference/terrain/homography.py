"""A plane seen by a camera of which nothing else is known. Pure.

Hartley and Zisserman, Multiple View Geometry (2nd ed.): normalised DLT 4.1 and 4.4, degenerate sets 4.1.3, the camera
from a plane's homography 8.5 and 8.8.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inference.terrain.adjust import Fit, fitted
from inference.terrain.lens import bent, straight
from inference.terrain.points import GroundRefused, Marks
from streams.problem import Text

Floats = NDArray[np.float64]

_MOST_CONDITION = 1e7  # of the normalised equations: beyond it a thousandth of a pixel moves the plane
# Of what a lens may be, before any point tells: 5 % at the picture's side, a wide security lens. A few points leave it
# at that, and then the ground between them is as unsure as this makes it
LENS_SIGMA = 0.05


@dataclass(frozen=True, slots=True)
class View:
    """What lies on a plane, as a camera sees it: a Model of inference.terrain.adjust with 9 parameters, 8 of the
    homography and the lens.

    view: [3, 3] of unit norm, from `frame` metres to straight relative pixels. frame: [3, 3], the similarity that
    brings the measured points about the origin.
    """

    view: Floats
    frame: Floats
    lens: float
    aspect: float

    def pixels(self, points: Floats) -> Floats:
        spot = homogeneous(points[:, :2]) @ (self.view @ self.frame).T
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = spot[:, :2] / spot[:, 2:]
        seen[spot[:, 2] <= 0] = np.nan
        return bent(seen, self.lens, self.aspect)

    def places(self, pixels: Floats, heights: Floats) -> Floats:
        del heights  # all on the plane
        return placed(self.plane, straight(pixels, self.lens, self.aspect))

    def moved(self, step: Floats) -> Self:
        # The last eight left singular vectors span what is perpendicular to the homography's nine numbers.
        across = np.linalg.svd(self.view.reshape(9, 1))[0][:, 1:]
        view = self.view + (across @ step[:8]).reshape(3, 3)
        return replace(self, view=view / np.linalg.norm(view), lens=self.lens + float(step[8]))

    @property
    def plane(self) -> Floats:
        """[3, 3] of unit norm, straight relative pixels to metres; positive third coordinate before the camera."""
        plane = np.linalg.inv(self.view @ self.frame)
        return np.asarray(plane / np.linalg.norm(plane), np.float64)


def seen(marks: Marks, lens: float = 0.0) -> Fit[View] | None:
    """The view that fits best; None where none shows all points on one side of the horizon. lens: what is
    believed of it; it is fitted too, as far as the points tell. Raises GroundRefused where the points fix no plane."""
    start = _direct(marks, lens)
    if start is None:
        return None
    return fitted(start, marks, range(9), lambda view: np.array([(view.lens - lens) / LENS_SIGMA]))


def _direct(marks: Marks, lens: float) -> View | None:
    """Normalised DLT: the least right singular vector. Raises GroundRefused where two are as small."""
    pixels, metres = straight(marks.pixels, lens, marks.aspect), marks.points[:, :2]
    one, other = _normal(metres), _normal(pixels)
    x, y = (homogeneous(metres) @ one.T), (homogeneous(pixels) @ other.T)
    nought = np.zeros_like(x)
    rows = np.concatenate(
        [
            np.concatenate([nought, -x, y[:, 1:2] * x], axis=1),
            np.concatenate([x, nought, -y[:, 0:1] * x], axis=1),
        ]
    )
    _, strength, vectors = np.linalg.svd(rows)
    if strength[7] * _MOST_CONDITION < strength[0]:
        raise GroundRefused(_ON_A_LINE)
    view = np.linalg.inv(other) @ vectors[-1].reshape(3, 3)
    depth = x @ view[2]
    view = view * np.sign(depth.sum()) / np.linalg.norm(view)
    return View(view, one, lens, marks.aspect) if (x @ view[2] > 0).all() else None


def mirrored(view: View) -> bool:
    """Whether the ground would be seen from below: with y down and east to the right of north, never."""
    return bool(np.linalg.det(view.plane) > 0)


def _normal(points: Floats) -> Floats:
    """The similarity that brings them about the origin, at a mean distance of sqrt(2)."""
    middle = points.mean(axis=0)
    scale = np.sqrt(2) / max(float(np.linalg.norm(points - middle, axis=1).mean()), 1e-12)
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])


def placed(plane: Floats, pixels: Floats) -> Floats:
    """[..., N, 2] m of straight pixels [..., N, 2] by planes [..., 3, 3]; NaN beyond their horizon."""
    spot = pixels @ plane[..., :, :2].swapaxes(-1, -2) + plane[..., None, :, 2]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        place = spot[..., :2] / spot[..., 2:]
    place[~(spot[..., 2] > 0)] = np.nan
    return np.asarray(place, np.float64)


def homogeneous(points: Floats) -> Floats:
    """[N, 3] of [N, 2]."""
    return np.concatenate([points, np.ones((len(points), 1))], axis=1)


_ON_A_LINE = Text(
    "the points lie on a line or on one spot: choose four that span the ground, no three in a row",
    "这些点几乎共线或重合：请选取能撑开地面的四个点，且任意三点不共线",
)
