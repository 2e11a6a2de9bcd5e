"""Where a camera stands and looks, from points it sees. Pure."""

import math

import numpy as np
from numpy.typing import NDArray

from inference.terrain.adjust import Fit, fitted
from inference.terrain.homography import LENS_SIGMA
from inference.terrain.points import Marks
from inference.terrain.posed import PosedCamera, turned

Floats = NDArray[np.float64]

_FIELDS = (6.0, 12.0, 20.0, 32.0, 48.0, 65.0, 85.0, 105.0)  # degrees, from a long lens to a fisheye's edge
# Half the width of a usual camera's picture at 1 m, and what factor others differ by, 1 sigma: points seen from far
# above fix the ratio of height and focal length, and neither of them
_USUAL, _FACTOR = 0.41, math.log(2.0)
# Degrees: from the horizon to straight down
_PITCHES = (-2.0, -5.0, -10.0, -18.0, -30.0, -45.0, -65.0, -85.0)
_LONGEST = 1e-4  # 1 / f^2 in half widths: a field of view of 1 degree
SEARCHES = 3  # of them that are followed: the nearest at first need not be the best in the end


def resected(
    marks: Marks, lens: float = 0.0, near: PosedCamera | None = None, searches: int = SEARCHES
) -> Fit[PosedCamera] | None:
    """The pose that fits best, from 4 points on (8 equations for 7 unknowns, with the field of view). lens: what is
    believed of it; it is fitted too. near: a pose to begin at, where one is known.
    searches: how many others are begun at, where not. None where no search arrives."""

    def belief(camera: PosedCamera) -> Floats:
        length = math.log(math.tan(math.radians(camera.hfov) / 2) / _USUAL) / _FACTOR
        return np.array([length, (camera.lens - lens) / LENS_SIGMA])

    starts = _starts(marks, lens)[:searches] if near is None else [near]
    found = [fit for start in starts if (fit := fitted(start, marks, range(8), belief)) is not None]
    return min(found, key=lambda fit: fit.chi2, default=None)


def _starts(marks: Marks, lens: float) -> list[PosedCamera]:
    """Upright cameras with each field of view and pitch, the best first."""
    tried = [_upright(marks, lens, field, pitch) for field in _FIELDS for pitch in _PITCHES]
    return sorted(tried, key=lambda camera: _misfit(camera, marks))


def _upright(marks: Marks, lens: float, field: float, pitch: float) -> PosedCamera:
    """Which way it heads and where it stands: each ray must meet its point. That is linear in the cosine and sine of
    the heading and in the place, as if the points lay level; their heights then shift the place."""
    level = turned(0, pitch, 0)
    crossing = _crossing(PosedCamera((0.0, 0.0, 0.0), level, field, marks.aspect, lens).rays(marks.pixels))
    middle = marks.points.mean(axis=0) * [1, 1, 0]
    points = marks.points - middle
    back = _heading(points, crossing)  # turns the world until the camera looks north
    shift = np.linalg.lstsq(
        crossing.reshape(-1, 3), (crossing @ (points @ back.T)[:, :, None]).ravel(), rcond=None
    )[0]
    place, turn = back.T @ shift + middle, back.T @ level
    pivot = max(float((marks.points.mean(axis=0) - place) @ turn[:, 2]), 0.0)
    east, north, up = place.tolist()
    return PosedCamera((east, north, up), turn, field, marks.aspect, lens, pivot)


def _heading(points: Floats, crossing: Floats) -> Floats:
    """[3, 3]: a turn about the vertical."""
    east, north, nought = points[:, 0], points[:, 1], np.zeros(len(points))
    along = np.stack([np.stack([east, north, nought], 1), np.stack([-north, east, nought], 1)], axis=2)
    rows = np.concatenate([crossing @ along, -crossing], axis=2).reshape(-1, 5)
    cosine, sine, _, _, up = np.linalg.svd(rows)[2][-1]
    cosine, sine = np.array([cosine, sine]) / math.hypot(cosine, sine) * (1 if up > 0 else -1)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def _crossing(rays: Floats) -> Floats:
    """[N, 3, 3]: the cross product with each ray as a matrix."""
    x, y, z = rays.T
    nought = np.zeros_like(x)
    return np.stack([nought, -z, y, z, nought, -x, -y, x, nought], axis=1).reshape(-1, 3, 3)


def _misfit(camera: PosedCamera, marks: Marks) -> float:
    off = np.linalg.norm(camera.pixels(marks.points) - marks.pixels, axis=1).mean()
    return float(off) if np.isfinite(off) else math.inf


def posed(view: Floats, hfov: float, aspect: float, lens: float = 0.0) -> PosedCamera:
    """The camera with that field of view whose picture of the plane at height 0 comes nearest to `view` (metres to
    straight relative pixels): its rotation is the nearest to what the homography's columns say."""
    wide = 2 * math.tan(math.radians(hfov) / 2)
    rays = np.diag([wide, wide / aspect, 1.0]) @ np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    columns = rays @ view
    columns = columns / np.linalg.norm(columns[:, :2], axis=0).mean()
    across = np.cross(columns[:, 0], columns[:, 1])
    left, _, right = np.linalg.svd(np.stack([columns[:, 0], columns[:, 1], across], axis=1))
    turn = np.asarray((left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right).T, np.float64)
    east, north, up = (-turn @ columns[:, 2]).tolist()
    return PosedCamera((east, north, up), turn, hfov, aspect, lens)


def field_of_view(view: Floats, aspect: float) -> float | None:
    """Degrees that a plane's homography implies for square pixels and an optical axis through the middle (Hartley,
    Zisserman 8.8); None where it implies none: seen straight down, any fits."""
    centred = np.diag([2.0, 2.0 / aspect, 1.0]) @ np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]]) @ view
    (a, b, _), (c, d, _), (e, f, _) = centred
    # Columns that are perpendicular, and of one length, once divided by the focal length f: two equations for 1/f^2.
    left = np.array([a * b + c * d, a * a + c * c - b * b - d * d])
    right = -np.array([e * f, e * e - f * f])
    if left @ left == 0:
        return None
    inverse = float(left @ right / (left @ left))
    return 2 * math.degrees(math.atan(math.sqrt(inverse))) if inverse > _LONGEST else None
