"""From picture to ground: a homography fitted to known points, and how fast and where things go on it. Pure.

Pixels are relative (x, y from 0 to 1 of the picture, y down), the ground is a plane in metres east and north of a
point the site chooses. Hartley and Zisserman, Multiple View Geometry (2nd ed.): normalised DLT 4.1 and 4.4,
degenerate sets 4.1.3, covariance of a transferred point 5.2.6.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import NDArray

from streams.problem import Text

Floats = NDArray[np.float64]

_WINDOW = 1.5  # s that speed is taken over: a lorry at 10 m/s goes its own length, and hardly turns
_LEAST_SPAN = 0.5  # s: over less, a pixel of jitter is a speed
_MOST_SIGHTINGS = 32  # in the window: 20 pictures per second
_LEAST_TRIANGLE = 1e-3  # of the set's own extent squared: points nearer to a line fix no plane
_MOST_CONDITION = 1e7  # of the normalised equations: beyond it a thousandth of a pixel moves the plane
# of the points' own extent in metres, root mean square: a pair that was mixed up gives more
_MOST_RESIDUAL = 0.02
_HORIZON = 0.05  # of the best point's depth: nearer to the horizon a pixel spans hundreds of metres
_STANDING = 2.0  # sigmas of speed: below, a direction would be noise


class GroundRefused(ValueError):
    """These pairs fix no ground. `text` says why, for the technician."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Pair:
    """One point seen and measured. pixel: x, y relative 0-1. metres: east, north."""

    pixel: tuple[float, float]
    metres: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ground:
    """plane: float64 [3, 3], relative pixels to metres, homogeneous; positive third coordinate in front of the camera.
    residuals: float64 [N], m, of each pair. depth: third coordinate of the farthest pair, and of the nearest."""

    plane: Floats
    residuals: Floats
    depth: tuple[float, float]

    @classmethod
    def fitted(cls, pairs: Sequence[Pair]) -> Self:
        """From four pairs on; from five on the residuals tell a mistake. Raises GroundRefused."""
        pixels = np.array([pair.pixel for pair in pairs], np.float64).reshape(-1, 2)
        metres = np.array([pair.metres for pair in pairs], np.float64).reshape(-1, 2)
        _check(pixels, metres)
        plane = _solved(pixels, metres)
        depths = _homogeneous(pixels) @ plane[2]
        plane, depths = (plane, depths) if depths.sum() > 0 else (-plane, -depths)
        if (depths <= 0).any():
            raise GroundRefused(_HORIZON_BETWEEN)
        far, near = float(depths.min()), float(depths.max())
        found = cls(plane, np.zeros(0), (far, near))
        residuals = np.linalg.norm(found.metres(pixels) - metres, axis=1)
        if np.sqrt((residuals**2).mean()) > _MOST_RESIDUAL * _extent(metres):
            raise GroundRefused(_unlike(residuals))
        return cls(plane, residuals, (far, near))

    def metres(self, pixels: Floats) -> Floats:
        """float64 [N, 2], east and north of pixels [N, 2]; NaN at and beyond the horizon, where there is no ground."""
        spot = _homogeneous(pixels) @ self.plane.T
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            place = spot[:, :2] / spot[:, 2:]
        place[spot[:, 2] < _HORIZON * self.depth[0]] = np.nan
        return np.asarray(place, np.float64)

    def pixels(self, metres: Floats) -> Floats:
        """float64 [N, 2], relative pixels of points on the ground; NaN for what lies behind the camera."""
        spot = _homogeneous(metres) @ np.linalg.inv(self.plane).T
        with np.errstate(divide="ignore", invalid="ignore"):
            place = spot[:, :2] / spot[:, 2:]
        place[spot[:, 2] <= 0] = np.nan
        return np.asarray(place, np.float64)

    def slopes(self, pixels: Floats) -> Floats:
        """float64 [N, 2, 2], m per picture width and height: how east and north (rows) change with x and y, where
        `metres` has a place."""
        spot = _homogeneous(pixels) @ self.plane.T
        place = spot[:, :2] / spot[:, 2:]
        flat = self.plane[None, :2, :2] - place[:, :, None] * self.plane[None, 2:, :2]
        return np.asarray(flat / spot[:, 2, None, None], np.float64)

    def spread(self, pixels: Floats, noise: Floats) -> Floats:
        """float64 [N, 2, 2], m2: covariance of the places, from the noise (1 sigma, relative, [N, 2]) of x and y."""
        scaled = self.slopes(pixels) * noise[:, None, :]
        return np.asarray(scaled @ scaled.transpose(0, 2, 1), np.float64)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a thing is on the ground and where it goes; sigmas are 1 standard deviation.

    The errors of the sightings are taken as independent; a detector's wobble that lasts makes them larger.
    place: m east and north. speed: m/s. heading: degrees clockwise from north, 0 to 360; None while it stands
    (its speed is below twice its sigma), where a direction would be noise.
    """

    place: tuple[float, float]
    place_sigma: float
    speed: float
    speed_sigma: float
    heading: float | None
    heading_sigma: float | None


class Courses:
    """The courses of many tracks over one calibrated ground. One thread; its only clock is `time`."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._seen: dict[int, deque[tuple[float, Floats, Floats]]] = {}

    def update(
        self, ids: Sequence[int], feet: Floats, noise: Floats, seen: Sequence[bool], time: float
    ) -> dict[int, Course]:
        """After one picture: the course of each track that has one by now.

        ids: of every track there is; others are forgotten. feet: float64 [N, 2], relative pixels where each meets
        the ground. noise: [N, 2], 1 sigma of them. seen: only these are taken in. time: s; what it saw later than
        that (a clock set back) is forgotten.
        """
        places = self._ground.metres(feet)
        near = np.isfinite(places).all(axis=1)
        spreads = np.zeros((len(feet), 2, 2))
        spreads[near] = self._ground.spread(feet[near], noise[near])
        self._seen = {each: self._recent(each, time) for each in ids}
        for each, place, spread, fresh in zip(
            ids, places, spreads, near & np.asarray(seen, bool), strict=True
        ):
            if fresh:
                self._seen[each].append((time, place, spread))
        courses = {each: _course(self._seen[each], time) for each in ids}
        return {each: course for each, course in courses.items() if course is not None}

    def _recent(self, each: int, time: float) -> deque[tuple[float, Floats, Floats]]:
        kept = (one for one in self._seen.get(each, ()) if 0 <= time - one[0] <= _WINDOW)
        return deque(kept, maxlen=_MOST_SIGHTINGS)


