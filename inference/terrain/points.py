"""Points of the ground, seen in a picture and measured outside: what they must be before anything is fitted to them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.problem import Text

Floats = NDArray[np.float64]

NOISE_PX = 2.0  # 1 sigma of a point clicked in a picture 1920 wide: a kerb or a post is no sharper than that
SIGMA_M = (
    0.5  # m, 1 sigma of a point measured by hand-held RTK on uneven ground, or read off a good orthophoto
)
WIDTH = 1920.0  # px that noise in pixels counts on, whatever the camera's resolution
_LEAST_TRIANGLE = 1e-3  # of the set's own extent squared: points nearer to a line fix no plane
_SAME_PIXEL, _SAME_PLACE = 1e-3, 0.01  # of the width: 2 px; m. Nearer, two points are one
_NEAR = 20_000.0  # m: no mast sees its ground from farther
_DEGREE = 111_195.0  # m of one degree of latitude, mean sphere (IUGG R1)


class GroundRefused(ValueError):
    """These pairs fix no ground. `text` says why, for the technician. suspects: indices of pairs to measure again."""

    def __init__(self, text: Text, suspects: Sequence[int] = ()) -> None:
        self.text = text
        self.suspects = tuple(suspects)
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Pair:
    """One point seen and measured. pixel: x, y relative 0-1. metres: east, north of the site's origin.

    height: m, over the same zero as the ground it is used with (a flat ground lies at 0); None: on that ground.
    sigma_m: 1 standard deviation of each coordinate.
    """

    pixel: tuple[float, float]
    metres: tuple[float, float]
    height: float | None = None
    sigma_m: float = SIGMA_M


class Marks(NamedTuple):
    """The same as arrays. pixels: [N, 2]. points: [N, 3], m east, north, up. sigma_m: [N]. noise: [2], 1 sigma of
    x and y, relative. aspect: width by height of the picture."""

    pixels: Floats
    points: Floats
    sigma_m: Floats
    noise: Floats
    aspect: float

    def chosen(self, which: Sequence[int]) -> "Marks":
        index = list(which)
        return self._replace(
            pixels=self.pixels[index], points=self.points[index], sigma_m=self.sigma_m[index]
        )

    def exchanged(self, one: int, other: int) -> "Marks":
        """As if two had been measured in each other's place."""
        points = self.points.copy()
        points[[one, other]] = points[[other, one]]
        return self._replace(points=points)


def marks(pairs: Sequence[Pair], aspect: float, noise_px: float) -> Marks:
    """Raises GroundRefused for what no fit could mend: too few, no numbers, twice the same, in a row."""
    pixels = np.array([pair.pixel for pair in pairs], np.float64).reshape(-1, 2)
    heights = [0.0 if pair.height is None else pair.height for pair in pairs]
    points = np.array(
        [[*pair.metres, height] for pair, height in zip(pairs, heights, strict=True)], np.float64
    )
    sigma = np.array([pair.sigma_m for pair in pairs], np.float64)
    found = Marks(pixels, points.reshape(-1, 3), sigma, noise_px / WIDTH * np.array([1.0, aspect]), aspect)
    _check(found)
    return found


def _check(found: Marks) -> None:
    pixels, metres = found.pixels, found.points[:, :2]
    if len(pixels) < 4:
        raise GroundRefused(_few(len(pixels)))
    sound = np.isfinite(np.c_[pixels, found.points, found.sigma_m]).all(axis=1) & (found.sigma_m > 0)
    if not sound.all():
        raise GroundRefused(_no_number(int(sound.argmin())), [int(sound.argmin())])
    for one, other in combinations(range(len(pixels)), 2):
        near = np.abs(pixels[one] - pixels[other]).max() < _SAME_PIXEL
        if near or np.abs(found.points[one] - found.points[other]).max() < _SAME_PLACE:
            raise GroundRefused(_same(one, other, seen=bool(near)), [one, other])
    if not (_spans(pixels) and _spans(metres)):
        raise GroundRefused(_ON_A_LINE)


def _spans(points: Floats) -> bool:
    """Whether four of them have no three near one line: only such sets fix a plane (Hartley, Zisserman 4.1.3)."""
    corners = np.array(list(combinations(range(min(len(points), 12)), 4)))
    four = points[corners]
    areas = [np.abs(_doubled(four[:, a], four[:, b], four[:, c])) for a, b, c in combinations(range(4), 3)]
    extent = float(np.linalg.norm(np.ptp(points, axis=0)))
    return bool(np.min(areas, axis=0).max() > _LEAST_TRIANGLE * extent**2)


def _doubled(a: Floats, b: Floats, c: Floats) -> Floats:
    """Twice the area of the triangles."""
    ab, ac = b - a, c - a
    return np.asarray(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0], np.float64)


def misplaced(degrees: Sequence[tuple[float, float]], near: tuple[float, float] | None) -> Text | None:
    """What is wrong with longitudes and latitudes (WGS84, in this order), or None. near: latitude and longitude of
    the site; without it only what lies off the globe is noticed."""
    for number, (lon, lat) in enumerate(degrees, start=1):
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return _no_number(number - 1)
        off = abs(lat) > 90 or abs(lon) > 180
        away = math.inf if off else (0.0 if near is None else _apart(lon, lat, near))
        if away < _NEAR:
            continue
        turned = abs(lon) <= 90 and (near is None or _apart(lat, lon, near) < _NEAR)
        return _swapped(number) if turned else _far(number, away)
    return None


def _apart(lon: float, lat: float, near: tuple[float, float]) -> float:
    """m, as on a plane round the site: good enough to tell a site from another county."""
    north = (lat - near[0]) * _DEGREE
    east = ((lon - near[1] + 180) % 360 - 180) * _DEGREE * math.cos(math.radians(near[0]))
    return math.hypot(north, east)


_ON_A_LINE = Text(
    "the points lie on a line or on one spot: choose four that span the ground, no three in a row",
    "这些点几乎共线或重合：请选取能撑开地面的四个点，且任意三点不共线",
)


def _few(count: int) -> Text:
    return Text(f"needs at least 4 pairs, has {count}", f"至少需要4个点对，现有{count}个")


def _no_number(index: int) -> Text:
    return Text(f"pair {index + 1}: a coordinate is not a number", f"第{index + 1}个点对：有坐标不是有效数字")


def _same(one: int, other: int, *, seen: bool) -> Text:
    where = ("spot of the picture", "画面位置") if seen else ("place on the ground", "地面位置")
    return Text(
        f"pairs {one + 1} and {other + 1} are the same {where[0]}: choose another point",
        f"第{one + 1}和第{other + 1}个点对的{where[1]}相同：请另选一点",
    )


def _swapped(number: int) -> Text:
    return Text(
        f"pair {number}: longitude and latitude are swapped? Longitude comes first",
        f"第{number}个点对：经度与纬度是否写反？应先写经度",
    )


def _far(number: int, away: float) -> Text:
    if math.isinf(away):
        return Text(f"pair {number}: no such longitude and latitude", f"第{number}个点对：经纬度超出范围")
    return Text(
        f"pair {number} lies {away / 1000:.0f} km from the site's position: one of the two is wrong",
        f"第{number}个点对距站点位置 {away / 1000:.0f} 公里：两者必有一误",
    )
