"""A motorcycle, with or without its rider."""

from dataclasses import dataclass

from bench.provingground.fleet.model import Body, Model
from bench.provingground.fleet.parts import SIDES, wheel
from bench.provingground.paint import CHROME, DARK, LAMP, LIVERY, SEAT, SECOND


@dataclass(frozen=True, slots=True)
class Motorcycle:
    rider: bool = True

    def build(self) -> Model:
        body = Body()
        for x in (0.65, -0.62):
            wheel(body, x, 0, 0.31, 0.12, 1, sides=18)
        frame = [(-0.75, 0.75), (-0.2, 0.62), (0.35, 0.72), (0.3, 0.98), (-0.1, 0.86), (-0.8, 0.88)]
        body.prism(frame, -0.13, 0.13, LIVERY)
        body.box((-0.05, 0, 0.5), (0.5, 0.28, 0.35), DARK)
        body.tube((0.65, 0, 0.31), (0.38, 0, 1.05), 0.05, CHROME)
        body.tube((0.4, -0.34, 1.08), (0.4, 0.34, 1.08), 0.03, DARK, 6)
        body.box((0.5, 0, 0.9), (0.14, 0.2, 0.2), LAMP)
        body.box((-0.4, 0, 0.84), (0.75, 0.24, 0.1), SEAT)
        if self.rider:
            _rider(body)
        lamps = ((0.62, 0.0, 0.9),)
        return Model(
            "motorcycle",
            "motorcycle",
            body.shape(),
            2.1,
            1.2,
            headlamps=lamps,
            tail_lamps=((-0.85, 0, 0.8),),
            bevel=0,
        )


def _rider(body: Body) -> None:
    body.tube((-0.25, 0, 0.85), (-0.12, 0, 1.42), 0.18, SECOND, 10, 0.2)
    body.tube((-0.08, 0, 1.45), (-0.05, 0, 1.72), 0.12, DARK, 10, 0.1)
    for side in SIDES:
        body.tube((-0.12, side * 0.2, 1.38), (0.36, side * 0.3, 1.1), 0.055, SECOND)
        body.tube((-0.2, side * 0.15, 0.85), (0.22, side * 0.2, 0.72), 0.085, DARK)
        body.tube((0.22, side * 0.2, 0.72), (0.0, side * 0.2, 0.3), 0.065, DARK)
