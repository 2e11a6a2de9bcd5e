"""Wheel loader of the 5-t class; its bucket lifts."""

from dataclasses import dataclass

from bench.provingground.fleet.model import Body, Model, pair
from bench.provingground.fleet.parts import SIDES, mirrored, wheel
from bench.provingground.paint import CHASSIS, DARK, GLASS, MACHINE, SAND, STEEL
from bench.provingground.transforms import move, turn_y

_TYRE = 0.80  # m, radius


@dataclass(frozen=True, slots=True)
class Loader:
    """lift: radians of the arms above their lowest place, 0 to about 1.1."""

    lift: float = 0.15
    full: bool = False

    def build(self) -> Model:
        body = Body()
        for x in (1.55, -1.6):
            body.tube((x, -1, _TYRE), (x, 1, _TYRE), 0.2, CHASSIS, 10)
            for side in SIDES:
                wheel(body, x, side * 1.1, _TYRE, 0.60, side, rim=MACHINE)
        _rear(body)
        _cab(body)
        front = [(-0.3, 0.6), (2.2, 0.6), (2.3, 1.2), (1.7, 1.9), (0.9, 1.9), (0.3, 1.4), (-0.3, 1.3)]
        body.prism(front, -0.45, 0.45, MACHINE)
        _arms(body.at(move(1.35, 0, 1.75) @ turn_y(0.37 - self.lift)), self.full)
        lamps = pair(0.7, 0.6, 3.2)
        return Model("loader", "wheel loader", body.shape(), size=7.5, room=4.0, headlamps=lamps)


def _rear(body: Body) -> None:
    hood = [(-3.5, 1.0), (-0.3, 0.75), (-0.3, 1.75), (-0.7, 2.2), (-3.2, 2.05), (-3.5, 1.8)]
    body.prism(hood, -0.85, 0.85, MACHINE)
    body.span((-3.9, -1.2, 0.75), (-3.3, 1.2, 1.45), MACHINE)
    body.span((-3.52, -0.6, 1.2), (-3.50, 0.6, 1.85), DARK)
    body.tube((-2.2, 0.4, 2.1), (-2.2, 0.4, 2.9), 0.07, STEEL)
    for side in SIDES:
        low, high = min(side * 0.7, side * 1.4), max(side * 0.7, side * 1.4)
        body.prism([(-2.6, 1.6), (-0.7, 1.5), (-0.7, 1.62), (-2.6, 1.75)], low, high, MACHINE)
        body.prism([(0.75, 1.65), (2.3, 1.65), (2.3, 1.72), (0.75, 1.75)], low, high, MACHINE)
        body.span((-2.2, side * 0.87, 1.2), (-1.0, side * 0.86, 1.8), DARK)


def _cab(body: Body) -> None:
    body.prism([(-0.85, 1.7), (0.55, 1.7), (0.75, 2.3), (0.45, 3.3), (-0.85, 3.3)], -0.8, 0.8, MACHINE)
    body.span((-0.95, -0.88, 3.28), (0.6, 0.88, 3.42), MACHINE)
    mirrored(
        body, [(-0.72, 0.808, 2.15), (0.02, 0.808, 2.15), (0.02, 0.808, 3.2), (-0.72, 0.808, 3.2)], GLASS
    )
    door = [(0.1, 1.9), (0.52, 1.9), (0.62, 2.3), (0.38, 3.2), (0.1, 3.2)]
    mirrored(body, [(x, 0.808, z) for x, z in door], GLASS)
    body.patch([(0.765, -0.72, 2.3), (0.765, 0.72, 2.3), (0.475, 0.72, 3.22), (0.475, -0.72, 3.22)], GLASS)
    body.patch([(-0.858, -0.7, 2.3), (-0.858, 0.7, 2.3), (-0.858, 0.7, 3.2), (-0.858, -0.7, 3.2)], GLASS)


def _arms(arms: Body, full: bool) -> None:
    outline = [(-0.1, -0.15), (1.3, -0.05), (2.5, -0.35), (2.5, -0.1), (1.3, 0.3), (-0.1, 0.15)]
    for side in SIDES:
        arms.prism(outline, side * 0.55 - 0.08, side * 0.55 + 0.08, MACHINE)
    arms.tube((0, 0, 0.25), (1.9, 0, 0.2), 0.09, STEEL)
    bucket = arms.at(move(2.45, 0, -0.3) @ turn_y(-0.25))
    outer = [(0, 0.55), (-0.05, 0), (0.1, -0.42), (0.5, -0.6), (1.25, -0.62)]
    inner = [(1.25, -0.56), (0.52, -0.53), (0.17, -0.37), (0.04, 0), (0.08, 0.55)]
    bucket.prism(outer + inner, -1.45, 1.45, MACHINE)
    for side in SIDES:
        bucket.prism([*outer, (0.75, 0.1)], side * 1.45 - 0.03, side * 1.45 + 0.03, MACHINE)
    if full:
        bucket.prism(
            [(0.05, 0.4), (0.1, -0.38), (0.5, -0.54), (1.2, -0.56), (0.8, 0.15), (0.4, 0.5)],
            -1.42,
            1.42,
            SAND,
        )
