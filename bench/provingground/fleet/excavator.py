"""Tracked excavator of the 20-t class; its arm takes any pose."""

import math
from dataclasses import dataclass

import numpy as np

from bench.provingground.fleet.model import Body, Model
from bench.provingground.fleet.parts import SIDES, crawler
from bench.provingground.paint import CHASSIS, CHROME, DARK, GLASS, MACHINE, SAND, STEEL
from bench.provingground.transforms import Matrix, Points, move, point, turn_y, turn_z

_BOOM, _STICK = 5.62, 2.85  # m between the hinges
_ROOT = (0.75, -0.05, 1.5)  # m, the boom's hinge in the house
_OUTER = [(0.1, 0.18), (0.75, 0.2), (1.2, -0.05), (1.42, -0.5), (1.38, -0.95), (1.18, -1.25)]
_INNER = [(1.1, -1.2), (1.28, -0.92), (1.3, -0.5), (1.1, -0.1), (0.7, 0.1), (0.1, 0.08)]


@dataclass(frozen=True, slots=True)
class Arm:
    """Radians. swing: of the house, from straight ahead to the left. boom, stick, bucket: each against the part
    before it, up is positive."""

    swing: float = 0.0
    boom: float = 0.55
    stick: float = -1.35
    bucket: float = -1.2

    def bucket_frame(self) -> Matrix:
        """The bucket's hinge in the machine's frame."""
        return self.stick_frame() @ move(_STICK, 0, 0) @ turn_y(-self.bucket)

    def stick_frame(self) -> Matrix:
        return self.boom_frame() @ move(_BOOM, 0, 0) @ turn_y(-self.stick)

    def boom_frame(self) -> Matrix:
        return turn_z(self.swing) @ move(*_ROOT) @ turn_y(-self.boom)


@dataclass(frozen=True, slots=True)
class Excavator:
    """full: sand in the bucket."""

    arm: Arm = Arm()
    full: bool = False

    def build(self) -> Model:
        body = Body()
        crawler(body, 4.2, 0.92, 2.2, 0.64, MACHINE)
        body.box((0, 0, 0.62), (1.8, 1.7, 0.4), CHASSIS)
        body.tube((0, 0, 0.75), (0, 0, 1.1), 0.62, CHASSIS, 20)
        house = body.at(turn_z(self.arm.swing))
        _house(house)
        _cab(house)
        _boom(body.at(self.arm.boom_frame()))
        _stick(body.at(self.arm.stick_frame()))
        _bucket(body.at(self.arm.bucket_frame()), self.full)
        return Model(
            "excavator",
            "excavator",
            body.shape(),
            size=8.0,
            room=4.5,
            work_lamps=((1.2, 0.8, 3.1),),
            bevel=0.02,
        )


def random_arm(chance: np.random.Generator) -> Arm:
    """Any working pose: the bucket between a metre below the ground and 6 m up."""
    while True:
        boom, stick, bucket = chance.uniform(0, 0.95), chance.uniform(-2.3, -0.8), chance.uniform(-2.2, -0.2)
        arm = Arm(float(chance.uniform(-math.pi, math.pi)), boom, stick, bucket)
        straight = Arm(0.0, boom, stick, bucket)
        hinge = straight.bucket_frame()[:3, 3]
        teeth = _teeth(straight)
        if hinge[0] > 2.2 and 0.2 < hinge[2] < 7 and min(hinge[2], teeth[2]) > -1.0 and teeth[2] < 6:
            return arm


def _teeth(arm: Arm) -> Points:
    return point(arm.bucket_frame(), (1.15, 0.0, -1.3))


def _house(house: Body) -> None:
    house.span((-2.0, -1.3, 1.08), (1.55, 1.3, 1.28), MACHINE)
    counterweight = [(-2.7, 1.12), (-1.9, 1.1), (-1.9, 2.25), (-2.45, 2.25), (-2.72, 1.95)]
    house.prism(counterweight, -1.3, 1.3, MACHINE)
    house.span((-1.9, -1.3, 1.28), (0.25, 1.3, 2.2), MACHINE)
    house.span((-1.7, -1.1, 2.2), (-0.4, 0.4, 2.32), MACHINE)
    house.span((0.25, -1.3, 1.28), (1.4, -0.45, 1.95), MACHINE)
    house.tube((-1.2, -0.6, 2.3), (-1.2, -0.6, 2.85), 0.07, STEEL)
    for side in SIDES:
        house.span((-1.2, side * 1.312, 1.4), (-0.3, side * 1.30, 2.1), DARK)


def _cab(house: Body) -> None:
    outline = [(-0.25, 1.28), (1.45, 1.28), (1.62, 1.75), (1.42, 2.95), (1.2, 3.05), (-0.25, 3.05)]
    house.prism(outline, 0.35, 1.30, MACHINE)
    for y in (0.342, 1.308):
        door = [(0.62, 1.5), (1.42, 1.62), (1.5, 1.8), (1.32, 2.88), (0.62, 2.9)]
        house.patch([(x, y, z) for x, z in door], GLASS)
        house.patch([(-0.12, y, 2.0), (0.5, y, 2.0), (0.5, y, 2.9), (-0.12, y, 2.9)], GLASS)
    house.patch([(1.60, 0.42, 1.62), (1.60, 1.23, 1.62), (1.43, 1.23, 2.9), (1.43, 0.42, 2.9)], GLASS)
    house.patch([(-0.256, 0.45, 2.1), (-0.256, 1.2, 2.1), (-0.256, 1.2, 2.9), (-0.256, 0.45, 2.9)], GLASS)


def _boom(boom: Body) -> None:
    outline = [(-0.15, -0.22), (2.5, 0.75), (5.6, -0.12), (5.65, 0.12), (2.6, 1.45), (2.0, 1.42), (-0.2, 0.2)]
    boom.prism(outline, -0.24, 0.24, MACHINE)
    for side in SIDES:
        boom.tube((0.5, side * 0.42, -0.75), (2.35, side * 0.32, 0.85), 0.085, STEEL)
        boom.tube((0.5, side * 0.42, -0.75), (1.5, side * 0.37, 0.1), 0.12, MACHINE)
    boom.tube((2.4, 0, 1.55), (5.0, 0, 1.02), 0.08, CHROME)
    boom.tube((2.4, 0, 1.55), (4.0, 0, 1.22), 0.12, MACHINE)


def _stick(stick: Body) -> None:
    outline = [(-0.75, 0.05), (-0.1, -0.28), (2.85, -0.12), (2.9, 0.12), (0.3, 0.32), (-0.7, 0.32)]
    stick.prism(outline, -0.17, 0.17, MACHINE)
    stick.tube((-0.3, 0, 0.5), (1.9, 0, 0.42), 0.08, STEEL)


def _bucket(bucket: Body, full: bool) -> None:
    bucket.prism(_OUTER + _INNER, -0.6, 0.6, STEEL)
    cheek = [(0.05, 0.15), *_OUTER[1:-1], (1.15, -1.2), (0.1, -0.1)]
    for side in SIDES:
        bucket.prism(cheek, side * 0.6 - 0.025, side * 0.6 + 0.025, STEEL)
    for y in np.linspace(-0.5, 0.5, 5):
        bucket.box((1.12, y, -1.32), (0.08, 0.1, 0.25), STEEL)
    if full:
        bucket.prism(
            [(0.15, 0.0), (0.7, 0.1), (1.15, -0.1), (1.3, -0.5), (1.28, -0.95), (0.55, -0.85)],
            -0.56,
            0.56,
            SAND,
        )
