"""Our own, put together as the daemon puts it together."""

from pathlib import Path

import numpy as np

from bench.disturbance.contestant import Answer, Shown
from bench.disturbance.scenario import LEAST_M2, Look
from inference.change import Corner, Place
from inference.findings import Finding
from inference.land.bank import Bank
from inference.land.judge import Judge
from inference.land.settings import NOISE_PX, LandSettings
from inference.land.watch import LandWatch
from inference.terrain.area import measured
from inference.terrain.sight import Sight


class Ours:
    """folder: for its references. position: latitude and longitude, for the sun's height. It is told to look for half of
    LEAST_M2, as the others are: the edges of 20 m2 may be lost."""

    def __init__(self, folder: Path, sight: Sight | None, position: tuple[float, float] | None) -> None:
        self._bank = Bank.opened(folder)
        place = None if sight is None else _Placed(sight)
        self._watch = LandWatch(
            LandSettings(least_m2=LEAST_M2 / 2), Judge(self._bank, position), place, sight
        )

    def look(self, look: Look) -> Answer:
        step = self._watch.look(look.picture, look.time, look.occupied, look.working)
        return Answer(tuple(_shown(each) for each in self._watch.open), step.condition)

    def settle(self, now: float) -> None:
        self._bank.freeze(now)


class _Placed:
    """What a change's outline is on the ground, without a map."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight

    def __call__(self, outline: tuple[Corner, ...]) -> Place:
        found = measured(self._sight, np.array(outline, np.float64), noise_px=NOISE_PX)
        return Place((), found.sigma_m, found.area_m2, found.sigma_m2, found.withheld)


def _shown(finding: Finding) -> Shown:
    assert finding.change is not None
    outline, place = np.array(finding.change.outline, np.float64), finding.change.place
    if place is None:
        return Shown(finding.key, outline)
    return Shown(finding.key, outline, place.area_m2, place.area_sigma_m2, place.withheld is not None)
