"""What every contestant is shown: pictures of one fixed camera by a fast clock, and what is true of each. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes, Picture
from inference.terrain.sight import Sight

Outline = NDArray[np.float64]  # [N, 2] x y, relative 0-1 of the picture, not closed

LEAST_M2 = 20.0  # from here on a dig has to be found, and anything smaller need not be told


@dataclass(frozen=True, slots=True)
class Look:
    """One picture and its truth. time: s since 1970. occupied: float32 [N, 4], relative boxes of vehicles and people;
    working: of them, machines that dig. digs: outlines of what is dug of the ground by now, as the camera sees it.
    area_m2: of all of it on the ground, hidden parts included."""

    time: float
    picture: Picture
    occupied: Boxes
    working: Boxes
    digs: tuple[Outline, ...] = ()
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class Dig:
    """It grows from nothing at `start` to area_m2 at start + ramp (s). distance: m from the camera's foot.
    due: when it reaches LEAST_M2, s since 1970."""

    area_m2: float
    distance: float
    start: float
    ramp: float
    due: float


@dataclass(frozen=True, slots=True)
class Told:
    """Of a scenario, what its figures are sorted by. origin: "rendered" or "filmed". dig: None where nobody digs.
    begins: from when on an alarm counts: before it, everybody may learn. still: whether the camera stands still."""

    name: str
    origin: Literal["rendered", "filmed"]
    begins: float
    ends: float
    dig: Dig | None = None
    still: bool = True


class Scenario(Protocol):
    """Told once, played as often as somebody wants, the same every time; pickled into another process."""

    @property
    def told(self) -> Told: ...

    def sight(self) -> Sight | None:
        """What a technician's control points would tell of the ground; None where there are none."""
        ...

    def looks(self) -> Iterator[Look]:
        """In the order of time."""
        ...


def due(start: float, ramp: float, area_m2: float) -> float:
    """When a dig whose area grows evenly reaches LEAST_M2. Raises ValueError where it never does."""
    if area_m2 < LEAST_M2:
        raise ValueError(f"{area_m2} m2 never reach {LEAST_M2}")
    return start + ramp * LEAST_M2 / area_m2
