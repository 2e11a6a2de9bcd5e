"""Closed polygons on the ground: float64 [n, 2] x y in m, not closed (the last point is not the first)."""

import math

import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float64]
Grid = NDArray[np.float64]


def area(outline: Outline) -> float:
    """m^2, by the shoelace formula; always positive."""
    x, y = outline.T
    return float(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)


def signed_distance(outline: Outline, x: Grid, y: Grid) -> Grid:
    """m to the polygon's border from every point, positive inside; of the shape of x."""
    nearest = np.full(np.shape(x), np.inf)
    inside = np.zeros(np.shape(x), bool)
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        edge = end - start
        share = ((x - start[0]) * edge[0] + (y - start[1]) * edge[1]) / max(1e-12, float(edge @ edge))
        share = np.clip(share, 0, 1)
        nearest = np.minimum(
            nearest, np.hypot(x - start[0] - share * edge[0], y - start[1] - share * edge[1])
        )
        crosses = (start[1] > y) != (end[1] > y)
        rise = edge[1] if edge[1] else 1e-12
        inside ^= crosses & (x < edge[0] * (y - start[1]) / rise + start[0])
    return np.where(inside, nearest, -nearest)


def blob(
    centre: tuple[float, float], wanted: float, seed: int, stretch: float = 1.4, turned: float = 0.3
) -> Outline:
    """An irregular, smooth outline of exactly `wanted` m^2 round `centre`. stretch: of its axes; turned: radians."""
    noise = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    radius = 1 + sum(
        noise.uniform(-0.16, 0.16) / wave * np.cos(wave * angles + noise.uniform(0, 2 * math.pi))
        for wave in range(2, 7)
    )
    flat = np.stack([radius * np.cos(angles) * stretch, radius * np.sin(angles) / stretch], -1)
    flat *= math.sqrt(wanted / area(flat))
    cos, sin = math.cos(turned), math.sin(turned)
    turned_round: Outline = flat @ np.array([[cos, sin], [-sin, cos]]) + np.array(centre)
    return turned_round


def denser(outline: Outline, parts: int = 4) -> Outline:
    """The same polygon with every edge cut into `parts`, so that it follows uneven ground."""
    steps = np.arange(parts)[None, :, None] / parts
    edges = np.roll(outline, -1, axis=0) - outline
    finer: Outline = (outline[:, None] + edges[:, None] * steps).reshape(-1, 2)
    return finer
