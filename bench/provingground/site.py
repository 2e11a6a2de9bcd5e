"""Where the river, the tracks and the fields lie, as curves; and the season's colours."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.provingground.paint import Colour

HALF = 250.0  # m from the middle to the edge of the detailed ground
WATER = -1.3  # m, the river's level

Curve = NDArray[np.float64]
Run = NDArray[np.floating]
PLAIN: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Season:
    """Factors on the colours of the ground, and the colours of water and hills."""

    grass: Colour = PLAIN
    sand: Colour = PLAIN
    leaf: Colour = PLAIN
    water: Colour = (0.055, 0.062, 0.036)
    hill: Colour = (0.045, 0.062, 0.040)
    hill_height: float = 1.0


@dataclass(frozen=True, slots=True)
class Wave:
    """middle + reach sin(s / length + phase) + ripple sin(s / (length / 3.1)), m."""

    middle: float
    reach: float
    length: float
    phase: float = 0.0
    ripple: float = 0.0

    def at(self, along: Run | float) -> Curve:
        run = np.asarray(along, float)
        swing = self.reach * np.sin(run / self.length + self.phase)
        return np.asarray(self.middle + swing + self.ripple * np.sin(run * 3.1 / self.length), float)

    def heading(self, along: float) -> float:
        """Radians of the curve's direction against the axis it runs along."""
        return math.atan2(float(self.at(along + 1) - self.at(along - 1)), 2.0)


@dataclass(frozen=True, slots=True)
class Site:
    """The river runs east (y of x), the field track too, and a spur leads north from it to the bank (x of y).

    half_width: of the river, m. bank_track: m inland of the water's edge where a second track runs, or None.
    """

    river: Wave = Wave(98.0, 15.0, 95.0, 0.4, 4.0)
    track: Wave = Wave(4.0, 5.0, 55.0, 0.0, 1.5)
    spur: Wave = Wave(22.0, 6.0, 14.0)
    half_width: float = 30.0
    bank_track: float | None = None
    season: Season = field(default_factory=Season)

    def shore(self, x: Run | float) -> Curve:
        """y of the near water's edge at x."""
        return self.river.at(x) - self.half_width

    def off_water(self, x: Run | float, y: Run | float) -> Curve:
        """m outside the water's edge, negative in the river."""
        return np.abs(np.asarray(y, float) - self.river.at(x)) - self.half_width

    def bank_y(self, x: Run | float) -> Curve:
        """y of the track along the water."""
        return self.shore(x) - (self.bank_track or 18.0)


def random_site(seed: int) -> Site:
    """Another bend, width, track, season and sand for every seed."""
    noise = np.random.default_rng(seed)
    draw = noise.uniform
    return Site(
        river=Wave(draw(84, 118), draw(5, 20), 95.0, draw(0, 6.3), draw(1, 5)),
        track=Wave(draw(-4, 8), draw(1, 7), 55.0, draw(0, 6.3), draw(0, 2)),
        spur=Wave(draw(-25, 45), draw(2, 8), 14.0, draw(0, 6.3)),
        half_width=draw(18, 36),
        bank_track=draw(14, 22) if noise.random() < 0.5 else None,
        season=_season(noise),
    )


def _season(noise: np.random.Generator) -> Season:
    def one(*choices: Colour) -> Colour:
        return choices[int(noise.integers(len(choices)))]

    return Season(
        grass=one(PLAIN, (1.5, 1.15, 0.9), (1.9, 1.45, 1.1), (0.85, 1.05, 0.9), (1.25, 1.2, 1.5)),
        leaf=one(PLAIN, (1.6, 1.1, 0.6), (1.2, 1.2, 1.1), (0.8, 0.95, 1)),
        sand=one(PLAIN, (0.8, 0.8, 0.85), (1.1, 1.05, 1.0), (0.95, 0.85, 0.72)),
        water=one((0.055, 0.062, 0.036), (0.10, 0.085, 0.05), (0.03, 0.05, 0.045), (0.05, 0.075, 0.07)),
        hill=one((0.045, 0.062, 0.040), (0.075, 0.068, 0.05), (0.03, 0.05, 0.035)),
        hill_height=float(noise.choice([0, 0.35, 0.7, 1.0, 1.3])),
    )
