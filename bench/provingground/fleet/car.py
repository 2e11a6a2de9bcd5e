"""Saloon, off-roader, pick-up, van: 4.5 to 5.2 m."""

from dataclasses import dataclass
from typing import Literal

from bench.provingground.fleet.model import Body, Model, pair
from bench.provingground.fleet.parts import SIDES, mirrored, wheel
from bench.provingground.mesh import Profile
from bench.provingground.paint import DARK, GLASS, LAMP, LIVERY, RED

Style = Literal["saloon", "off-roader", "pick-up", "van"]


@dataclass(frozen=True, slots=True)
class _Cut:
    """half: length and width, m. tyre: radius. side: outline. glass: outline of the windows, and the roof over it."""

    half: tuple[float, float]
    tyre: float
    side: Profile
    glass: Profile = ()
    roof: tuple[float, float, float] = (0, 0, 0)


_CUTS: dict[str, _Cut] = {
    "saloon": _Cut(
        (2.25, 0.88), 0.33,
        [(-2.25, 0.35), (2.25, 0.32), (2.29, 0.62), (1.95, 0.82), (0.95, 0.93), (-1.65, 0.97), (-2.25, 0.92)],
        [(-1.75, 0.95), (1.0, 0.92), (0.28, 1.40), (-1.15, 1.42)], (-1.1, 0.25, 1.40),
    ),
    "off-roader": _Cut(
        (2.3, 0.93), 0.38,
        [(-2.3, 0.42), (2.3, 0.4), (2.34, 0.8), (2.0, 1.02), (1.0, 1.10), (-2.3, 1.12)],
        [(-2.25, 1.1), (1.05, 1.09), (0.4, 1.72), (-1.95, 1.75)], (-1.95, 0.38, 1.74),
    ),
    "pick-up": _Cut(
        (2.6, 0.92), 0.38,
        [
            (-2.6, 0.45), (2.6, 0.42), (2.64, 0.8), (2.2, 1.0), (1.2, 1.08), (-0.5, 1.08), (-0.5, 0.75), (-2.6, 0.75),
        ],
        [(-0.55, 1.07), (1.2, 1.07), (0.6, 1.68), (-0.5, 1.70)], (-0.5, 0.58, 1.69),
    ),
    "van": _Cut(
        (2.45, 0.95), 0.35,
        [
            (-2.45, 0.38), (2.45, 0.36), (2.5, 0.75), (2.3, 1.05), (1.75, 1.85), (1.4, 1.98), (-2.4, 2.0), (-2.45, 1.6),
        ],
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Car:
    style: Style = "saloon"

    def build(self) -> Model:
        cut, body = _CUTS[self.style], Body()
        length, width = cut.half
        body.prism(cut.side, -width, width, LIVERY)
        if self.style == "pick-up":
            _bed(body, length, width)
        if cut.glass:
            _greenhouse(body, cut)
        else:
            _van_windows(body, length, width)
        for x in (length * 0.62, -length * 0.6):
            for side in SIDES:
                wheel(body, x, side * (width - 0.09), cut.tyre, 0.22, side, sides=18)
        _trim(body, length, width, 0.75 if cut.glass else 1.0)
        head, tail = pair(length + 0.1, 0.65, 0.66), pair(-length - 0.05, 0.68, 0.8)
        return Model("car", self.style, body.shape(), 2 * length, 2.6, headlamps=head, tail_lamps=tail)


def _bed(body: Body, length: float, width: float) -> None:
    for side in SIDES:
        body.span((-length, side * width, 0.7), (-0.5, side * (width - 0.07), 1.12), LIVERY)
    body.span((-length, -width, 0.7), (-length + 0.07, width, 1.12), LIVERY)


def _greenhouse(body: Body, cut: _Cut) -> None:
    width = cut.half[1]
    rear, front, top = cut.roof
    body.prism(cut.glass, -width * 0.9, width * 0.9, GLASS)
    body.span((rear, -width * 0.88, top - 0.04), (front, width * 0.88, top + 0.05), LIVERY)
    for x in (rear + 0.02, (rear + front) / 2 - 0.05):
        for side in SIDES:
            body.span(
                (x, side * width * 0.905, cut.glass[0][1]), (x + 0.09, side * width * 0.88, top), LIVERY
            )


def _van_windows(body: Body, length: float, width: float) -> None:
    y = width + 0.006
    mirrored(body, [(-2.2, y, 1.2), (0.9, y, 1.2), (0.9, y, 1.8), (-2.2, y, 1.8)], GLASS)
    mirrored(body, [(1.0, y, 1.15), (2.0, y, 1.15), (1.6, y, 1.8), (1.0, y, 1.8)], GLASS)
    for x in (-1.2, -0.1):
        for side in SIDES:
            body.span((x, side * (width + 0.012), 1.2), (x + 0.1, side * width, 1.8), LIVERY)
    body.patch([(2.29, -0.82, 1.1), (2.29, 0.82, 1.1), (1.80, 0.75, 1.82), (1.80, -0.75, 1.82)], GLASS)
    back = [(-0.01, -0.8, 1.2), (-0.01, 0.8, 1.2), (0.03, 0.8, 1.8), (0.03, -0.8, 1.8)]
    body.patch([(x - length, y, z) for x, y, z in back], GLASS)


def _trim(body: Body, length: float, width: float, tail: float) -> None:
    for side in SIDES:
        body.box((length + 0.02, side * 0.65, 0.66), (0.06, 0.32, 0.13), LAMP)
        body.box((-length - 0.01, side * 0.68, tail), (0.05, 0.28, 0.14), RED)
        body.box((0.75, side * (width + 0.1), 1.02), (0.12, 0.2, 0.14), DARK)
    body.box((length + 0.03, 0, 0.42), (0.06, 1.5, 0.2), DARK)
