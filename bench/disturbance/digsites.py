"""Which rendered days are played: quiet ones over all scenes, and where and when is dug."""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np

from bench.disturbance.clock import DAY, HOUR, MINUTE
from bench.disturbance.seasons import LEARNING, REACH, Dug, Rendered, basis, lasting, midnight
from bench.provingground import season
from bench.provingground.season.script import Kind
from bench.provingground.season.weather import Climate

RAMPS = (5 * MINUTE, 30 * MINUTE, 3 * DAY)
DISTANCES = (40.0, 90.0, 160.0, 280.0)  # m
AREAS = (25.0, 120.0, 500.0)  # m2: by turns
KINDS: tuple[Kind, ...] = ("both", "stripped", "both", "pit")  # by turns
_NEAR = 0.25  # of the distance wanted: a spot that far off will do
_EDGE = 2.0  # m round a dig that are open as well
_FROM, _TO = 8, 17  # local hours at which machines come
_HIDDEN = ("fog", "rain")  # in which nobody is asked to see ground change: it is dug when it clears


def scenarios(folder: Path, days: float) -> list[Rendered]:
    """`days` without digs, evenly over all scenes; and a dig of every ramp at every distance, each in the scene used
    least so far of those that have open ground about there. Empty where there are no scenes."""
    names = season.scenes(folder)
    quiet = [Rendered(folder, name, seed, days / len(names)) for seed, name in enumerate(names, 100)]
    return [*quiet, *_digs(folder, names)]


def clear(climate: Climate, first: float, ramp: float, day: int) -> float:
    """s after the first midnight: the first moment of a working day, from `day` on, from which nothing hides the ground
    until the dig has to be found, or for an hour where its ramp takes days. Where there is none, the second day's end.
    first: that midnight, s since 1970."""
    needed = min(ramp, HOUR) + 10 * MINUTE
    hours: list[float] = np.arange(_FROM, _TO, 0.25).tolist()
    starts = [each * DAY + hour * HOUR for each in (day, day + 1) for hour in hours]
    for start in starts:
        moments = np.arange(start, start + needed, 5 * MINUTE).tolist()
        if all(climate.at(first + moment).name not in _HIDDEN for moment in moments):
            return start
    return starts[-1]


def _digs(folder: Path, names: Sequence[str]) -> Iterator[Rendered]:
    used = dict.fromkeys(names, 0)
    for number, (ramp, distance) in enumerate(product(RAMPS, DISTANCES)):
        area = AREAS[(number + number // len(DISTANCES)) % len(AREAS)]
        fits = [
            (used[name], abs(spot.distance / distance - 1), name, spot)
            for name in names
            if (spot := _spot(folder, name, distance, area)) is not None
        ]
        if fits:
            _, _, name, spot = min(fits, key=lambda each: each[:3])
            used[name] += 1
            yield _dig(folder, name, 200 + number, spot, area, ramp)


def _dig(folder: Path, name: str, seed: int, spot: season.Spot, area: float, ramp: float) -> Rendered:
    first = midnight(basis(folder, name))
    climate = Climate(seed, first, lasting(ramp, LEARNING))
    start = clear(climate, first, ramp, math.ceil(LEARNING))
    dug = Dug(spot.place, spot.distance, area, ramp, start, KINDS[seed % len(KINDS)])
    return Rendered(folder, name, seed, 0.0, dug)


def _spot(folder: Path, name: str, distance: float, area: float) -> season.Spot | None:
    """None where there is no open ground large enough about there."""
    reach = season.dig((0.0, 0.0), 0.0, area, 0.0).digs[0].reach()
    found = _spots(folder, name, math.ceil(reach + _EDGE))
    spot = season.nearest(found, distance) if found else None
    fits = spot and spot.distance <= REACH and abs(spot.distance / distance - 1) <= _NEAR
    return spot if fits else None


@cache
def _spots(folder: Path, name: str, radius: int) -> list[season.Spot]:
    return season.spots(basis(folder, name), radius)
