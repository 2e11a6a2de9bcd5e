"""Synthetic cameras on masts over flat ground, and what they see of it."""

import math

import numpy as np
from numpy.typing import NDArray

from inference.ground import Ground, Pair

Floats = NDArray[np.float64]
FIELD = np.array([[-20.0, 40], [25, 45], [-40, 120], [50, 130], [5, 80], [0, 60]])  # m east, north


def camera(height: float, tilt: float, turn: float = 0.0, focal: float = 1.4) -> Floats:
    """Ground (m, homogeneous) to relative pixels: a mast at the origin. tilt: degrees below the horizon; turn: from
    north, clockwise."""
    down, right = math.radians(tilt), math.radians(turn)
    ahead = np.array([math.sin(right) * math.cos(down), math.cos(right) * math.cos(down), -math.sin(down)])
    beside = np.array([math.cos(right), -math.sin(right), 0.0])
    axes = np.stack([beside, np.cross(ahead, beside), ahead])
    inside = np.array([[focal, 0, 0.5], [0, focal * 16 / 9, 0.5], [0, 0, 1]])
    return np.asarray(inside @ axes @ np.array([[1, 0, 0], [0, 1, 0], [0, 0, -height]]), np.float64)


def seen(eye: Floats, metres: Floats) -> Floats:
    spot = np.c_[metres, np.ones(len(metres))] @ eye.T
    assert (spot[:, 2] > 0).all()
    return np.asarray(spot[:, :2] / spot[:, 2:], np.float64)


def pairs(pixels: Floats, metres: Floats, heights: Floats | None = None) -> list[Pair]:
    ups = [None] * len(pixels) if heights is None else [float(up) for up in heights]
    return [
        Pair((float(x), float(y)), (float(e), float(n)), up)
        for (x, y), (e, n), up in zip(pixels, metres, ups, strict=True)
    ]


def measured(eye: Floats, metres: Floats = FIELD) -> Ground:
    return Ground.fitted(pairs(seen(eye, metres), metres))
