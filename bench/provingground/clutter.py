"""Things nobody looks for: huts, containers, boulders, haystacks, poles, drums, pipes. Never labelled."""

from dataclasses import dataclass

import numpy as np

from bench.provingground.ground import Ground
from bench.provingground.mesh import Body, Shape
from bench.provingground.paint import Paint
from bench.provingground.transforms import Matrix, move, turn_z

_COLOURS = (
    (0.45, 0.10, 0.05), (0.10, 0.2, 0.4), (0.5, 0.5, 0.48), (0.3, 0.28, 0.22), (0.12, 0.25, 0.14), (0.6, 0.45, 0.1),
)  # fmt: skip
_TIN = Paint("tin", (0.4, 0.4, 0.42), 0.4, 0.6, dirt=0.4)
_ROCK = Paint("rock", (0.2, 0.19, 0.17), 0.95)
_HAY = Paint("hay", (0.42, 0.33, 0.13), 0.95)
_WOOD = Paint("wood", (0.2, 0.16, 0.12), 0.9)
_KINDS = ("container", "hut", "rocks", "hay", "pole", "drums", "pipes")


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """frame: in the world. x, y: m."""

    shape: Shape
    frame: Matrix
    x: float
    y: float


def scattered(ground: Ground, seed: int) -> list[Thing]:
    """Ten to twenty things on dry, free ground."""
    noise = np.random.default_rng(seed)
    things = []
    for _ in range(int(noise.integers(10, 22))):
        place = _free(noise, ground)
        if place is not None:
            frame = move(*place, float(ground.height(*place))) @ turn_z(noise.uniform(0, 6.3))
            things.append(Thing(_shape(noise), frame, *place))
    return things


def _free(noise: np.random.Generator, ground: Ground) -> tuple[float, float] | None:
    site = ground.site
    for _ in range(20):
        x, y = float(noise.uniform(-95, 110)), float(noise.uniform(-50, 70))
        off_track = abs(y - float(site.track.at(x))) > 7 and abs(x - float(site.spur.at(y))) > 6
        if float(site.off_water(x, y)) > 5 and off_track and not ground.worked(x, y, 4):
            return x, y
    return None


def _shape(noise: np.random.Generator) -> Shape:
    body, number = Body(), int(noise.integers(len(_COLOURS)))
    paint = Paint(f"clutter{number}", _COLOURS[number], 0.7, dirt=0.4)
    match str(noise.choice(_KINDS)):
        case "container":
            half = float(noise.choice([3, 6]))
            body.span((-half, -1.2, 0), (half, 1.2, 2.5), paint)
        case "hut":
            body.span((-2, -1.5, 0), (2, 1.5, 2.2), paint)
            body.box((0, 0, 2.3), (4.6, 3.6, 0.12), _TIN, pitch=0.1)
        case "rocks":
            for x, y, high, wide, thin in noise.uniform(-1, 1, (int(noise.integers(1, 5)), 5)):
                top = (1.2 * x, 1.2 * y, 0.8 + 0.4 * high)
                body.tube(
                    (1.2 * x, 1.2 * y, -0.3), top, 0.9 + 0.4 * wide, _ROCK, 7, 0.4 + 0.2 * thin, smooth=False
                )
        case "hay":
            body.tube((0, 0, -0.2), (0, 0, 2.0), 1.7, _HAY, 14, 1.4)
            body.tube((0, 0, 2.0), (0, 0, 3.4), 1.5, _HAY, 14, 0.1)
        case "pole":
            body.tube((0, 0, -0.5), (0, 0, 8), 0.13, _WOOD, 8, 0.1)
            body.box((0, 0, 7.5), (0.12, 1.6, 0.12), _WOOD)
        case "drums":
            for x, y in noise.normal(0, 1.2, (int(noise.integers(2, 7)), 2)):
                body.tube((x, y, 0), (x, y, 0.9), 0.29, paint, 12)
        case _:
            for row in range(5):
                body.tube((-4, row * 0.45 - 1, 0.2), (4, row * 0.45 - 1, 0.2), 0.2, paint, 10)
    return body.shape()
