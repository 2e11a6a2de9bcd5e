"""Random pits and heaps of a site."""

import math

import numpy as np

from bench.provingground.ground import Earthwork
from bench.provingground.outline import blob
from bench.provingground.paint import Colour
from bench.provingground.site import Site

_EARTH: tuple[Colour, ...] = ((0.45, 0.37, 0.25), (0.20, 0.16, 0.11), (0.33, 0.33, 0.32), (0.5, 0.43, 0.3))


def random_earthworks(site: Site, chance: np.random.Generator) -> list[Earthwork]:
    """Three to six, off the water and the tracks and apart from each other."""
    works: list[Earthwork] = []
    circles: list[tuple[float, float, float]] = []
    for _ in range(int(chance.integers(3, 7))):
        place = _free(site, chance, circles)
        if place is not None:
            circles.append(place)
            works.append(_earthwork(*place, chance))
    return works


def _free(
    site: Site, chance: np.random.Generator, circles: list[tuple[float, float, float]]
) -> tuple[float, float, float] | None:
    for _ in range(50):
        x, y = float(chance.uniform(-70, 90)), float(chance.uniform(-35, 70))
        reach = math.sqrt(math.exp(chance.uniform(math.log(40), math.log(450))))
        dry = float(site.shore(x)) - y > reach * 0.6
        off_track = abs(y - float(site.track.at(x))) > reach * 0.8 + 6
        off_spur = abs(x - float(site.spur.at(y))) > reach * 0.6 + 3
        apart = all(math.hypot(x - cx, y - cy) > reach + 15 for cx, cy, _ in circles)
        if dry and off_track and off_spur and apart and (y > 8 or chance.random() < 0.3):
            return x, y, reach
    return None


def _earthwork(x: float, y: float, reach: float, chance: np.random.Generator) -> Earthwork:
    outline = blob(
        (x, y),
        reach**2,
        int(chance.integers(9999)),
        float(chance.uniform(1, 1.7)),
        float(chance.uniform(0, 3)),
    )
    depth = min(4.0, 0.5 + float(chance.uniform(0.1, 0.25)) * reach)
    colour = _EARTH[int(chance.integers(len(_EARTH)))] if chance.random() < 0.4 else None
    return Earthwork("pit" if chance.random() < 0.45 else "heap", outline, depth, colour)
