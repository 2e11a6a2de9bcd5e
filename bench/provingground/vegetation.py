"""Trees and bushes: their shapes (clumps of leaf cards on a trunk) and where they grow."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.provingground.ground import Ground
from bench.provingground.mesh import Body, Shape
from bench.provingground.paint import Paint, coloured
from bench.provingground.site import Site
from bench.provingground.transforms import Points

_BARK = Paint("bark", (0.12, 0.09, 0.065), 0.95)
_LEAVES = ((0.045, 0.085, 0.018), (0.065, 0.10, 0.022), (0.035, 0.065, 0.020))
SPECIES = ("poplar", "poplar", "round", "round", "bush", "bush", "bush")
TALL = 4  # the first four of SPECIES are trees


@dataclass(frozen=True, slots=True)
class _Habit:
    height: float
    cards: int
    clumps: int
    card: tuple[float, float]  # m, smallest and largest half length of a leaf card
    stretch: float


_HABITS = {
    "poplar": _Habit(13, 1700, 9, (0.16, 0.34), 1.5),
    "round": _Habit(8, 1900, 11, (0.16, 0.34), 0.9),
    "bush": _Habit(2.2, 800, 6, (0.09, 0.20), 0.9),
}


@dataclass(frozen=True, slots=True)
class Plant:
    """species: index into SPECIES. x, y, z: m of its foot. size: factor. turned: radians."""

    species: int
    x: float
    y: float
    z: float
    size: float
    turned: float


@dataclass(frozen=True, slots=True)
class Clearing:
    """Kept free of trees, m: the working area, and the strip that the camera looks across."""

    x: tuple[float, float] = (-30.0, 60.0)
    y: tuple[float, float] = (-5.0, 72.0)
    camera: tuple[float, float] = (0.0, -300.0)

    def holds(self, x: float, y: float) -> bool:
        return self.x[0] < x < self.x[1] and self.y[0] < y < self.y[1]


def species_shapes(site: Site) -> tuple[Shape, ...]:
    return tuple(_shape(number, name, site) for number, name in enumerate(SPECIES))


def _shape(number: int, name: str, site: Site) -> Shape:
    noise, habit, body = np.random.default_rng(number), _HABITS[name], Body()
    if name != "bush":
        body.tube((0, 0, -0.3), (0, 0, habit.height * 0.6), 0.16, _BARK, 6, 0.06)
    clumps = np.array([_clump(noise, name, habit, place) for place in range(habit.clumps)])
    chosen = clumps[noise.integers(len(clumps), size=habit.cards)]
    away = _directions(noise, habit.cards) * chosen[:, 3:] * noise.uniform(0.6, 1.05, (habit.cards, 1))
    middle = chosen[:, :3] + away * [1, 1, habit.stretch]
    along, across = _directions(noise, habit.cards), _directions(noise, habit.cards)
    half = noise.uniform(*habit.card, (habit.cards, 1))
    along, across = along * half, across * half * 0.6
    corners = np.stack([middle - along, middle + across, middle + along, middle - across], 1).reshape(-1, 3)
    tint = np.array(_LEAVES[number % 3]) * np.array(site.season.leaf)
    leaf = coloured(
        Paint("leaf", roughness=0.75, specular=0.2), f"leaf{number % 3}", (tint[0], tint[1], tint[2])
    )
    body.add(
        corners, [(4 * card, 4 * card + 1, 4 * card + 2, 4 * card + 3) for card in range(habit.cards)], leaf
    )
    return body.shape()


def _directions(noise: np.random.Generator, count: int) -> Points:
    vectors = noise.normal(size=(count, 3))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), float)


def _clump(
    noise: np.random.Generator, name: str, habit: _Habit, place: int
) -> tuple[float, float, float, float]:
    """x, y, z and radius of a ball of leaves, m."""
    if name == "poplar":
        share = place / habit.clumps
        return (
            noise.normal(0, 0.35),
            noise.normal(0, 0.35),
            habit.height * (0.25 + 0.68 * share),
            1.5 - 0.9 * share,
        )
    if name == "round":
        low = habit.height * noise.uniform(0.42, 0.85)
        return noise.normal(0, 1.5), noise.normal(0, 1.5), low, noise.uniform(1.1, 1.9)
    return noise.normal(0, 0.7), noise.normal(0, 0.7), noise.uniform(0.4, 1.2), noise.uniform(0.5, 0.9)


def planted(ground: Ground, seed: int, clearing: Clearing) -> list[Plant]:
    """Rows along the track and the far bank, thickets near the water, single trees in the fields."""
    noise = np.random.default_rng(seed)
    wanted = [place for place in _wanted(noise, ground.site) if _may_grow(noise, place, ground, clearing)]
    heights = ground.height(np.array([x for x, _, _ in wanted]), np.array([y for _, y, _ in wanted]))
    return [
        Plant(kind, x, y, float(z), noise.uniform(0.7, 1.3), noise.uniform(0, 6.28))
        for (x, y, kind), z in zip(wanted, heights, strict=True)
    ]


def _wanted(noise: np.random.Generator, site: Site) -> Iterator[tuple[float, float, int]]:
    def one(*kinds: int) -> int:
        return int(noise.choice(kinds))

    for along in np.arange(-240, 240, 5.0):
        if noise.random() < 0.75:
            x = along + noise.normal() * 1.2
            yield x, float(site.track.at(x)) - 7 + noise.normal() * 0.5, one(0, 1) if abs(x - 15) > 48 else 6
        if noise.random() < 0.7:
            x = along + noise.normal() * 2
            far = float(site.river.at(x)) + site.half_width + 6 + abs(noise.normal()) * 5
            yield x, far, one(0, 1, 2, 3)
        yield along + noise.normal() * 2, 225 + noise.normal() * 6, one(0, 2, 3)
    for _ in range(260):
        x = noise.uniform(-200, 200)
        yield x, float(site.shore(x)) - noise.uniform(22, 46), one(4, 5, 6)
    for _ in range(120):
        yield noise.uniform(-220, 220), noise.uniform(-60, 230), one(2, 3, 4, 5)


def _may_grow(
    noise: np.random.Generator, place: tuple[float, float, int], ground: Ground, clearing: Clearing
) -> bool:
    x, y, kind = place
    site, tall = ground.site, kind < TALL
    if clearing.holds(x, y) and (tall or noise.random() < 0.6):
        return False
    if float(site.off_water(x, y)) < 3 or abs(y - float(site.track.at(x))) < 4.5:
        return False
    if site.bank_track is not None and abs(y - float(site.bank_y(x))) < 4:
        return False
    near_spur = 2 < y < float(site.shore(x)) and abs(x - float(site.spur.at(y))) < 5
    in_sight = tall and -80 < x < 90 and y < 2
    near_camera = np.hypot(x - clearing.camera[0], y - clearing.camera[1]) < 25
    return not (near_spur or in_sight or near_camera or ground.worked(x, y, 2))


def horizon(seed: int, south: bool) -> list[Plant]:
    """Rows of trees beyond the detailed ground; south: behind the usual camera as well."""
    noise = np.random.default_rng(seed)
    rows = []
    for row in range(7):
        y = 270 + row * 60 + noise.normal() * 10
        for x in np.repeat(np.arange(-400, 400, 6.0 + row), 2 if south else 1):
            here = 20 - y if south and noise.random() < 0.5 else y
            if noise.random() < 0.6:
                at = x + noise.normal() * 2, here + noise.normal() * 6
                rows.append(
                    Plant(int(noise.integers(TALL)), *at, -3.2, noise.uniform(0.8, 1.4), noise.uniform(0, 6))
                )
    return rows
