"""Parts that several kinds share: wheels, crawler tracks, wheel arches, heaps of sand, tarpaulins."""

import math

import numpy as np

from bench.provingground.mesh import Body
from bench.provingground.paint import CHASSIS, DARK, RIM, STEEL, TYRE, Paint
from bench.provingground.transforms import Points

SIDES = (-1, 1)


def wheel(
    body: Body,
    x: float,
    y: float,
    radius: float,
    width: float,
    side: int,
    *,
    rim: Paint = RIM,
    sides: int = 28,
    dual: bool = False,
) -> None:
    """A tyre with round shoulders and a dished rim. side: +1, the outer face looks to +y."""
    half, inner = width / 2, radius * 0.58
    centre = (x, y, radius)
    shoulder = [(-half, inner), (-half, radius * 0.93), (-half * 0.8, radius), (half * 0.8, radius)]
    body.lathe(
        [*shoulder, (half, radius * 0.93), (half, inner), (half * 0.9, inner)], centre, side, TYRE, sides
    )
    face = half * 0.8 - (0.35 if dual else -0.12) * half
    dish = [(half * 0.92, inner), (half * 0.8, inner * 0.93), (face, inner * 0.7), (face, inner * 0.4)]
    body.lathe([*dish, (half * 1.05, inner * 0.32), (half * 1.05, 0.001)], centre, side, rim, sides)
    for angle in np.arange(10) * 2 * math.pi / 10:
        bolt = x + inner * 0.55 * math.cos(angle), y + side * face, radius + inner * 0.55 * math.sin(angle)
        body.tube(bolt, (bolt[0], bolt[1] + side * 0.05, bolt[2]), 0.025, CHASSIS, 6)


def arch(body: Body, x: float, z: float, radius: float, thick: float, low: float, high: float) -> None:
    """A mudguard over a wheel at x, z, from y = low to y = high."""
    angles = np.linspace(0.2, math.pi - 0.2, 10)
    outer = [(x + radius * math.cos(a), z + radius * math.sin(a)) for a in angles]
    inner = [(x + (radius - thick) * math.cos(a), z + (radius - thick) * math.sin(a)) for a in angles[::-1]]
    body.prism(outer + inner, low, high, DARK)


def stadium(length: float, height: float, steps: int = 12) -> list[tuple[float, float]]:
    """The outline of a crawler track standing on z = 0, in x and z."""
    radius = height / 2
    reach = length / 2 - radius
    front = np.linspace(-math.pi / 2, math.pi / 2, steps)
    ahead = [(reach + radius * math.cos(a), radius + radius * math.sin(a)) for a in front]
    behind = [(-reach - radius * math.cos(a), radius - radius * math.sin(a)) for a in front]
    return ahead + behind


def crawler(body: Body, length: float, height: float, gauge: float, width: float, hub: Paint) -> None:
    """Both tracks of a tracked machine. gauge: between their middles, m."""
    for side in SIDES:
        middle = side * gauge / 2
        body.prism(stadium(length, height), middle - width * 0.47, middle + width * 0.47, TYRE)
        for x, z, lean in _round_track(length, height, 34):
            body.box((x, middle, z), (0.13, width, 0.07), CHASSIS, pitch=-lean)
        outside = middle + side * width / 2
        frame = [(x * 0.86, z * 0.62 + 0.17) for x, z in stadium(length, height, 8)]
        body.prism(frame, outside - 0.03, outside + 0.03, CHASSIS)
        for x in np.linspace(-length / 3, length / 3, 7):
            body.tube((x, outside - side * 0.06, 0.27), (x, outside + side * 0.05, 0.27), 0.14, STEEL, 10)
        for x in (-length / 2 + height / 2, length / 2 - height / 2):
            low, high = (x, outside - side * 0.06, height / 2), (x, outside + side * 0.05, height / 2)
            body.tube(low, high, height * 0.36, hub, 14)


def _round_track(length: float, height: float, count: int) -> list[tuple[float, float, float]]:
    """x, z and lean (radians) of each shoe of a track."""
    radius = height / 2
    reach = length / 2 - radius
    turn = math.pi * radius
    shoes = []
    for way in np.arange(count) / count * (4 * reach + 2 * turn):
        if way < 2 * reach:
            shoes.append((-reach + way, 0.0, 0.0))
        elif way < 2 * reach + turn:
            lean = (way - 2 * reach) / radius
            shoes.append((reach + radius * math.sin(lean), radius - radius * math.cos(lean), lean))
        elif way < 4 * reach + turn:
            shoes.append((reach - (way - 2 * reach - turn), height, math.pi))
        else:
            lean = math.pi + (way - 4 * reach - turn) / radius
            shoes.append((-reach + radius * math.sin(lean), radius - radius * math.cos(lean), lean))
    return shoes


def heap(
    body: Body,
    x: tuple[float, float],
    half: float,
    floor: float,
    fill: float,
    crown: float,
    paint: Paint,
    seed: int,
) -> None:
    """Loose sand in a body from x[0] to x[1], y within +-half: edge at floor + fill, middle `crown` m higher."""
    phase = np.random.default_rng(seed).uniform(0, 6, 3)

    def surface(px: Points, py: Points) -> Points:
        along = (px - (x[0] + x[1]) / 2) / (x[1] - x[0]) * 2
        across = py / half
        dome = np.clip(1 - along**2 * 0.95, 0, None) * np.clip(1 - across**2 * 0.8, 0, None)
        lumps = 0.05 * np.sin(5 * px + phase[0]) * np.cos(4 * py + phase[1])
        return np.asarray(
            floor + fill + crown * dome + lumps + 0.03 * np.sin(11 * px + 9 * py + phase[2]), float
        )

    body.sheet(np.linspace(x[0] + 0.02, x[1] - 0.06, 34), np.linspace(-half, half, 16), surface, paint)


def tarpaulin(body: Body, x: tuple[float, float], half: float, top: float, paint: Paint) -> None:
    """A sheet over a load, sagging between its hoops and hanging over the rails."""

    def surface(px: Points, py: Points) -> Points:
        bow = 0.38 * np.clip(1 - (py / half) ** 2, 0, None) * (1 + 0.12 * np.sin(3.1 * px))
        return np.asarray(top + 0.10 + bow - np.where(np.abs(py) > half * 0.93, 0.22, 0), float)

    body.sheet(np.linspace(x[0] - 0.06, x[1] - 0.02, 28), np.linspace(-half, half, 13), surface, paint)


def mirrored(body: Body, corners: list[tuple[float, float, float]], paint: Paint) -> None:
    """A patch on both sides of the middle plane."""
    for side in SIDES:
        body.patch([(x, side * y, z) for x, y, z in corners], paint)
