"""Cab-over tipping lorry, 6x4 or 8x4, about 8.6 x 2.5 x 3.3 m: the sand truck."""

from dataclasses import dataclass

import numpy as np

from bench.provingground.fleet.model import Body, Model, load_state, pair
from bench.provingground.fleet.parts import SIDES, arch, heap, mirrored, tarpaulin, wheel
from bench.provingground.paint import (
    AMBER,
    CHASSIS,
    CHROME,
    DARK,
    GLASS,
    LAMP,
    LIVERY,
    PLATE,
    RED,
    SAND,
    SECOND,
    STEEL,
    WET_SAND,
    WHITE,
    Paint,
    lit,
)
from bench.provingground.transforms import move, turn_y

_FRONT = 4.25  # m, x of the windscreen's foot
_HALF = 1.23  # m, half the cab's width
_TYRE = 0.53  # m, radius
_REAR, _HEAD = -4.25, 1.95  # m, the body's ends
_FLOOR = 1.28  # m, the body's floor


@dataclass(frozen=True, slots=True)
class Tipper:
    """axles: 2 to 4. load: 0 to 1. tipped: radians of the body. cover: a tarpaulin. seed: small differences."""

    axles: int = 3
    load: float = 1.0
    tipped: float = 0.0
    cover: Paint | None = None
    lamps_on: bool = False
    seed: int = 0

    def build(self) -> Model:
        chance = np.random.default_rng(self.seed)
        body = Body()
        _cab(body)
        _face(body, chrome=chance.random() < 0.3, white=chance.random() < 0.4, roof=chance.random() < 0.5)
        _lamps(body, self.lamps_on)
        _frame(body)
        _running_gear(body, self.axles)
        self._box(body, WET_SAND if chance.random() < 0.4 else SAND)
        return Model(
            "truck",
            "tipper",
            body.shape(),
            size=8.6,
            room=4.4,
            load=load_state(self.load, self.cover is not None, self.tipped),
            headlamps=pair(_FRONT + 0.25, 0.9, 0.80),
            tail_lamps=pair(-4.38, 0.95, 0.92),
            bevel=0.025,
        )

    def _box(self, body: Body, sand: Paint) -> None:
        hinge = _REAR + 0.4, _FLOOR - 0.1
        box = body.at(move(hinge[0], 0, hinge[1]) @ turn_y(-self.tipped) @ move(-hinge[0], 0, -hinge[1]))
        height = 1.45 if self.axles == 3 else 1.35
        _walls(box, height)
        _ends(box, height)
        if self.load > 0:
            fill, crown = height * 0.80 * self.load - 0.12, 0.62 * self.load
            heap(box, (_REAR, _HEAD), 1.14, _FLOOR, fill, crown, sand, self.seed)
        if self.cover is not None:
            tarpaulin(box, (_REAR, _HEAD), 1.28, _FLOOR + height, self.cover)
        if self.tipped > 0.05:
            top = _FLOOR + (_HEAD - _REAR) * float(np.sin(self.tipped)) * 0.8
            body.tube((_FRONT - 2.5, 0, 1.0), (_HEAD - 0.9, 0, top), 0.11, STEEL, 10)


def _front(z: float, off: float = 0.0) -> float:
    """x of the cab's front at height z, m."""
    if z >= 1.75:
        return _FRONT + 0.03 - 0.25 * (z - 1.75) / 1.07 + off
    return _FRONT - 0.02 + 0.05 * (z - 0.98) / 0.77 + off


def _pane(
    body: Body, half: float, low: float, high: float, off: float, paint: Paint, taper: float = 0.0
) -> None:
    bottom, top = _front(low, off), _front(high, off)
    body.patch(
        [(bottom, -half, low), (bottom, half, low), (top, half - taper, high), (top, taper - half, high)],
        paint,
    )


def _cab(body: Body) -> None:
    x = _FRONT
    body.prism(
        [
            (x - 2.1, 0.98), (x - 1.95, 0.72), (x - 0.75, 0.72), (x - 0.02, 0.98), (x + 0.03, 1.75),
            (x - 0.22, 2.82), (x - 0.42, 3.02), (x - 1.2, 3.10), (x - 2.05, 3.06), (x - 2.1, 2.9),
        ],
        -_HALF, _HALF, LIVERY,
    )  # fmt: skip
    side = _HALF + 0.008
    mirrored(
        body,
        [(x - 0.18, side, 1.88), (x - 0.36, side, 2.66), (x - 1.22, side, 2.70), (x - 1.26, side, 1.80)],
        GLASS,
    )
    mirrored(
        body,
        [(x - 1.48, side, 1.95), (x - 1.48, side, 2.62), (x - 1.85, side, 2.62), (x - 1.85, side, 1.95)],
        GLASS,
    )
    for hand in SIDES:
        _cab_side(body, hand)


