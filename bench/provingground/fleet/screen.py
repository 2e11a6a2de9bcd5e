"""A screening plant: hopper, inclined screen box on legs, two conveyors with the heaps they throw. No class of ours."""

import math
from dataclasses import dataclass

import numpy as np

from bench.provingground.fleet.model import OTHER, Body, Model
from bench.provingground.fleet.parts import SIDES
from bench.provingground.paint import CHASSIS, DARK, LIVERY, SAND, STEEL
from bench.provingground.transforms import move, turn_y, turn_z


@dataclass(frozen=True, slots=True)
class ScreeningPlant:
    """About 16 m from the feed hopper to the end of the long conveyor."""

    def build(self) -> Model:
        body = Body()
        _screen(body)
        _conveyor(body.at(move(1.5, 0, 1.0)), 11.0, 0.33)
        _conveyor(body.at(move(0, 1.4, 1.2) @ turn_z(math.pi / 2)), 7.0, 0.30)
        for x, y, high in ((13.2, 0.0, 3.0), (0.0, 9.4, 2.2)):
            body.tube((x, y, -0.4), (x, y, high), high * 1.45, SAND, 22, 0.1)
        return Model(OTHER, "screening plant", body.shape(), size=16.0, room=11.0, bevel=0.0)


def _screen(body: Body) -> None:
    for x in (-3.2, 1.8):
        for side in SIDES:
            body.box((x, side * 1.2, 1.4), (0.22, 0.22, 2.8), CHASSIS)
    box = body.at(move(-0.8, 0, 3.1) @ turn_y(0.22))
    box.span((-2.8, -1.25, -0.1), (2.8, 1.25, 0.05), DARK)
    for side in SIDES:
        box.span((-2.8, side * 1.3, -0.5), (2.8, side * 1.2, 0.8), LIVERY)
        for x in np.linspace(-2.4, 2.4, 5):
            box.span((x - 0.06, side * 1.36, -0.5), (x + 0.06, side * 1.28, 0.8), LIVERY)
    hopper = [(-5.4, 4.8), (-4.8, 3.4), (-3.4, 3.4), (-2.6, 4.8)]
    body.prism(hopper, -1.6, 1.6, LIVERY)
    body.span((-5.3, -1.5, 4.78), (-2.7, 1.5, 4.84), SAND)
    body.span((-4.9, -1.0, 0.0), (-3.3, 1.0, 3.4), CHASSIS)


def _conveyor(body: Body, length: float, rise: float) -> None:
    """A belt from the frame's origin up along x. rise: radians."""
    belt = body.at(turn_y(-rise))
    belt.span((0, -0.45, 0), (length, 0.45, 0.08), DARK)
    for side in SIDES:
        belt.span((0, side * 0.55, -0.25), (length, side * 0.45, 0.15), LIVERY)
    high = math.sin(rise) * length
    for share in (0.45, 0.8):
        x, z = math.cos(rise) * length * share, high * share
        for side in SIDES:
            body.tube((x, side * 0.5, z), (x + 0.4, side * 0.9, -1.0), 0.06, STEEL, 6)
