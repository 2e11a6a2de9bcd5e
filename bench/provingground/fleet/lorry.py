"""Older lorries: flat or bonneted cab; high-sided, box, tank or flat body. About 7.5 to 9 m."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench.provingground.fleet.model import Body, Model, load_state, pair
from bench.provingground.fleet.parts import SIDES, heap, mirrored, tarpaulin, wheel
from bench.provingground.paint import (
    CHASSIS,
    DARK,
    GLASS,
    LAMP,
    LIVERY,
    RED,
    SAND,
    SECOND,
    WET_SAND,
    WHITE,
    Paint,
)

Carrying = Literal["open", "box", "tank", "flat"]

_CAB = 3.8  # m, x of the cab's front
_HALF = 1.15


@dataclass(frozen=True, slots=True)
class Lorry:
    """load: 0 to 1, of an open body. seed: height of the sides, bumper, kind of sand."""

    bonnet: bool = False
    body: Carrying = "open"
    axles: int = 2
    load: float = 1.0
    cover: Paint | None = None
    seed: int = 0

    def build(self) -> Model:
        chance = np.random.default_rng(self.seed)
        rear, head = (-4.0 if self.axles > 2 else -3.4), _CAB - 1.85
        body = Body()
        nose = _cab(body, self.bonnet, chance.random() < 0.5)
        body.span((rear, -0.5, 0.75), (_CAB - 0.2, 0.5, 1.0), CHASSIS)
        _wheels(body, self.bonnet, rear, self.axles)
        self._carry(body, (rear, head), chance)
        for side in SIDES:
            body.box((nose + 0.05, side * 0.85, 0.9), (0.06, 0.26, 0.22), LAMP)
            body.box((rear - 0.03, side * 0.95, 0.95), (0.05, 0.3, 0.14), RED)
        load = load_state(self.load, self.cover is not None, 0.0) if self.body == "open" else ""
        return Model(
            "truck", f"{self.body} lorry", body.shape(), size=nose - rear, room=4.4, load=load,
            headlamps=pair(nose + 0.15, 0.85, 0.9), tail_lamps=pair(rear - 0.1, 0.95, 0.95),
        )  # fmt: skip

    def _carry(self, body: Body, x: tuple[float, float], chance: np.random.Generator) -> None:
        rear, head = x
        if self.body == "box":
            body.span((rear, -1.22, 1.1), (head, 1.22, 3.4), SECOND)
        elif self.body == "tank":
            body.tube((rear, 0, 1.95), (head, 0, 1.95), 1.0, SECOND, 24)
            body.span((rear + 1, -0.3, 2.9), (head - 1, 0.3, 3.05), DARK)
            body.span((rear, -1.0, 1.0), (head, 1.0, 1.2), CHASSIS)
        elif self.body == "flat":
            body.span((rear, -1.2, 1.05), (head, 1.2, 1.22), SECOND)
            body.span((head - 0.1, -1.2, 1.2), (head, 1.2, 2.5), SECOND)
        else:
            self._open(body, x, float(chance.uniform(0.7, 1.5)), WET_SAND if chance.random() < 0.4 else SAND)

    def _open(self, body: Body, x: tuple[float, float], height: float, sand: Paint) -> None:
        rear, head = x
        body.span((rear, -1.2, 1.05), (head, 1.2, 1.2), SECOND)
        for side in SIDES:
            body.span((rear, side * 1.2, 1.2), (head, side * 1.13, 1.2 + height), SECOND)
            body.span((rear, side * 1.24, 1.15 + height), (head, side * 1.1, 1.25 + height), SECOND)
            for post in np.linspace(rear + 0.05, head - 0.05, 8):
                body.span((post - 0.05, side * 1.25, 1.1), (post + 0.05, side * 1.18, 1.2 + height), SECOND)
        for end in x:
            body.span((end - 0.04, -1.2, 1.2), (end + 0.04, 1.2, 1.3 + height), SECOND)
        if self.load:
            heap(body, x, 1.12, 1.2, height * 0.85 * self.load, 0.45 * self.load, sand, self.seed)
        if self.cover is not None:
            tarpaulin(body, x, 1.27, 1.2 + height, self.cover)


def _cab(body: Body, bonnet: bool, white: bool) -> float:
    """x of the foremost point, m."""
    x = _CAB
    outline = [
        (x - 1.7, 0.65),
        (x, 0.65),
        (x + 0.04, 1.55),
        (x - 0.16, 2.55),
        (x - 0.4, 2.68),
        (x - 1.7, 2.68),
    ]
    body.prism(outline, -_HALF, _HALF, LIVERY)
    body.patch(
        [(x + 0.05, -1.02, 1.62), (x + 0.05, 1.02, 1.62), (x - 0.13, 0.98, 2.45), (x - 0.13, -0.98, 2.45)],
        GLASS,
    )
    door = [(x - 0.12, 1.65), (x - 0.28, 2.4), (x - 1.1, 2.4), (x - 1.1, 1.65)]
    mirrored(body, [(u, _HALF + 0.01, v) for u, v in door], GLASS)
    for side in SIDES:
        body.box((x - 0.05, side * (_HALF + 0.2), 1.95), (0.1, 0.16, 0.42), DARK)
    front = x
    if bonnet:
        hood = [(x - 0.05, 0.6), (x + 1.15, 0.62), (x + 1.2, 1.25), (x + 0.9, 1.5), (x - 0.05, 1.65)]
        body.prism(hood, -0.85, 0.85, LIVERY)
        front = x + 1.2
        body.box((front + 0.02, 0, 0.98), (0.05, 1.1, 0.5), DARK)
    else:
        body.box((x + 0.04, 0, 1.12), (0.05, 1.7, 0.45), DARK)
        body.box((x - 0.2, 0, 2.74), (0.5, 1.8, 0.22), SECOND)
    body.box((front + 0.06, 0, 0.62), (0.18, 2.2, 0.28), WHITE if white else DARK)
    return front


def _wheels(body: Body, bonnet: bool, rear: float, axles: int) -> None:
    steered = _CAB + 0.35 if bonnet else _CAB - 0.6
    for x in [steered, *([rear + 1.3] if axles == 2 else [rear + 1.0, rear + 2.2])]:
        for side in SIDES:
            wheel(body, x, side * 0.98, 0.48, 0.30 if x > 0 else 0.52, side, sides=20, dual=x < 0)
