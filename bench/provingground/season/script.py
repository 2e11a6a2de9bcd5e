"""What happens at a scene in some days: nothing, or ground that is dug. Times in s from the season's start, the first
midnight (Beijing time) of the scene's day."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bench.provingground.ground import Earthwork
from bench.provingground.outline import Outline, area, blob

Kind = Literal["pit", "heap", "both", "stripped"]
_FINEST = 200  # steps in which an excavation grows; a bucket at a time, not a hair


@dataclass(frozen=True, slots=True)
class Dig:
    """Ground that is opened, its area growing evenly over `ramp_s`, every outline inside the next.

    place: m. kind: a pit, a heap, a pit with its heap beside it (two thirds and one third of the area), or topsoil
    scraped off (a hand deep). seed: of its outline and colour. machine: an excavator works at it while it grows.
    """

    place: tuple[float, float]
    area_m2: float
    start: float
    ramp_s: float
    kind: Kind = "both"
    seed: int = 1
    machine: bool = True

    def share(self, time: float) -> float:
        """0 to 1 of the final area that is open, in steps."""
        done = (
            min(1.0, max(0.0, (time - self.start) / self.ramp_s))
            if self.ramp_s > 0
            else float(time >= self.start)
        )
        return math.floor(done * _FINEST + 1e-9) / _FINEST

    def works(self, time: float) -> tuple[Earthwork, ...]:
        """The earthworks at a moment; their areas sum to share * area_m2 exactly."""
        scale = math.sqrt(self.share(time))
        return tuple(part.shrunk(scale) for part in self.parts()) if scale else ()

    def parts(self) -> tuple["Part", ...]:
        """Its pit, its heap or both, complete."""
        stretch, turned = self._shape()
        if self.kind != "both":
            whole = blob(self.place, self.area_m2, self.seed, stretch, turned)
            return (Part(self.place, _work(self.kind, whole)),)
        pit = blob(self.place, self.area_m2 * 2 / 3, self.seed, stretch, turned)
        beside = (float(pit[:, 0].max()) + 0.75 * math.sqrt(self.area_m2 / 3) + 1, self.place[1])
        heap = blob(beside, self.area_m2 / 3, self.seed + 1, 1.1, 0.0)
        return Part(self.place, _work("pit", pit)), Part(beside, _work("heap", heap))

    def reach(self) -> float:
        """m from `place` to the farthest corner."""
        corners = np.concatenate([part.work.outline for part in self.parts()])
        return float(np.hypot(*(corners - self.place).T).max())

    def _shape(self) -> tuple[float, float]:
        chance = np.random.default_rng([self.seed, 3])
        return float(chance.uniform(1.0, 1.5)), float(chance.uniform(0, math.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One earthwork and the middle that it grows from, m."""

    middle: tuple[float, float]
    work: Earthwork

    def shrunk(self, scale: float) -> Earthwork:
        """Smaller about its middle: every ray from there meets the outline once, so smaller ones lie inside."""
        middle, work = np.array(self.middle), self.work
        depth = work.depth if work.depth < 0.2 else max(0.3, work.depth * scale)
        return replace(work, outline=middle + scale * (work.outline - middle), depth=depth)


def _work(kind: Kind, outline: Outline) -> Earthwork:
    size = math.sqrt(area(outline))
    if kind == "stripped":
        return Earthwork("pit", outline, 0.15, (0.27, 0.21, 0.14))
    if kind == "heap":
        return Earthwork("heap", outline, min(4.0, 0.4 + 0.16 * size), (0.36, 0.29, 0.19))
    return Earthwork("pit", outline, min(3.0, 0.5 + 0.12 * size), (0.26, 0.20, 0.135))


@dataclass(frozen=True, slots=True)
class Script:
    """days: how long. traffic: factor on how many vehicles come by. growth: share by which crops green and darken
    in ten days (negative: they ripen)."""

    days: float
    digs: tuple[Dig, ...] = ()
    traffic: float = 1.0
    growth: float = 0.25

    def with_digs(self, *digs: Dig) -> "Script":
        return replace(self, digs=self.digs + digs)


def quiet(days: float, traffic: float = 1.0, growth: float = 0.25) -> Script:
    """Nobody digs."""
    return Script(days, (), traffic, growth)


def dig(
    place: tuple[float, float],
    ramp_s: float,
    area_m2: float,
    start: float,
    *,
    kind: Kind = "both",
    machine: bool = True,
    seed: int = 1,
    days: float = 0.0,
) -> Script:
    """One excavation; days: 0 ends six hours after it is complete."""
    made = Dig(place, area_m2, start, ramp_s, kind, seed, machine)
    return Script(days or (start + ramp_s) / 86_400 + 0.25, (made,))
