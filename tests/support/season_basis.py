"""A season's basis without a renderer: level fields of one colour before a small camera, lit by hand."""

import math
from functools import cache

import numpy as np

from bench.provingground.camera import look
from bench.provingground.ground import Ground
from bench.provingground.season.basis import Basis
from bench.provingground.shadow import sun_direction
from bench.provingground.site import Site

DAY = (6, 10)
SUNS = ((10.0, 75.0), (45.0, 95.0), (78.0, 180.0), (45.0, 265.0), (10.0, 285.0))
MEADOW = (0.10, 0.13, 0.05)


@cache
def tiny(infrared: bool = True) -> Basis:
    """192x108, from 30 m up; open ground from about 45 to 200 m."""
    camera = look(np.array([0.0, -90.0, 30.0]), np.array([0.0, 0.0, 0.0]), math.radians(45), (192, 108))
    ground = Ground(Site(), 1)
    depth = _depth(camera.world(np.ones((108, 192))), camera.place, ground)
    heaven = depth > 1e5
    colour = np.where(heaven[..., None], 1.0, np.array(MEADOW)).astype(np.float16)
    black = np.where(heaven[..., None], 0.0, np.array(MEADOW))
    sunlit = tuple((black * sun_direction(*angles)[2]).astype(np.float16) for angles in SUNS)
    lamp = (black * np.minimum(1, (60 / np.minimum(depth, 1e4)) ** 2)[..., None] * 5).astype(np.float16)
    ids = np.zeros(depth.shape, np.int16)
    return Basis("tiny", camera, ground, DAY, infrared, SUNS, colour, sunlit, lamp, depth, ids)


def _depth(
    ahead: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    place: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ground: Ground,
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """m along the axis to the ground, the nearest fixed point from above."""
    ray = ahead - place
    depth = np.full(ray.shape[:2], 1.0)
    falling = np.minimum(ray[..., 2], -1e-3)
    level = np.zeros_like(depth)
    for _ in range(30):
        depth = (level - place[2]) / falling
        spot = place + depth[..., None] * ray
        level = 0.5 * level + 0.5 * ground.height(spot[..., 0], spot[..., 1])
    return np.where((ray[..., 2] > -1e-3) | (depth > 400), 1e10, depth).astype(np.float32)
