"""What floats: a sand dredger, a laden sand barge, a small open boat, a covered boat. z = 0 is the water."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench.provingground.fleet.model import Body, Model
from bench.provingground.fleet.parts import SIDES, heap, mirrored
from bench.provingground.paint import CHASSIS, DARK, GLASS, LIVERY, SECOND, STEEL, WET_SAND
from bench.provingground.transforms import Points

Hull = Literal["dredger", "barge", "boat", "covered boat"]
_SIZES = {"dredger": 18.0, "barge": 32.0, "boat": 5.5, "covered boat": 10.5}


@dataclass(frozen=True, slots=True)
class Vessel:
    """load: of a barge, 0 to 1."""

    hull: Hull = "dredger"
    load: float = 1.0

    def build(self) -> Model:
        body = Body()
        match self.hull:
            case "dredger":
                _dredger(body)
            case "barge":
                _barge(body, self.load)
            case "boat":
                _boat(body)
            case _:
                _covered(body)
        load = ("loaded" if self.load > 0.25 else "empty") if self.hull == "barge" else ""
        size = _SIZES[self.hull]
        return Model("vessel", self.hull, body.shape(), size=size, room=size * 0.7, load=load, bevel=0.02)


def _dredger(body: Body) -> None:
    """A pontoon with cabin, suction pipe on an A-frame, and a heap of sand."""
    body.prism([(-9, 0.2), (-8.4, -0.5), (8.2, -0.5), (9.4, 0.5), (9.4, 0.9), (-9, 0.9)], -2.6, 2.6, LIVERY)
    body.span((-8.6, -1.5, 0.9), (-5.2, 1.5, 3.2), SECOND)
    body.span((-8.8, -1.7, 3.2), (-5.0, 1.7, 3.35), DARK)
    mirrored(body, [(-8.2, 1.51, 2.0), (-5.6, 1.51, 2.0), (-5.6, 1.51, 2.8), (-8.2, 1.51, 2.8)], GLASS)
    for side in SIDES:
        body.tube((6, side * 2.0, 0.9), (7.4, 0, 5.2), 0.12, SECOND)
        body.span((-5, side * 2.6, 0.9), (6, side * 2.45, 1.3), LIVERY)
    body.tube((-4, 0, 2.2), (7.5, 0, 5.0), 0.1, STEEL)
    body.tube((3, 0.6, 1.4), (11.5, 0.4, -1), 0.22, CHASSIS, 10)

    def sand(x: Points, y: Points) -> Points:
        return np.asarray(
            0.9 + 1.3 * np.clip(1 - (x / 4.5) ** 2, 0, 1) * np.clip(1 - (y / 2.3) ** 2, 0, 1), float
        )

    body.sheet(np.linspace(-4.5, 4.5, 24), np.linspace(-2.3, 2.3, 12), sand, WET_SAND)


def _barge(body: Body, load: float) -> None:
    """A self-propelled sand barge; the more it carries, the deeper it lies."""
    deck = 1.9 - 1.2 * load
    hull = [
        (-16, deck - 0.9),
        (-15.2, deck - 2.6),
        (13.8, deck - 2.6),
        (16, deck - 0.4),
        (16, deck + 0.3),
        (-16, deck),
    ]
    body.prism(hull, -3.6, 3.6, LIVERY)
    body.span((-15.2, -2.4, deck), (-11.2, 2.4, deck + 2.4), SECOND)
    body.span((-14.6, -1.6, deck + 2.4), (-11.8, 1.6, deck + 4.6), SECOND)
    body.span((-14.9, -1.9, deck + 4.6), (-11.5, 1.9, deck + 4.75), DARK)
    wheelhouse = [(-14.2, 1.61, 3.2), (-12.2, 1.61, 3.2), (-12.2, 1.61, 4.2), (-14.2, 1.61, 4.2)]
    mirrored(body, [(x, y, deck + z - 0.4) for x, y, z in wheelhouse], GLASS)
    front = [(-11.79, -1.4, 2.9), (-11.79, 1.4, 2.9), (-11.79, 1.4, 4.0), (-11.79, -1.4, 4.0)]
    body.patch([(x, y, deck + z) for x, y, z in front], GLASS)
    for side in SIDES:
        body.span((-10.6, side * 3.2, deck), (13.2, side * 3.0, deck + 1.0), LIVERY)
    for x in (-10.6, 13.2):
        body.span((x - 0.1, -3.2, deck), (x + 0.1, 3.2, deck + 1.0), LIVERY)
    body.tube((14.6, 0, deck), (14.6, 0, deck + 3.0), 0.08, STEEL)
    if load > 0:
        heap(body, (-10.4, 13.0), 3.0, deck, 0.8 * load, 1.9 * load, WET_SAND, 3)


def _boat(body: Body) -> None:
    hull = [(-2.6, 0.05), (-2.4, -0.25), (2.0, -0.25), (3.3, 0.45), (3.2, 0.55), (-2.6, 0.40)]
    body.prism(hull, -0.75, 0.75, LIVERY)
    body.span((-2.3, -0.6, 0.38), (1.6, 0.6, 0.44), DARK)
    body.span((-0.6, -0.7, 0.44), (-0.3, 0.7, 0.6), SECOND)
    body.span((-2.9, -0.15, 0.1), (-2.55, 0.15, 0.8), DARK)


def _covered(body: Body) -> None:
    hull = [(-5, 0.2), (-4.6, -0.35), (4.2, -0.35), (5.6, 0.7), (5.5, 0.85), (-5, 0.65)]
    body.prism(hull, -1.2, 1.2, LIVERY)
    body.span((-3.6, -1.0, 0.65), (1.6, 1.0, 1.0), SECOND)
    body.span((-3.9, -1.15, 2.2), (1.9, 1.15, 2.32), SECOND)
    for x in (-3.7, -1, 1.7):
        for side in SIDES:
            body.tube((x, side * 1.05, 0.7), (x, side * 1.05, 2.2), 0.05, STEEL, 6)