def _course(seen: Sequence[tuple[float, Floats, Floats]], time: float) -> Course | None:
    """A straight line at constant speed through the window, weighted (Bar-Shalom, Estimation, 3.4)."""
    if len(seen) < 3 or seen[-1][0] - seen[0][0] < _LEAST_SPAN:
        return None
    information, pull = np.zeros((4, 4)), np.zeros(4)
    for moment, place, spread in seen:
        weight = np.linalg.inv(spread + 1e-6 * np.eye(2))  # a millimetre: keeps an exact sighting invertible
        line = np.kron([1.0, moment - time], np.eye(2))
        information += line.T @ weight @ line
        pull += line.T @ weight @ place
    covariance = np.asarray(np.linalg.inv(information), np.float64)
    state: Floats = covariance @ pull
    return _said(state, covariance)


def _said(state: Floats, covariance: Floats) -> Course:
    velocity, spread = state[2:], covariance[2:, 2:]
    speed = float(np.hypot(*velocity))
    along = velocity / speed if speed > 0 else np.array([1.0, 0.0])
    across = np.array([-along[1], along[0]])
    sigma = float(np.sqrt(along @ spread @ along))
    moving = speed > _STANDING * sigma
    heading = float(np.degrees(np.arctan2(velocity[0], velocity[1]))) % 360
    turn = float(np.degrees(np.arctan2(np.sqrt(across @ spread @ across), speed)))
    return Course(
        place=(float(state[0]), float(state[1])),
        place_sigma=float(np.sqrt(np.linalg.eigvalsh(covariance[:2, :2])[-1])),
        speed=speed,
        speed_sigma=sigma,
        heading=heading if moving else None,
        heading_sigma=turn if moving else None,
    )


def _check(pixels: Floats, metres: Floats) -> None:
    if len(pixels) < 4:
        raise GroundRefused(_few(len(pixels)))
    if not (np.isfinite(pixels).all() and np.isfinite(metres).all()):
        raise GroundRefused(_NO_NUMBER)
    if not (_spans(pixels) and _spans(metres)):
        raise GroundRefused(_ON_A_LINE)


def _spans(points: Floats) -> bool:
    """Whether four of them have no three near one line: only such sets fix a homography."""
    corners = np.array(list(combinations(range(min(len(points), 12)), 4)))
    four = points[corners]
    areas = [np.abs(_doubled(four[:, a], four[:, b], four[:, c])) for a, b, c in combinations(range(4), 3)]
    return bool(np.min(areas, axis=0).max() > _LEAST_TRIANGLE * _extent(points) ** 2)


def _doubled(a: Floats, b: Floats, c: Floats) -> Floats:
    """Twice the area of the triangles."""
    ab, ac = b - a, c - a
    return np.asarray(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0], np.float64)


def _solved(pixels: Floats, metres: Floats) -> Floats:
    """Normalised DLT: the least right singular vector, of unit norm. Raises GroundRefused where two are as small."""
    one, other = _normal(pixels), _normal(metres)
    x, y = (_homogeneous(pixels) @ one.T), (_homogeneous(metres) @ other.T)
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
    plane = np.linalg.inv(other) @ vectors[-1].reshape(3, 3) @ one
    return np.asarray(plane / np.linalg.norm(plane), np.float64)


def _normal(points: Floats) -> Floats:
    """The similarity that brings them about the origin, at a mean distance of sqrt(2)."""
    middle = points.mean(axis=0)
    scale = np.sqrt(2) / max(float(np.linalg.norm(points - middle, axis=1).mean()), 1e-12)
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])


def _homogeneous(points: Floats) -> Floats:
    return np.concatenate([points, np.ones((len(points), 1))], axis=1)


def _extent(points: Floats) -> float:
    return float(np.linalg.norm(points.max(axis=0) - points.min(axis=0)))


_NO_NUMBER = Text("a coordinate is not a number", "有坐标不是有效数字")
_ON_A_LINE = Text(
    "the points lie on a line or on one spot: choose four that span the ground, no three in a row",
    "这些点几乎共线或重合：请选取能撑开地面的四个点，且任意三点不共线",
)
_HORIZON_BETWEEN = Text(
    "the horizon would run between the points: two pairs are mixed up, or a point is not on the ground",
    "地平线会穿过这些点之间：可能有点对弄混，或有点不在地面上",
)


def _few(count: int) -> Text:
    return Text(f"needs at least 4 pairs, has {count}", f"至少需要4个点对，现有{count}个")


def _unlike(residuals: Floats) -> Text:
    worst = int(residuals.argmax())
    return Text(
        f"the pairs do not fit one plane: pair {worst + 1} is {residuals[worst]:.1f} m off; measure it again",
        f"这些点对不在同一平面上：第{worst + 1}个点对偏差 {residuals[worst]:.1f} 米，请重新测量",
    )
