"""A farm tractor with a two-wheeled trailer: common on river tracks, and no class of ours."""

from dataclasses import dataclass

from bench.provingground.fleet.model import OTHER, Body, Model, load_state, pair
from bench.provingground.fleet.parts import SIDES, heap, mirrored, wheel
from bench.provingground.paint import CHASSIS, DARK, GLASS, LAMP, LIVERY, RED, SAND, SECOND, STEEL


@dataclass(frozen=True, slots=True)
class Tractor:
    """load: of its trailer, 0 to 1; None: no trailer."""

    load: float | None = 0.8

    def build(self) -> Model:
        body = Body()
        for side in SIDES:
            wheel(body, 0.0, side * 0.85, 0.80, 0.45, side, rim=SECOND)
            wheel(body, 2.2, side * 0.75, 0.48, 0.28, side, rim=SECOND, sides=20)
        body.prism([(0.4, 0.7), (2.7, 0.65), (2.75, 1.25), (2.55, 1.42), (0.4, 1.5)], -0.38, 0.38, LIVERY)
        body.span((-0.6, -0.4, 0.55), (1.0, 0.4, 1.2), CHASSIS)
        body.tube((1.6, 0.2, 1.4), (1.6, 0.2, 2.2), 0.05, STEEL)
        for side in SIDES:
            body.span((-0.75, side * 0.6, 1.55), (0.7, side * 1.1, 1.68), LIVERY)
            body.box((2.76, side * 0.25, 1.1), (0.04, 0.2, 0.16), LAMP)
        _cab(body)
        if self.load is not None:
            _trailer(body, self.load)
        size = 7.2 if self.load is not None else 3.9
        load = "" if self.load is None else load_state(self.load, False, 0.0)
        return Model(
            OTHER, "tractor", body.shape(), size, size / 2, load=load, headlamps=pair(2.8, 0.25, 1.1)
        )


def _cab(body: Body) -> None:
    body.prism([(-0.65, 1.5), (0.55, 1.5), (0.65, 1.8), (0.45, 2.6), (-0.6, 2.6)], -0.55, 0.55, GLASS)
    body.span((-0.72, -0.62, 2.58), (0.55, 0.62, 2.68), LIVERY)
    for x in (-0.6, 0.5):
        for side in SIDES:
            body.tube((x, side * 0.56, 1.5), (x - 0.03, side * 0.56, 2.6), 0.035, DARK, 6)
    mirrored(body, [(-0.5, 0.57, 1.55), (0.4, 0.57, 1.55), (0.35, 0.57, 1.7), (-0.5, 0.57, 1.7)], LIVERY)


def _trailer(body: Body, load: float) -> None:
    body.span((-4.4, -0.95, 0.85), (-1.3, 0.95, 0.97), SECOND)
    body.span((-1.3, -0.07, 0.6), (-0.3, 0.07, 0.75), CHASSIS)
    for side in SIDES:
        wheel(body, -3.0, side * 0.8, 0.42, 0.26, side, sides=20)
        body.span((-4.4, side * 0.95, 0.95), (-1.3, side * 0.9, 1.5), SECOND)
        body.box((-4.42, side * 0.75, 0.85), (0.04, 0.2, 0.1), RED)
    for x in (-4.4, -1.3):
        body.span((x - 0.03, -0.95, 0.95), (x + 0.03, 0.95, 1.5), SECOND)
    if load > 0:
        heap(body, (-4.35, -1.35), 0.88, 0.95, 0.45 * load, 0.35 * load, SAND, 5)
