"""People, about 1.75 m: standing, walking, bending, one arm raised. Shirt and trousers are the two liveries."""

from dataclasses import dataclass
from typing import Literal

from bench.provingground.fleet.model import Body, Model
from bench.provingground.fleet.parts import SIDES
from bench.provingground.paint import DARK, HELMET, LIVERY, SECOND, SKIN
from bench.provingground.transforms import move, turn_y

Pose = Literal["stands", "walks", "bends", "waves"]


@dataclass(frozen=True, slots=True)
class Person:
    """step: of a walker, -1 to 1, which leg is ahead."""

    pose: Pose = "stands"
    step: float = 1.0

    def build(self) -> Model:
        body = Body()
        stride = 0.28 * self.step if self.pose == "walks" else 0.05
        for side in SIDES:
            knee = (side * stride * 0.55 + 0.05, side * 0.1, 0.45)
            body.tube((side * stride, side * 0.1, 0.05), knee, 0.065, SECOND, 8, 0.075)
            body.tube(knee, (0, side * 0.09, 0.87), 0.075, SECOND, 8, 0.095)
            body.box((side * stride + 0.06, side * 0.1, 0.04), (0.27, 0.1, 0.08), DARK)
        lean = 1.0 if self.pose == "bends" else 0.05
        _torso(body.at(move(0, 0, 0.85) @ turn_y(lean) @ move(0, 0, -0.85)), self.pose, stride)
        return Model("person", "person", body.shape(), size=1.75, room=0.6, bevel=0.0)


def _torso(body: Body, pose: Pose, stride: float) -> None:
    body.tube((0, 0, 0.82), (0, 0, 1.12), 0.15, LIVERY, 10, 0.17)
    body.tube((0, 0, 1.12), (0, 0, 1.47), 0.17, LIVERY, 10, 0.13)
    body.tube((0, 0, 1.45), (0, 0, 1.56), 0.055, SKIN, 8)
    body.tube((0.01, 0, 1.54), (0.01, 0, 1.74), 0.085, SKIN, 10, 0.09)
    body.tube(
        (0, 0, 1.66), (0, 0, 1.80), 0.125, HELMET if pose in ("stands", "bends", "walks") else DARK, 12, 0.06
    )
    for side in SIDES:
        hand = (-side * stride * 0.8, side * 0.27, 0.88)
        if pose == "waves" and side > 0:
            hand = (0.1, 0.3, 2.0)
        elif pose == "bends":
            hand = (0.25, side * 0.24, 0.85)
        elbow = ((hand[0] - 0.08) / 2, side * 0.28, (hand[2] + 1.42) / 2)
        body.tube((0, side * 0.2, 1.42), elbow, 0.055, LIVERY)
        body.tube(elbow, hand, 0.045, LIVERY)
        body.tube(hand, (hand[0] + 0.02, hand[1], hand[2] - 0.1), 0.045, SKIN, 6)
