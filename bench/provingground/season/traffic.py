"""Who comes by in a season: vehicles that pass, that stand for hours, and the machine that digs. By seed, at any time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from bench.provingground.fleet.car import Car
from bench.provingground.fleet.excavator import Arm, Excavator
from bench.provingground.fleet.loader import Loader
from bench.provingground.fleet.model import Model
from bench.provingground.fleet.person import Person
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.fleet.tractor import Tractor
from bench.provingground.ground import Ground
from bench.provingground.pool import livery
from bench.provingground.script import Spec
from bench.provingground.season.draw import Skin, skin
from bench.provingground.season.places import Spot
from bench.provingground.season.script import Dig, Script
from bench.provingground.transforms import Matrix

_DAY, _HOUR = 86_400.0, 3600.0
_REACH = 235.0  # m to either side of the middle at which vehicles come and go
_PASSING: tuple[tuple[Spec, float, float], ...] = (  # what, its weight, m/s
    (Tipper(3, 1.0, seed=3), 3, 7.0), (Tipper(4, 0.0, seed=4), 3, 8.0), (Car("saloon"), 4, 11.0),
    (Car("van"), 2, 10.0), (Tractor(None), 1, 4.5), (Person("walks"), 2, 1.3),
)  # fmt: skip
_STANDING: tuple[Spec, ...] = (
    Tipper(3, 0.0, seed=5), Car("off-roader"), Car("pick-up"), Excavator(Arm()), Loader(0.1), Tractor(0.5),
)  # fmt: skip
_ARMS = tuple(
    Excavator(Arm(swing, boom, stick, bucket), full=full)
    for swing, boom, stick, bucket, full in (
        (0.0, 0.45, -1.2, -0.9, False), (0.1, 0.25, -1.5, -1.3, True), (1.1, 0.7, -1.3, -1.4, True),
        (1.9, 0.75, -1.1, -0.8, False), (0.7, 0.6, -1.0, -0.7, False),
    )
)  # fmt: skip
_STROKE = 5.0  # s between two poses of a machine that digs
_WORKDAY = (6.5, 19.0)  # hours in which slow digs are worked at
_SLOW = 12 * _HOUR  # a ramp longer than this stops at night


@dataclass(frozen=True, slots=True, eq=False)
class Guest:
    """Something at the scene now. working: it digs."""

    model: Model
    skin: Skin
    frame: Matrix
    lamps: bool
    working: bool = False


@dataclass(frozen=True, slots=True)
class _Pass:
    begins: float
    speed: float
    east: bool
    kind: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Stay:
    begins: float
    ends: float
    spot: Spot
    yaw: float
    kind: int
    seed: int


class Traffic:
    """spots: where something may stand, none of them on a dig."""

    def __init__(self, ground: Ground, spots: list[Spot], script: Script, seed: int) -> None:
        self._ground, self._script = ground, script
        chance = np.random.default_rng([seed, 21])
        self._passes = sorted(_passes(script, chance), key=lambda each: each.begins)
        self._begins = np.array([each.begins for each in self._passes])
        self._stays = _stays(script, spots, chance)

    def at(self, time: float, dark: bool) -> list[Guest]:
        """time: s since the season's start. dark: who drives has the lamps on."""
        guests = [self._passing(each, time, dark) for each in self._on_the_way(time)]
        guests += [self._standing(each) for each in self._stays if each.begins <= time < each.ends]
        guests += [guest for dig in self._script.digs for guest in self._digging(dig, time, dark)]
        return [guest for guest in guests if guest is not None]

    def _on_the_way(self, time: float) -> list[_Pass]:
        first = int(np.searchsorted(self._begins, time - 2 * _REACH / 1.0))
        last = int(np.searchsorted(self._begins, time))
        return [each for each in self._passes[first:last] if (time - each.begins) * each.speed < 2 * _REACH]

    def _passing(self, each: _Pass, time: float, dark: bool) -> Guest:
        run = (time - each.begins) * each.speed - _REACH
        x = run if each.east else -run
        track = self._ground.site.track
        side = -1.4 if each.east else 1.4
        yaw = track.heading(x) + (0.0 if each.east else math.pi)
        model, made = _made(_PASSING[each.kind][0], each.seed)
        frame = self._ground.stand(x, float(track.at(x)) + side, yaw)
        return Guest(model, made, frame, dark)

    def _standing(self, each: _Stay) -> Guest:
        model, made = _made(_STANDING[each.kind], each.seed)
        return Guest(model, made, self._ground.stand(*each.spot.place, each.yaw), False)

    def _digging(self, dig: Dig, time: float, dark: bool) -> Iterator[Guest]:
        if not dig.machine or not dig.start - 300 <= time <= dig.start + dig.ramp_s + 600:
            return
        hour = time / _HOUR % 24
        if dig.ramp_s > _SLOW and not _WORKDAY[0] <= hour <= _WORKDAY[1]:
            return
        growing = dig.start <= time <= dig.start + dig.ramp_s
        x, y, yaw = _beside(dig, time)
        pose = int(time / _STROKE) % len(_ARMS) if growing else 0
        model, made = _made(_ARMS[pose], dig.seed)
        yield Guest(model, made, self._ground.stand(x, y, yaw), dark, working=growing)


def _beside(dig: Dig, time: float) -> tuple[float, float, float]:
    """Where the digging machine stands: on the western edge of what is open, looking at it."""
    middle = dig.place
    works = dig.works(max(time, dig.start))
    corners = works[0].outline if works else np.array([middle])
    edge = float(corners[:, 0].min())
    return edge - 4.5, middle[1], 0.0


def _passes(script: Script, chance: np.random.Generator) -> Iterator[_Pass]:
    weights = np.array([weight for _, weight, _ in _PASSING])
    for hour in range(math.ceil(script.days * 24)):
        busy = 6.0 if 6 <= hour % 24 < 20 else 0.5
        for _ in range(int(chance.poisson(busy * script.traffic))):
            kind = int(chance.choice(len(_PASSING), p=weights / weights.sum()))
            begins = (hour + float(chance.random())) * _HOUR
            speed = _PASSING[kind][2] * float(chance.uniform(0.8, 1.2))
            yield _Pass(begins, speed, bool(chance.random() < 0.5), kind, int(chance.integers(6)))


def _stays(script: Script, spots: list[Spot], chance: np.random.Generator) -> list[_Stay]:
    """Three a day at `traffic` 1, for half an hour to fourteen hours, one at a place at a time."""
    free = dict.fromkeys(spots, 0.0)
    made = []
    for begins in np.sort(
        chance.uniform(0, script.days, int(chance.poisson(3 * script.days * script.traffic)))
    ):
        start = float(begins) * _DAY
        open_ = [spot for spot, until in free.items() if until <= start]
        if not open_:
            continue
        spot = open_[int(chance.integers(len(open_)))]
        ends = start + _HOUR * math.exp(float(chance.uniform(math.log(0.5), math.log(14))))
        free[spot] = ends
        yaw, kind = float(chance.uniform(0, 2 * math.pi)), int(chance.integers(len(_STANDING)))
        made.append(_Stay(start, ends, spot, yaw, kind, int(chance.integers(6))))
    return made


@cache
def _made(spec: Spec, seed: int) -> tuple[Model, Skin]:
    model = spec.build()
    return model, skin(model, livery(model.label, np.random.default_rng(seed)))
