"""Crawler bulldozer of the 17-t class, with blade and ripper."""

from dataclasses import dataclass

from bench.provingground.fleet.model import Body, Model, pair
from bench.provingground.fleet.parts import SIDES, crawler, mirrored
from bench.provingground.paint import CHASSIS, DARK, GLASS, MACHINE, STEEL
from bench.provingground.transforms import move, turn_y


@dataclass(frozen=True, slots=True)
class Bulldozer:
    """lift: m of the blade above the ground. ripper: has one at the back."""

    lift: float = 0.1
    ripper: bool = True

    def build(self) -> Model:
        body = Body()
        crawler(body, 3.9, 1.15, 2.2, 0.55, MACHINE)
        body.span((-1.9, -0.85, 0.5), (1.6, 0.85, 1.25), CHASSIS)
        hood = [(0.1, 1.1), (2.15, 1.0), (2.2, 1.95), (2.0, 2.1), (0.1, 2.2)]
        body.prism(hood, -0.65, 0.65, MACHINE)
        body.span((2.19, -0.55, 1.1), (2.23, 0.55, 1.9), DARK)
        body.tube((1.1, 0.3, 2.1), (1.1, 0.3, 2.9), 0.08, STEEL)
        for side in SIDES:
            low, high = min(side * 0.8, side * 1.4), max(side * 0.8, side * 1.4)
            body.prism([(-1.9, 1.2), (0.2, 1.2), (0.1, 1.75), (-1.9, 1.85)], low, high, MACHINE)
        _cab(body)
        _blade(body.at(move(0, 0, self.lift)))
        if self.ripper:
            body.span((-2.6, -0.9, 0.9), (-1.9, 0.9, 1.3), MACHINE)
            for y in (-0.7, 0.0, 0.7):
                body.prism([(-2.65, 1.3), (-2.75, 0.35), (-2.6, 0.3), (-2.4, 1.3)], y - 0.07, y + 0.07, STEEL)
        return Model("loader", "bulldozer", body.shape(), 5.6, 3.6, headlamps=pair(0.0, 0.6, 3.15))


def _cab(body: Body) -> None:
    body.prism([(-1.4, 1.6), (0.1, 1.6), (0.25, 2.2), (0.0, 3.1), (-1.35, 3.1)], -0.78, 0.78, MACHINE)
    body.span((-1.5, -0.9, 3.08), (0.15, 0.9, 3.2), MACHINE)
    door = [(-1.2, 2.0), (0.0, 2.0), (0.1, 2.25), (-0.08, 3.0), (-1.2, 3.0)]
    mirrored(body, [(x, 0.788, z) for x, z in door], GLASS)
    body.patch([(0.26, -0.68, 2.22), (0.26, 0.68, 2.22), (0.03, 0.68, 3.03), (0.03, -0.68, 3.03)], GLASS)
    body.patch([(-1.41, -0.65, 2.1), (-1.41, 0.65, 2.1), (-1.37, 0.65, 3.0), (-1.37, -0.65, 3.0)], GLASS)


def _blade(body: Body) -> None:
    curve = [
        (2.75, 1.25),
        (2.62, 0.9),
        (2.58, 0.5),
        (2.7, 0.05),
        (2.8, 0.05),
        (2.68, 0.5),
        (2.72, 0.9),
        (2.87, 1.25),
    ]
    body.prism(curve, -1.75, 1.75, MACHINE)
    body.span((2.66, -1.78, 0.0), (2.8, 1.78, 0.14), STEEL)
    for side in SIDES:
        body.span((-0.6, side * 1.42, 0.35), (2.65, side * 1.55, 0.6), MACHINE)
        push = body.at(move(1.7, side * 0.55, 1.45) @ turn_y(0.65))
        push.tube((0, 0, 0), (1.35, 0, 0), 0.07, STEEL)
