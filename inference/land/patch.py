"""One patch of ground that seems to be disturbed: what is known of it, and whether it is enough. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from inference.change import Corner, Place
from inference.findings import Finding, Phase
from inference.land.evidence import Grid
from inference.land.persist import Bytes, Mask, tone
from inference.land.tally import HOUR, Tally
from inference.land.vehicles import AT_WORK

# Nats. Most of what stays changed for minutes is weather, a shadow that nobody knew, a thing put down.
_PRIOR: Final = -8.0
_TOLD: Final = 2.0  # 88 % sure
_OVER: Final = -2.0  # 12 %
_GONE: Final = -10.0  # of something that was never told
# What one light may say. Soil where there was none is enough by itself; another colour or shape alone is what a lorry
# looks like that the detector does not know.
_BARE: Final = 16.0
_OTHER: Final = 2.5
# Where a machine works, whatever it looks like: earth of one colour, or infrared, which has none. Its shadow stays
# for some minutes, too, and has to be seen as sure.
_DUG: Final = 9.0
_LEFT: Final = 11.0  # the same when it has left, and its shadow with it
# Gain in soil likeness of a whole patch from which it begins to be soil, and is. Its rim is none; and of a puddle the rim
# is mixed with what is round it, which makes a third of it look like soil.
_SOIL: Final = (0.25, 0.55)
_EVIDENT: Final = 0.4  # of the way from one to the other, from which it need not last
_DOUBT: Final = 0.15  # tone of a whole patch up to which it may be the comparison's own error
_MACHINE: Final = 3.0  # a machine that works at it: twenty times as likely
_CLAIM: Final = 2 * HOUR  # s of looks: time constant of a machine's claim on what is not told
_SOON: Final = 120.0  # s: time constant of its soil
_LOOK: Final = 0.2  # of it, at most, by one look
_SEEN: Final = 0.3  # share of a patch that must be seen for it to be judged
_CLEAR: Final = 0.5  # tone from which a light shows a patch, or shows that it is gone
_DAY: Final = 86400.0
# Gain in soil likeness below which it may be water that stands on soil, or soaked it: it shows the sky, and where it is
# shallow the mud below, which is as much soil as it was.
_WATER: Final = 0.05
_DRY: Final = 7 * _DAY  # until when it has run off
# Where it is told that it is soil but for a little, it need not last so long: gain, and s.
_PARTLY: Final = (0.15, _DAY)
_NEARLY: Final = (_SOIL[0] + _EVIDENT * (_SOIL[1] - _SOIL[0]), 2 * HOUR)
_LIGHTS: Final = 3
_WATCHED: Final = 2 * HOUR
_LONGEST: Final = 120.0  # s: nobody looked in a longer gap
_SAMPLES: Final = 36
_EVERY: Final = 600.0  # s between two areas that are remembered: six hours of them
_FEWEST: Final = 4  # areas, over half an hour, before a rate is told

Box = tuple[int, int, int, int]


@dataclass(slots=True)
class Patch:
    """number: on this view, counting; of the key. since: steady s, first seen. box: left, top, right, bottom, px of the
    evidence, round its pixels; px: their count; parted: no pixel of it stays changed any longer.

    soil: mean gain in soil likeness, None: never seen in colour. lights: it was seen in; back: the old surface was seen in.
    missed: steady s since when it was not seen. watched: s it was judged for. worked: s that a machine was at it, at most;
    busy: one is now.
    areas: (steady s, m2), of the last hours. told: the last message while it is open. told_px: its px then.
    outline, place, placed_px: as last measured, and its px then. paired: a picture in its reference's light was kept.
    """

    number: int
    since: float
    box: Box
    px: int
    parted: bool = False
    tally: Tally = field(default_factory=Tally)
    soil: float | None = None
    lights: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    missed: float | None = None
    watched: float = 0.0
    worked: float = 0.0
    busy: bool = False
    areas: list[tuple[float, float]] = field(default_factory=list)
    told: Finding | None = None
    told_px: int = 0
    outline: tuple[Corner, ...] = ()
    place: Place | None = None
    placed_px: int = 0
    paired: bool = False

    @property
    def open(self) -> bool:
        return self.told is not None and self.told.phase is not Phase.END

    @property
    def machine(self) -> bool:
        return self.worked >= AT_WORK

    @property
    def score(self) -> float:
        return _PRIOR + self.tally.value + (_MACHINE if self.machine else 0.0)

    @property
    def confidence(self) -> float:
        """0 to 1."""
        return 1 / (1 + math.exp(-self.score))

    @property
    def cut(self) -> tuple[slice, slice]:
        left, top, right, bottom = self.box
        return slice(top, bottom), slice(left, right)

    def sure(self, now: float) -> bool:
        """Whether it is to be told. Where no soil came up it takes a day and several lights: what is parked leaves,
        what is wet dries, a puddle in a week; where it is nearly evident that it is soil, hours. Where a machine is at
        it some minutes do; in the dark, which shows no colour, two hours."""
        if self.parted or self.score < _TOLD:
            return False
        if self.machine:
            return self.watched >= (2 * HOUR if self.soil is None else AT_WORK)
        lasting = now - self.since >= _passing(self.soil)
        lasting = lasting and self.watched >= _WATCHED and len(self.lights) >= _LIGHTS
        return _bareness(self.soil) >= _EVIDENT or lasting

    def restored(self, now: float) -> bool:
        """Whether the old surface is back: seen so for an hour, in two lights at least, and never as disturbed since."""
        if self.missed is None or self.score > _OVER:
            return False
        return len(self.back) > 1 and now - self.missed >= HOUR

    @property
    def vain(self) -> bool:
        """Whether it can be forgotten that was never told."""
        return not self.open and self.parted and self.score <= _GONE

    def hear(
        self, mine: Mask, told: Bytes, gained: Grid, light: str, now: float, passed: float, trust: float
    ) -> None:
        """One look at it. mine: bool, its pixels in `cut`. told, gained: the whole look, encoded, and how much more
        like soil it is than usual. trust: in what changed."""
        known = mine & (told[self.cut] > 0)
        if np.count_nonzero(known) < max(1, _SEEN * self.px):
            return
        heard = float(tone((told[self.cut][known].mean() - 1) / 254))
        self.watched += min(passed, _LONGEST)
        colours = gained[self.cut][known]
        if heard > 0:
            self._soil(colours, min(passed / _SOON, _LOOK))
        sure = max(heard - _DOUBT, 0.0) / (1 - _DOUBT)
        # A look without colours does not see that it is soil: what the day found of it is not said once more by night.
        bareness = 0.0 if np.isnan(colours).all() else _bareness(self.soil)
        most = _OTHER + (_BARE - _OTHER) * bareness
        most = max(most, _DUG if self.busy else _LEFT) if self.machine else most
        self.tally.add(light, now, most * trust * sure if heard > 0 else _BARE * heard, passed)
        self._lit(heard, light, now)

    def doubt(self, passed: float) -> None:
        """What a machine made is told in hours: later it says nothing of what a patch has become."""
        if not self.open:
            self.worked *= math.exp(-min(passed, _LONGEST) / _CLAIM)

    def remember(self, now: float) -> None:
        """Its area as it is now."""
        if self.place is not None and self.place.area_m2 is not None:
            self.areas = [*self.areas, (now, self.place.area_m2)][-_SAMPLES:]

    def due(self, now: float) -> bool:
        """Whether its area is to be measured again for its growth."""
        return self.open and (not self.areas or now - self.areas[-1][0] >= _EVERY)

    def absorb(self, younger: "Patch") -> None:
        """They have grown together; what is known of either is known of both: an old doubt about a bush does not
        hold up the dig that reaches it."""
        if younger.tally.value > self.tally.value:
            self.tally = younger.tally
        self.soil = max((each.soil for each in (self, younger) if each.soil is not None), default=None)
        self.lights |= younger.lights
        self.worked = max(self.worked, younger.worked)

    def heir(self, number: int, box: Box, px: int) -> "Patch":
        """A part that came off: known for as long, but it has to be seen on its own before it is told."""
        lights, watched = set(self.lights), self.watched
        return Patch(number, self.since, box, px, soil=self.soil, lights=lights, watched=watched)

    def _soil(self, gained: Grid, portion: float) -> None:
        seen = gained[~np.isnan(gained)]
        if len(seen):
            mean = float(seen.mean())
            self.soil = mean if self.soil is None else self.soil + portion * (mean - self.soil)

    def _lit(self, heard: float, light: str, now: float) -> None:
        if heard >= _CLEAR:
            self.lights.add(light)
            self.back, self.missed = set(), None
        elif heard <= -_CLEAR:
            self.back.add(light)
            self.missed = now if self.missed is None else self.missed


def _bareness(soil: float | None) -> float:
    """0 to 1."""
    low, high = _SOIL
    return 0.0 if soil is None else min(max((soil - low) / (high - low), 0.0), 1.0)


def _passing(soil: float | None) -> float:
    """s for which what is no disturbance may stay: the less, the more like soil it is."""
    if soil is None:
        return _DAY
    if soil < _WATER:
        return _DRY
    (partly, most), (nearly, least) = _PARTLY, _NEARLY
    return math.exp(np.interp(soil, (partly, nearly), (math.log(most), math.log(least))))


def rate(areas: Sequence[tuple[float, float]]) -> float | None:
    """m2 per hour of (s, m2): the median of the slopes between any two (Theil 1950, Sen 1968), which one bad
    outline does not bend. None: too few."""
    if len(areas) < _FEWEST or areas[-1][0] - areas[0][0] < HOUR / 2:
        return None
    times, sizes = np.array(areas).T
    one, other = np.triu_indices(len(times), 1)
    slopes = (sizes[other] - sizes[one]) / np.maximum(times[other] - times[one], 1.0)
    return float(np.median(slopes) * HOUR)
