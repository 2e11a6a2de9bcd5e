"""GCJ-02 (火星坐标) and BD-09 (百度坐标), the shifted degrees that maps published in China are drawn in. Pure.

The formulas are those that are public: the shift of GCJ-02 over the Krasovsky ellipsoid and Baidu's second one upon it
(PRCoords, https://github.com/Artoria2e5/PRCoords; coordtransform, https://github.com/wandergis/coordtransform). The
official one is not published. Their inverses have no closed form: they are found by iteration.
All points: float64 [N, 2], longitude and latitude in degrees.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_AXIS, _ECCENTRICITY2 = 6378245.0, 0.00669342162296594323  # Krasovsky 1940: m, and squared
# degrees: the box in which places are shifted at all
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_ENOUGH = 1e-10  # degrees: a hundredth of a millimetre
# the shifts change by under a hundredth of the way one goes: each turn wins two digits, five do it
_TURNS = 20


def to_gcj(points: Floats) -> Floats:
    """WGS84 to GCJ-02. Outside the box about China nothing is shifted."""
    return np.asarray(points + _shift(points), np.float64)


def from_gcj(points: Floats) -> Floats:
    """GCJ-02 to WGS84."""
    return _undone(to_gcj, points)


def to_bd(points: Floats) -> Floats:
    """WGS84 to BD-09."""
    return _gcj_to_bd(to_gcj(points))


def from_bd(points: Floats) -> Floats:
    """BD-09 to WGS84."""
    return from_gcj(_undone(_gcj_to_bd, points))


def _undone(shifted: Callable[[Floats], Floats], points: Floats) -> Floats:
    """What `shifted` makes `points` of."""
    guess = np.array(points, np.float64)
    for _ in range(_TURNS):
        off = shifted(guess) - points
        guess -= off
        if not (np.abs(off) > _ENOUGH).any():
            break
    return guess


def _shift(points: Floats) -> Floats:
    lon, lat = points[:, 0], points[:, 1]
    x, y = lon - 105.0, lat - 35.0
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += 2 / 3 * (common + _waves(y, 160, 320))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += 2 / 3 * (common + _waves(x, 150, 300))
    bend = 1 - _ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY2) / bend**1.5  # radii of curvature, m
    parallel = _AXIS / np.sqrt(bend) * np.cos(np.radians(lat))
    shift = np.degrees(np.column_stack([east / parallel, north / meridian]))
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return np.where(inside[:, None], shift, 0.0)


def _waves(t: Floats, short: float, long: float) -> Floats:
    near = 20 * np.sin(np.pi * t) + 40 * np.sin(np.pi * t / 3)
    return np.asarray(near + short * np.sin(np.pi * t / 12) + long * np.sin(np.pi * t / 30), np.float64)


def _gcj_to_bd(points: Floats) -> Floats:
    x, y = points[:, 0], points[:, 1]
    turn = np.pi * 3000 / 180
    far = np.hypot(x, y) + 2e-5 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * turn)
    return np.column_stack([far * np.cos(angle) + 0.0065, far * np.sin(angle) + 0.006])
