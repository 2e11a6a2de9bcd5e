"""What was told, held against what is true. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.disturbance.contestant import Shown
from bench.disturbance.scenario import Dig, Look, Outline

_GRID = (960, 540)  # the truth's own resolution, width and height
_TOUCHES = 0.1  # of the alarm's area is dug: less is a neighbour, or an alarm about everything

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is told of one dig at one look. keys: of alarms that touch it. iou: of all of them together."""

    time: float
    keys: tuple[str, ...]
    iou: float
    true_m2: float
    area_m2: float | None
    sigma_m2: float | None
    withheld: bool


@dataclass(slots=True)
class Record:
    """Of one contestant in one scenario, from when on alarms count.

    alarms: key -> when it was first told, and whether it ever touched a dig. early: those that were told while nothing
    was dug: what they say of a dig later is chance. moments: looks at a dig that is told. silences: condition -> looks.
    ms: per look, of all looks.
    """

    alarms: dict[str, tuple[float, bool]]
    moments: list[Moment]
    silences: dict[str, int]
    ms: list[float]
    looks: int = 0
    early: set[str] = field(default_factory=set)

    @staticmethod
    def empty() -> "Record":
        return Record({}, [], {}, [])

    def noted(self, look: Look, shown: Sequence[Shown], silence: str | None) -> None:
        self.looks += 1
        if silence is not None:
            self.silences[silence] = self.silences.get(silence, 0) + 1
        truth = drawn(look.digs)
        there = [each for each in shown if each.key not in self.early and touches(each.outline, truth)]
        for each in shown:
            first, touched = self.alarms.get(each.key, (look.time, False))
            self.alarms[each.key] = (first, touched or any(each is other for other in there))
            if not look.digs:
                self.early.add(each.key)
        if there:
            self.moments.append(_moment(look, there, truth))

    def false(self) -> list[float]:
        """When each alarm began that never touched a dig."""
        return sorted(first for first, touched in self.alarms.values() if not touched)

    def delay(self, dig: Dig) -> float | None:
        """s from when the dig was due to its first alarm, at least 0; None where there was none."""
        told = [moment.time for moment in self.moments]
        return max(0.0, min(told) - dig.due) if told else None


def allowed(dig: Dig) -> float:
    """s it may take: a tenth of the ramp, or 10 minutes, whichever is longer."""
    return max(600.0, dig.ramp / 10)


def drawn(outlines: Iterable[Outline], grid: tuple[int, int] = _GRID) -> Mask:
    """Which pixels lie in any of them; bool [h, w]."""
    mask = np.zeros(grid[::-1], np.uint8)
    for outline in outlines:
        if len(outline) >= 3:  # fewer enclose nothing
            cv2.fillPoly(mask, [np.rint(outline * grid * 16 - 8).astype(np.int32)], (1,), shift=4)
    return mask > 0


def iou(one: Mask, other: Mask) -> float:
    either = int((one | other).sum())
    return float((one & other).sum() / either) if either else 0.0


def touches(outline: Outline, truth: Mask) -> bool:
    mask = drawn([outline])
    both = int((mask & truth).sum())
    return both > 0 and both >= _TOUCHES * int(mask.sum())


def _moment(look: Look, there: Sequence[Shown], truth: Mask) -> Moment:
    areas = [each.area_m2 for each in there if each.area_m2 is not None]
    sigmas = [each.sigma_m2 for each in there if each.sigma_m2 is not None]
    whole = len(areas) == len(there)
    return Moment(
        look.time,
        tuple(each.key for each in there),
        iou(drawn(each.outline for each in there), truth),
        look.area_m2,
        sum(areas) if whole else None,
        float(np.sqrt(np.square(sigmas).sum())) if whole and sigmas else None,
        any(each.withheld for each in there),
    )
