"""The scenes of the seasons: one fixed camera each, and where the sun stands in the passes that are rendered of it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from bench.provingground.camera import Camera, look
from bench.provingground.sun import BEIJING, sun

SUNS = 14  # passes with the sun alone; between two of them pictures are blended
_LOWEST = 2.5  # degrees; a lower sun gives less light than the sky

Place = tuple[float, float, float]
Angles = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """One scene. site: seed of the site, None: the plain one. place, target: m, of the camera and of what it looks
    at. wide: degrees across. day: (month, day) of 2025 on whose sun path the passes lie. infrared: has a lamp of its
    own and turns grey by night; else a lamp on the mast lights the night. clear: m, how far the working area reaches
    to either side of x = 0, and y from and to; few bushes and no trees stand there."""

    name: str
    site: int | None
    place: Place
    target: Place
    wide: float
    day: tuple[int, int]
    infrared: bool = True
    size: tuple[int, int] = (960, 540)
    clear: tuple[float, float, float] = (60.0, -5.0, 72.0)

    @property
    def midnight(self) -> datetime:
        """The start of the scene's day, Beijing time."""
        return datetime(2025, *self.day, tzinfo=BEIJING)

    def camera(self) -> Camera:
        return look(np.array(self.place), np.array(self.target), math.radians(self.wide), self.size)

    def suns(self, count: int = SUNS) -> list[Angles]:
        """Where the sun stands in each pass, degrees (height, azimuth), from morning to evening; closer together
        where shadows are long and quick."""
        minutes = [each for each in range(24 * 60) if self._sun(each)[0] > _LOWEST]
        first, last = minutes[0], minutes[-1]
        turns = (1 - np.cos(np.pi * np.arange(count) / max(1, count - 1))) / 2
        even = np.arange(count) / max(1, count - 1)
        return [self._sun(first + (last - first) * float(share)) for share in (turns + even) / 2]

    def _sun(self, minute: float) -> Angles:
        return sun(self.midnight + timedelta(minutes=minute))


PLANS = (
    Plan("bank", None, (-14.0, -66.0, 17.0), (8.0, 30.0, 0.0), 46, (6, 10)),
    Plan("field", 7, (-30.0, -120.0, 28.0), (5.0, 10.0, 0.0), 48, (10, 16), clear=(90.0, -70.0, 72.0)),
    Plan("tower", 11, (10.0, -238.0, 45.0), (0.0, -40.0, 0.0), 44, (4, 20), clear=(110.0, -200.0, 72.0)),
    Plan("low", 23, (20.0, -62.0, 12.0), (0.0, 22.0, 0.0), 56, (12, 20), infrared=False, clear=(80.0, -40.0, 72.0)),
    Plan("west", 31, (170.0, -40.0, 34.0), (0.0, 5.0, 0.0), 40, (8, 5), clear=(150.0, -70.0, 60.0)),
    Plan("wide", 42, (-60.0, -150.0, 38.0), (10.0, -10.0, 0.0), 52, (3, 12), clear=(120.0, -110.0, 72.0)),
)  # fmt: skip


def plan(name: str) -> Plan:
    """KeyError: there is no scene of this name."""
    return {each.name: each for each in PLANS}[name]
