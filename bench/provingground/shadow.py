"""How much of a picture changes when something moves: the thing, its shadow, and the ground its lamps light."""

import math

import numpy as np

from bench.provingground.camera import Camera, Pixels
from bench.provingground.ground import Ground
from bench.provingground.transforms import Points, apply
from bench.provingground.truth import Box, Thing

_LONGEST = 25.0  # m; a longer shadow is too faint at its end to be missed


def sun_direction(elevation: float, azimuth: float) -> Points:
    """[3], towards the sun; degrees, the azimuth as the sky shader counts it (from the north, clockwise)."""
    up, round_ = math.radians(elevation), math.radians(azimuth)
    return np.array([math.sin(round_) * math.cos(up), math.cos(round_) * math.cos(up), math.sin(up)])


def changed_box(
    thing: Thing,
    camera: Camera,
    sun: tuple[float, float] | None,
    ground: Ground,
    margin: int,
    beam: float = 0.0,
) -> Box | None:
    """Whole px box round the thing, its shadow, its headlamps' `beam` (m ahead) and a margin, cut to the picture;
    None: nothing of it is inside."""
    points = apply(thing.frame, thing.model.shape.points)
    low, high = points.min(0), points.max(0)
    corners = np.array(
        [(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
    )
    parts = [points, _shadow(corners, sun, ground, low[2])]
    if beam:
        parts.append(apply(thing.frame, [(x, y, 0.0) for x in (4, beam / 2, beam) for y in (-9, 0, 9)]))
    seen, depth = camera.project(np.concatenate(parts))
    return _cut(seen[depth > 1], camera.size, margin)


def _cut(seen: Pixels, size: tuple[int, int], margin: int) -> Box | None:
    if not len(seen):
        return None
    left, top = np.floor(seen.min(0) - margin).clip(0, size).astype(int).tolist()
    right, bottom = np.ceil(seen.max(0) + margin).clip(0, size).astype(int).tolist()
    return (left, top, right, bottom) if right - left > 8 and bottom - top > 8 else None


def _shadow(corners: Points, sun: tuple[float, float] | None, ground: Ground, floor: float) -> Points:
    if sun is None:
        return corners
    towards = sun_direction(*sun)
    run = np.minimum((corners[:, 2] - floor) / max(towards[2], 1e-3), _LONGEST)
    fallen: Points = corners - run[:, None] * towards
    fallen[:, 2] = ground.height(fallen[:, 0], fallen[:, 1])
    return fallen
