"""A village on the far bank."""

import math

import numpy as np

from bench.provingground.mesh import Body, Shape
from bench.provingground.paint import GLASS, Paint
from bench.provingground.transforms import Matrix, move, turn_z

_WALLS = ((0.62, 0.58, 0.52), (0.45, 0.26, 0.18), (0.55, 0.55, 0.55))
_ROOFS = ((0.22, 0.09, 0.06), (0.16, 0.17, 0.19))


def village(seed: int) -> list[tuple[Shape, Matrix]]:
    """Nine houses with the frame each stands in."""
    noise = np.random.default_rng(seed)
    return [(_house(noise, number), _plot(noise, number)) for number in range(9)]


def _plot(noise: np.random.Generator, number: int) -> Matrix:
    place = move(-150 + number * 38 + noise.normal() * 6, 182 + noise.normal() * 10, -0.5)
    return place @ turn_z(noise.normal() * 0.15)


def _house(noise: np.random.Generator, number: int) -> Shape:
    wide, deep, high = noise.uniform(8, 14), noise.uniform(6, 8), noise.uniform(3.5, 7)
    wall = Paint(f"wall{number % 3}", _WALLS[number % 3], 0.9)
    roof = Paint(f"roof{number % 2}", _ROOFS[number % 2], 0.8)
    body = Body()
    body.span((-wide / 2, -deep / 2, 0), (wide / 2, deep / 2, high), wall)
    gable = [(-deep / 2 - 0.4, high), (deep / 2 + 0.4, high), (0.0, high + 2)]
    body.at(turn_z(math.pi / 2)).prism(gable, -wide / 2 - 0.4, wide / 2 + 0.4, roof)
    for x in np.linspace(-wide / 2 + 1.2, wide / 2 - 1.2, 4):
        for sill in (1.2, 4.2) if high > 6 else (1.2,):
            window = [(x - 0.5, sill), (x + 0.5, sill), (x + 0.5, sill + 1.4), (x - 0.5, sill + 1.4)]
            body.patch([(u, -deep / 2 - 0.01, v) for u, v in window], GLASS)
    return body.shape()
