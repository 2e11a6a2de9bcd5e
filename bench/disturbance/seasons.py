"""Rendered days as scenarios: one camera of the proving ground, with exact truth in the picture and in metres."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.disturbance.chart import Chart
from bench.disturbance.clock import DAY, HOUR, MINUTE, times
from bench.disturbance.scenario import Dig, Look, Told, due
from bench.provingground import season
from bench.provingground.season.script import Kind
from bench.provingground.sun import BEIJING
from inference.terrain.calibration import calibrated
from inference.terrain.points import Pair
from inference.terrain.sight import Sight

LEARNING = 2.0  # days: what the installer leaves a camera before its references are dated
REACH = 300.0  # m
_AFTER = 2 * HOUR
_POINTS = 8  # control points
_PICKED, _MEASURED = (
    1.0,
    0.3,
)  # px, m: standard deviation of a click, and of a hand-held receiver with corrections
_TOLD = 2.0  # px of a picture 1920 wide: what the site file says of its clicks


@dataclass(frozen=True, slots=True)
class Dug:
    """place: m. distance: m from the camera. ramp: s. start: s after the first midnight. A machine stands beside it."""

    place: tuple[float, float]
    distance: float
    area_m2: float
    ramp: float
    start: float
    kind: Kind = "both"


@dataclass(frozen=True, slots=True)
class Rendered:
    """days: that count, after those of learning; where something is dug, until two hours after it is done. The same
    seed gives the same weather, traffic and outlines. What drives by is told as a detector that misses nothing would."""

    folder: Path
    scene: str
    seed: int
    days: float
    dug: Dug | None = None
    learning: float = LEARNING

    @property
    def told(self) -> Told:
        first = midnight(basis(self.folder, self.scene))
        begins, dug = first + self.learning * DAY, self.dug
        if dug is None:
            return Told(f"{self.scene} quiet", "rendered", begins, begins + self.days * DAY)
        start = first + dug.start
        name = f"{self.scene} {dug.distance:.0f} m {dug.area_m2:.0f} m2 in {dug.ramp / MINUTE:.0f} min"
        made = Dig(dug.area_m2, dug.distance, start, dug.ramp, due(start, dug.ramp, dug.area_m2))
        return Told(name, "rendered", begins, start + dug.ramp + _AFTER, made)

    def sight(self) -> Sight:
        """From control points that somebody clicked and measured, each a little wrong, over a map of heights that is a
        little wrong, too: the ground of these sites is not flat, and a plane through the points is refused."""
        seen = basis(self.folder, self.scene)
        chance = np.random.default_rng(self.seed)
        pixels = _spread(seen, chance)
        width, height = seen.camera.size
        places = seen.world[pixels[:, 1], pixels[:, 0]] + chance.normal(0, _MEASURED, (_POINTS, 3))
        clicked = (pixels + 0.5 + chance.normal(0, _PICKED, (_POINTS, 2))) / (width, height)
        pairs = [
            Pair((x, y), (east, north), up, _MEASURED)
            for (x, y), (east, north, up) in zip(clicked.tolist(), places.tolist(), strict=True)
        ]
        surface = Chart(seen.ground, chance)
        return calibrated(pairs, aspect=width / height, noise_px=_TOLD, surface=surface).sight

    def looks(self) -> Iterator[Look]:
        told = self.told
        made = season.Season(basis(self.folder, self.scene), self.seed, self._script())
        for time in times(made.start, told.begins, told.ends, told.dig, BEIJING):
            shot = made.at(time)
            digs = tuple(made.outline_px(time)) if told.dig and time > told.dig.start else ()
            yield Look(time, shot.picture, shot.boxes, shot.working, digs, made.area_m2(time))

    def _script(self) -> season.Script:
        dug = self.dug
        if dug is None:
            return season.quiet(self.learning + self.days)
        days = lasting(dug.ramp, self.learning)
        return season.dig(
            dug.place, dug.ramp, dug.area_m2, dug.start, kind=dug.kind, seed=self.seed, days=days
        )


def lasting(ramp: float, learning: float) -> float:
    """Days of a season with a dig: its weather depends on how long it is."""
    return math.ceil(learning) + 2 + ramp / DAY


@cache
def basis(folder: Path, scene: str) -> season.Basis:
    """FileNotFoundError: it is not there."""
    return season.load(folder, scene)


def midnight(seen: season.Basis) -> float:
    """The start of its seasons, s since 1970."""
    return datetime(2025, *seen.day, tzinfo=BEIJING).timestamp()


def _spread(seen: season.Basis, chance: np.random.Generator) -> NDArray[np.int64]:
    """Pixels x, y of open ground within reach, each as far from the others as can be, in the picture and in depth: a
    technician takes points near and far, left and right."""
    rows, cols = np.nonzero(seen.bare & (seen.depth < REACH))
    chosen = chance.choice(len(rows), min(4000, len(rows)), replace=False)
    rows, cols = rows[chosen], cols[chosen]
    width, height = seen.camera.size
    places = np.column_stack([cols / width, rows / height, np.log(seen.depth[rows, cols])])
    taken = [int(np.argmin(rows))]
    while len(taken) < _POINTS:
        away = np.min([np.linalg.norm(places - places[each], axis=1) for each in taken], axis=0)
        taken.append(int(np.argmax(away)))
    return np.column_stack([cols[taken], rows[taken]])
