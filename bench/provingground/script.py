"""What happens in a clip: who is where, in which pose and with which load, at every moment. Time in s."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bench.provingground.fleet.excavator import Arm, Excavator
from bench.provingground.fleet.loader import Loader
from bench.provingground.fleet.model import Model
from bench.provingground.fleet.person import Person
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.paint import Colour
from bench.provingground.path import Leg, Path, travelled
from bench.provingground.weather import Puff


class Spec(Protocol):
    """What a thing is built from; equal specs are built once."""

    def build(self) -> Model: ...
    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class State:
    """One actor at one moment. x, y: m. yaw: radians. level: m of its origin, None: it stands on the ground."""

    spec: Spec
    x: float
    y: float
    yaw: float
    moving: bool
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    t: float
    what: str
    id: int


class Actor(Protocol):
    """number: its id in the truth, from 1. livery: its two colours. lamps_on: it drives with its lamps on."""

    @property
    def number(self) -> int: ...
    @property
    def livery(self) -> tuple[Colour, Colour]: ...
    @property
    def lamps_on(self) -> bool: ...
    def at(self, time: float) -> State | None:
        """None: not on the site."""

    def events(self) -> Sequence[Event]: ...
    def dust(self, time: float) -> Sequence[Puff]: ...


class Quiet:
    """What most actors do not do."""

    __slots__ = ()
    lamps_on = False

    def events(self) -> Sequence[Event]:
        return ()

    def dust(self, time: float) -> Sequence[Puff]:
        return ()


@dataclass(frozen=True, slots=True)
class Still(Quiet):
    """Something that neither moves nor changes."""

    number: int
    livery: tuple[Colour, Colour]
    state: State

    def at(self, time: float) -> State | None:
        return self.state


@dataclass(frozen=True, slots=True, eq=False)
class Haul:
    """A lorry that drives in, is loaded and leaves. dumps: when a bucket is emptied into it."""

    number: int
    livery: tuple[Colour, Colour]
    base: Tipper
    path: Path
    legs: tuple[Leg, ...]
    dumps: tuple[float, ...]
    lamps_on: bool = False

    def at(self, time: float) -> State | None:
        if not self.legs[0].start <= time < self.legs[-1].end:
            return None
        way = travelled(self.legs, time)
        x, y = self.path.at(way)
        share = sum(time >= dump for dump in self.dumps) / len(self.dumps)
        spec = Tipper(self.base.axles, round(0.9 * share, 2), lamps_on=self.lamps_on, seed=self.base.seed)
        return State(spec, x, y, self.path.heading(way), self._speed(time) > 0.3)

    def _speed(self, time: float) -> float:
        """m/s, over the last quarter of a second."""
        return (travelled(self.legs, time) - travelled(self.legs, time - 0.25)) / 0.25

    def events(self) -> Sequence[Event]:
        arrived, left = self.legs[-2].end, self.legs[-1].start
        told = [(self.legs[0].start, "enters"), (arrived, "stops"), (self.dumps[-1], "loaded")]
        return [
            Event(round(t, 2), what, self.number)
            for t, what in [*told, (left, "leaves"), (self.legs[-1].end, "gone")]
        ]

    def dust(self, time: float) -> Sequence[Puff]:
        """What its rear wheels have raised in the last 2.5 s, rising and thinning out."""
        puffs = []
        for age in np.arange(0.15, 2.5, 0.15):
            then = time - float(age)
            speed = self._speed(then) if self.at(then) else 0.0
            if speed > 1:
                way = travelled(self.legs, then)
                x, y = self.path.at(way - 3.5)
                size = 0.7 + 0.75 * float(age)
                thick = 0.22 * min(1.0, speed / 8) * (1 - float(age) / 2.5)
                puffs.append(Puff((x - 0.5 * float(age), y, 0.4 + 0.35 * float(age)), size, thick))
        return puffs


# Boom, stick, bucket, and share of the way from the pit (0) to the lorry (1), at s before (-) or after a dump.
_CYCLE = (
    (-3.1, 0.40, -1.00, -0.40, 0.0),
    (-2.4, 0.42, -1.95, -1.90, 0.0),
    (-1.8, 0.85, -1.90, -2.10, 0.05),
    (-0.6, 0.88, -1.45, -2.10, 1.0),
    (-0.1, 0.86, -1.15, -0.40, 1.0),
    (0.3, 0.86, -1.15, -0.30, 1.0),
    (1.1, 0.70, -1.20, -0.40, 0.05),
)


@dataclass(frozen=True, slots=True)
class Digging(Quiet):
    """An excavator that fills lorries. swing: radians from the pit round to the lorry. step: s its pose is kept."""

    number: int
    livery: tuple[Colour, Colour]
    place: tuple[float, float, float]
    dumps: tuple[float, ...]
    swing: float
    step: float = 0.25

    def at(self, time: float) -> State | None:
        return State(self._pose(math.floor(time / self.step + 1e-6) * self.step), *self.place, moving=False)

    def _pose(self, time: float) -> Excavator:
        keys = [(dump + offset, *pose) for dump in self.dumps for offset, *pose in _CYCLE]
        times, *tracks = np.array(keys).T
        boom, stick, bucket, turned = (round(float(np.interp(time, times, track)), 3) for track in tracks)
        full = any(-1.9 <= time - dump < -0.15 for dump in self.dumps)
        return Excavator(Arm(round(self.swing * turned, 3), boom, stick, bucket), full)


@dataclass(frozen=True, slots=True, eq=False)
class Shuttle(Quiet):
    """A loader that drives into a heap and back out of it, again and again."""

    number: int
    livery: tuple[Colour, Colour]
    path: Path
    period: float
    step: float = 0.25

    def at(self, time: float) -> State | None:
        share = math.floor(time / self.step + 1e-6) * self.step / self.period % 1
        way = self.path.length * float(np.interp(share, [0, 0.35, 0.5, 0.85, 1], [0, 1, 1, 0, 0]))
        lift = round(
            float(np.interp(share, [0, 0.35, 0.5, 0.7, 0.95, 1], [0.05, 0.05, 0.55, 0.55, 0.05, 0.05])), 2
        )
        x, y = self.path.at(way)
        spec = Loader(lift, full=0.4 < share < 0.92)
        return State(spec, x, y, self.path.heading(self.path.length / 2), share < 0.35 or 0.5 < share < 0.85)


@dataclass(frozen=True, slots=True, eq=False)
class Walk(Quiet):
    """A person who walks a path back and forth. speed: m/s."""

    number: int
    livery: tuple[Colour, Colour]
    path: Path
    speed: float = 1.2
    step: float = 0.25

    def at(self, time: float) -> State | None:
        moment = math.floor(time / self.step + 1e-6) * self.step
        run = moment * self.speed % (2 * self.path.length)
        back = run > self.path.length
        way = 2 * self.path.length - run if back else run
        x, y = self.path.at(way)
        leg = round(math.sin(moment * 2 * math.pi * 0.9), 1)
        return State(
            Person("walks", leg), x, y, self.path.heading(way) + (math.pi if back else 0), moving=True
        )


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """seconds: length. actors: in the order of their numbers."""

    seconds: float
    fps: int
    actors: tuple[Actor, ...] = field(default_factory=tuple)

    def events(self) -> list[Event]:
        return sorted((event for actor in self.actors for event in actor.events()), key=lambda event: event.t)

    def times(self) -> list[float]:
        return [number / self.fps for number in range(round(self.seconds * self.fps))]

    def dust(self, time: float) -> list[Puff]:
        return [puff for actor in self.actors for puff in actor.dust(time)]