def _cab_side(body: Body, hand: int) -> None:
    x, y = _FRONT, hand * _HALF
    body.box((x - 1.34, y, 1.75), (0.025, 0.02, 1.95), DARK)
    body.box((x - 0.10, y, 1.35), (0.025, 0.02, 0.8), DARK)
    body.box((x - 1.2, hand * (_HALF + 0.02), 1.55), (0.16, 0.03, 0.04), DARK)
    mirror = hand * (_HALF + 0.24)
    body.box((x + 0.05, mirror, 2.25), (0.10, 0.22, 0.55), DARK)
    body.box((x, mirror, 1.85), (0.10, 0.2, 0.22), DARK)
    body.tube((x - 0.18, y, 2.6), (x + 0.05, mirror, 2.54), 0.025, DARK, 6)
    body.box((x - 0.35, hand * (_HALF + 0.01), 0.62), (0.75, 0.06, 0.22), DARK)
    arch(body, x - 1.5, _TYRE, 0.72, 0.08, min(hand * 0.78, hand * 1.25), max(hand * 0.78, hand * 1.25))


def _face(body: Body, *, chrome: bool, white: bool, roof: bool) -> None:
    x = _FRONT
    _pane(body, 1.14, 1.86, 2.74, 0.012, GLASS, 0.05)
    _pane(body, 1.10, 1.74, 1.845, 0.014, DARK)
    _pane(body, 0.95, 1.14, 1.66, 0.012, DARK)
    for z in (1.2, 1.32, 1.44, 1.56):
        body.box((_front(z, 0.03), 0, z), (0.05, 1.85, 0.05), CHROME if chrome else LIVERY)
    body.box((_front(1.6, 0.035), 0, 1.62), (0.03, 0.5, 0.08), CHROME)
    visor = [(_front(2.78), 2.78), (_front(2.78, 0.30), 2.70), (_front(2.78, 0.31), 2.74), (x - 0.36, 2.98)]
    body.prism(visor, -1.12, 1.12, DARK)
    bumper = [
        (x - 0.35, 0.45),
        (x + 0.05, 0.42),
        (x + 0.12, 0.62),
        (x + 0.10, 1.0),
        (x - 0.05, 1.06),
        (x - 0.35, 1.0),
    ]
    body.prism(bumper, -1.22, 1.22, WHITE if white else LIVERY)
    body.box((x + 0.11, 0, 0.55), (0.04, 1.3, 0.2), DARK)
    body.box((x + 0.14, 0, 0.62), (0.02, 0.45, 0.15), PLATE)
    if roof:
        body.prism([(x - 1.95, 3.06), (x - 0.85, 3.09), (x - 1.6, 3.42), (x - 1.95, 3.46)], -1.0, 1.0, LIVERY)


def _lamps(body: Body, on: bool) -> None:
    x = _FRONT
    for hand in SIDES:
        body.box((x + 0.10, hand * 0.92, 0.80), (0.09, 0.42, 0.20), DARK)
        body.box((x + 0.145, hand * 0.98, 0.80), (0.03, 0.17, 0.14), lit(LAMP, on))
        body.box((x + 0.145, hand * 0.78, 0.80), (0.03, 0.14, 0.14), lit(LAMP, on))
        body.box((x + 0.10, hand * 1.17, 0.82), (0.1, 0.06, 0.14), AMBER)
        body.box((-4.3, hand * 0.95, 0.92), (0.06, 0.38, 0.13), lit(RED, on))
        body.box((-3.65, hand * 0.92, 0.55), (0.03, 0.6, 0.6), DARK)
    for y in (-0.9, -0.3, 0.3, 0.9):
        body.box((x - 0.5, y, 3.06), (0.1, 0.12, 0.06), AMBER)
    body.box((-4.3, 0, 0.95), (0.05, 1.5, 0.12), CHASSIS)
    body.box((-4.33, 0, 0.8), (0.02, 0.44, 0.14), PLATE)


