"""Bus (10.6 m) and minibus (6.8 m)."""

from dataclasses import dataclass

from bench.provingground.fleet.model import Body, Model, pair
from bench.provingground.fleet.parts import SIDES, mirrored, wheel
from bench.provingground.paint import DARK, GLASS, LAMP, LIVERY, RED, SECOND


@dataclass(frozen=True, slots=True)
class Bus:
    mini: bool = False

    def build(self) -> Model:
        body = Body()
        length, width, height, tyre = (3.4, 1.05, 2.65, 0.38) if self.mini else (5.3, 1.25, 3.15, 0.5)
        outline = [
            (-length, 0.35), (length, 0.35), (length + 0.03, 1.2), (length - 0.12, height - 0.25),
            (length - 0.35, height), (-length + 0.1, height), (-length, height - 0.2),
        ]  # fmt: skip
        body.prism(outline, -width, width, LIVERY)
        body.span((-length + 0.05, -width - 0.008, 0.55), (length - 0.05, width + 0.008, 0.80), SECOND)
        _windows(body, length, width, height, 4 if self.mini else 7)
        for x in (length * 0.58, -length * 0.55):
            for side in SIDES:
                wheel(body, x, side * (width - 0.12), tyre, 0.28, side, sides=18)
        for side in SIDES:
            body.box((length + 0.03, side * width * 0.75, 0.75), (0.06, 0.35, 0.2), LAMP)
            body.box((-length - 0.02, side * width * 0.8, 0.85), (0.05, 0.2, 0.3), RED)
        head, tail = pair(length + 0.12, width * 0.75, 0.75), pair(-length - 0.08, width * 0.8, 0.85)
        kind = "minibus" if self.mini else "bus"
        return Model("bus", kind, body.shape(), 2 * length, length, headlamps=head, tail_lamps=tail)


def _windows(body: Body, length: float, width: float, height: float, count: int) -> None:
    sill, top = height * 0.46, height * 0.84
    pitch = (2 * length - 0.9) / count
    for index in range(count):
        x = -length + 0.25 + index * pitch
        pane = [(x, sill), (x + pitch - 0.12, sill), (x + pitch - 0.12, top), (x, top)]
        mirrored(body, [(u, width + 0.012, v) for u, v in pane], GLASS)
    for side in SIDES:
        body.box((length + 0.02, side * (width + 0.2), top), (0.1, 0.25, 0.4), DARK)
    wide, narrow, front = width * 0.93, width * 0.9, length - 0.02
    screen = [(front, -wide, sill - 0.1), (front, wide, sill - 0.1)]
    body.patch([*screen, (length - 0.11, narrow, top + 0.05), (length - 0.11, -narrow, top + 0.05)], GLASS)
    back = [(-width * 0.8, sill), (width * 0.8, sill), (width * 0.8, top), (-width * 0.8, top)]
    body.patch([(-length - 0.01, y, z) for y, z in back], GLASS)
