"""The weather of a stretch of days, and the light it lets through. Deterministic by seed, at any moment."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]  # one value a minute
Colour = NDArray[np.float32]  # linear RGB [3]

_STEP = 60.0  # s
_FULL = 100_000.0  # lx of the sun outside all weather; light is counted in this unit
# Light of the clear sky on level ground by the sun's height (degrees, lx). Below the horizon: Seidelmann (ed.),
# Explanatory Supplement to the Astronomical Almanac (1992), table 9.2; above: the diffuse part of a clear day.
_SKY = (
    (-18.0, 6.5e-4), (-12.0, 8.3e-3), (-6.0, 3.4), (-3.0, 6e1), (0.0, 7.6e2), (5.0, 4e3), (15.0, 8e3),
    (30.0, 1.1e4), (60.0, 1.4e4), (90.0, 1.5e4),
)  # fmt: skip
_BLUE = np.array([0.78, 0.94, 1.22], np.float32)
_GREY = np.array([0.97, 1.0, 1.04], np.float32)
_WETTED, _DRIED = 900.0, 7200.0  # s in which a shower wets the ground, and in which a breeze dries it
_FILLED, _EMPTIED = 5400.0, 36_000.0  # s, of puddles


@dataclass(frozen=True, slots=True)
class Weather:
    """cover: share of the sky under cloud. rain, wet, puddles: 0 to 1. haze: share of light lost per m. wind: m/s."""

    cover: float
    rain: float
    wet: float
    puddles: float
    haze: float
    wind: float

    @property
    def name(self) -> str:
        if self.rain > 0.05:
            return "rain"
        if self.haze > 0.006:
            return "fog"
        return "haze" if self.haze > 0.0022 else "overcast" if self.cover > 0.85 else "fair"


@dataclass(frozen=True, slots=True, eq=False)
class Daylight:
    """sun: on a surface that faces it, no cloud before it. sky: on level ground, from all sides. RGB; 1 is 100 klx."""

    sun: Colour
    sky: Colour

    @property
    def lux(self) -> float:
        """Of the sky alone."""
        return float(self.sky.mean()) * _FULL


class Climate:
    """seed decides; start: s since 1970; days: how long."""

    def __init__(self, seed: int, start: float, days: float) -> None:
        self._start = start
        chance = np.random.default_rng([seed, 11])
        count = round(days * 86_400 / _STEP) + 2
        minutes = np.arange(count, dtype=float)
        rain = _showers(minutes, chance)
        drift = _smooth(count, 420, chance) + 0.5 * _smooth(count, 70, chance) + chance.uniform(-0.4, 0.3)
        self._rain = rain
        self._cover = np.maximum(1 / (1 + np.exp(-3.0 * drift)), np.clip(_spread(rain) * 3, 0, 1))
        self._wind = np.abs(3 + 3 * _smooth(count, 240, chance) + 1.5 * _smooth(count, 25, chance))
        self._haze = _hazes(minutes, chance) + 0.003 * rain
        self._wet = _soaked(rain, self._cover, _WETTED, _DRIED)
        self._puddles = _soaked(rain, self._cover, _FILLED, _EMPTIED)

    def at(self, time: float) -> Weather:
        """time: s since 1970; before the start and after the end the nearest moment's."""
        series = (self._cover, self._rain, self._wet, self._puddles, self._haze, self._wind)
        place = (time - self._start) / _STEP
        return Weather(*(float(np.interp(place, np.arange(len(each)), each)) for each in series))


def daylight(height: float, cover: float) -> Daylight:
    """height: degrees of the sun. Attenuation of its beam by Meinel (1976) with the air mass of Kasten and Young
    (1989); a closed cloud passes about a third of the whole light, without direction."""
    beam = _beam(height)
    sky = _clear_sky(height)
    red = 1 - np.array([0.06, 0.16, 0.36], np.float32) * (1 - min(1.0, beam / 0.65))
    level = beam * max(0.0, math.sin(math.radians(height)))
    under = 0.30 * (level + sky) if height > 0 else 0.5 * sky
    scattered = (1 - cover) * sky * _BLUE + cover * (under + 0.15 * (1 - cover) * level) * _GREY
    return Daylight(np.asarray(beam * red, np.float32), np.asarray(scattered, np.float32))


def _beam(height: float) -> float:
    if height <= -0.6:
        return 0.0
    mass = 1 / (math.sin(math.radians(max(height, 0.0))) + 0.50572 * (max(height, 0.0) + 6.07995) ** -1.6364)
    rising = min(1.0, (height + 0.6) / 1.2)
    return float(rising * 0.7 ** (mass**0.678))


def _clear_sky(height: float) -> float:
    angles, lux = np.array(_SKY).T
    return float(np.exp(np.interp(height, angles, np.log(lux)))) / _FULL


def _smooth(count: int, knot: int, chance: np.random.Generator) -> Series:
    """Smooth noise of unit spread; knot: steps between its corners."""
    corners = chance.standard_normal(count // knot + 4)
    place = np.arange(count) / knot
    first = place.astype(int)
    share = (1 - np.cos(np.pi * (place - first))) / 2
    return np.asarray(corners[first] * (1 - share) + corners[first + 1] * share)


def _showers(minutes: Series, chance: np.random.Generator) -> Series:
    """Rain, 0 to 1: about one spell in a day and a half, for half an hour to five hours."""
    rain = np.zeros(len(minutes))
    for _ in range(int(chance.poisson(len(minutes) / 2160))):
        middle, half = chance.uniform(0, len(minutes)), chance.uniform(15, 150)
        rise = np.clip((half - np.abs(minutes - middle)) / 12, 0, 1)
        rain = np.maximum(rain, rise * chance.uniform(0.25, 1.0))
    gusts = np.clip(0.75 + 0.3 * _smooth(len(minutes), 4, chance), 0.2, 1)
    return np.asarray(rain * gusts)


def _spread(rain: Series) -> Series:
    """Clouds come three quarters of an hour before their rain and go as long after it."""
    return np.convolve(rain > 0, np.ones(91) / 91, "same")


def _hazes(minutes: Series, chance: np.random.Generator) -> Series:
    """Per m: every day its own, and fog on some mornings."""
    haze = np.exp(chance.normal(math.log(4e-4), 0.6) + 0.5 * _smooth(len(minutes), 600, chance))
    for day in range(int(minutes[-1] // 1440) + 1):
        if chance.random() < 0.3:
            middle, wide = day * 1440 + chance.uniform(280, 470), chance.uniform(50, 110)
            haze = haze + chance.uniform(0.004, 0.03) * np.exp(-(((minutes - middle) / wide) ** 2))
    return np.asarray(haze)


def _soaked(rain: Series, cover: Series, fills: float, dries: float) -> Series:
    """What rain fills, and sun and wind dry."""
    level, levels = 0.0, np.empty(len(rain))
    for step, (falling, cloud) in enumerate(zip(rain, cover, strict=True)):
        level += falling * (1 - level) * 2 * _STEP / fills - level * (1 - 0.7 * cloud) * _STEP / dries
        levels[step] = level = min(1.0, max(0.0, level))
    return levels