def _frame(body: Body) -> None:
    x = _FRONT
    body.box((x - 2.28, -0.95, 2.15), (0.22, 0.3, 1.5), DARK)  # air intake
    body.tube((x - 2.3, 0.9, 1.2), (x - 2.3, 0.9, 2.9), 0.09, STEEL, 10)  # exhaust
    for hand in SIDES:
        body.box((-0.15, hand * 0.42, 0.92), (8.2, 0.09, 0.28), CHASSIS)
        body.box((0.1, hand * 1.18, 0.62), (2.2, 0.04, 0.10), WHITE)
        body.box((0.1, hand * 1.18, 0.85), (2.2, 0.04, 0.10), WHITE)
    for cross in (-3.9, -2.4, -0.8, 0.8, 2.0):
        body.box((cross, 0, 0.92), (0.12, 0.85, 0.2), CHASSIS)
    body.tube((0.25, -0.98, 0.80), (1.55, -0.98, 0.80), 0.31, STEEL, 14)  # tank
    body.box((0.9, 0.95, 0.78), (1.2, 0.5, 0.5), CHASSIS)


def _running_gear(body: Body, axles: int) -> None:
    steered = [_FRONT - 1.5] + ([_FRONT - 3.25] if axles == 4 else [])
    driven = [-2.5] if axles == 2 else [-1.55, -2.92]
    for x in steered:
        body.tube((x, -1, _TYRE), (x, 1, _TYRE), 0.09, CHASSIS)
        for hand in SIDES:
            wheel(body, x, hand * 1.04, _TYRE, 0.32, hand)
    for x in driven:
        body.tube((x, -0.8, _TYRE), (x, 0.8, _TYRE), 0.15, CHASSIS, 10)
        body.box((x, 0, _TYRE), (0.5, 0.5, 0.5), CHASSIS)
        for hand in SIDES:
            wheel(body, x, hand * 0.92, _TYRE, 0.60, hand, dual=True)
            arch(body, x, _TYRE, 0.64, 0.04, min(hand * 0.62, hand * 1.24), max(hand * 0.62, hand * 1.24))


def _walls(box: Body, height: float) -> None:
    top = _FLOOR + height
    box.span((_REAR, -1.15, _FLOOR - 0.16), (_HEAD, 1.15, _FLOOR), SECOND)
    for hand in SIDES:
        box.span((_REAR, hand * 1.19, _FLOOR), (_HEAD, hand * 1.14, top), SECOND)
        box.span((_REAR - 0.02, hand * 1.26, top - 0.06), (_HEAD + 0.02, hand * 1.10, top + 0.08), SECOND)
        box.span((_REAR, hand * 1.25, _FLOOR - 0.18), (_HEAD, hand * 1.12, _FLOOR - 0.02), SECOND)
        for x in np.linspace(_REAR + 0.08, _HEAD - 0.08, 9):
            box.span((x - 0.06, hand * 1.26, _FLOOR - 0.05), (x + 0.06, hand * 1.18, top), SECOND)


def _ends(box: Body, height: float) -> None:
    top = _FLOOR + height
    box.span((_HEAD, -1.19, _FLOOR - 0.1), (_HEAD - 0.07, 1.19, top + 0.22), SECOND)
    for y in (-0.75, -0.25, 0.25, 0.75):
        box.span((_HEAD + 0.06, y - 0.05, _FLOOR - 0.1), (_HEAD, y + 0.05, top + 0.2), SECOND)
    canopy = [
        (_HEAD - 0.05, top + 0.22),
        (_HEAD + 0.02, top + 0.14),
        (_HEAD + 0.55, top + 0.30),
        (_HEAD + 0.55, top + 0.36),
    ]
    box.prism(canopy, -1.15, 1.15, SECOND)
    box.span((_REAR, -1.19, _FLOOR - 0.05), (_REAR - 0.07, 1.19, top), SECOND)
    for y in (-1.05, -0.35, 0.35, 1.05):
        box.span((_REAR - 0.13, y - 0.05, _FLOOR - 0.05), (_REAR - 0.06, y + 0.05, top), SECOND)
    for rise in (0.1, 0.7, 1.35):
        low, high = (_REAR - 0.12, -1.18, _FLOOR + rise - 0.05), (_REAR - 0.05, 1.18, _FLOOR + rise + 0.05)
        box.span(low, high, SECOND)
