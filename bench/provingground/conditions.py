"""Light, weather and camera of a random view."""

import math
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bench.provingground.sensor import Look
from bench.provingground.sun import moment_with, sun

Chance = np.random.Generator

SHARES = {
    "day": 0.36, "overcast": 0.11, "haze": 0.06, "fog": 0.05, "dust": 0.06,
    "rain": 0.08, "dusk": 0.08, "night_ir": 0.12, "night_color": 0.08,
}  # fmt: skip

_HEIGHTS = {"dusk": (0.3, 5.0), "night_ir": (-80.0, -8.0), "night_color": (-80.0, -8.0)}  # degrees of the sun
_HAZE = {
    "haze": (0.0018, 0.006),
    "fog": (0.006, 0.020),
    "rain": (0.0008, 0.004),
    "overcast": (0.0003, 0.002),
}  # per m
_LAMPS = {
    "night_ir": 0.75,
    "night_color": 0.75,
    "dusk": 0.6,
    "rain": 0.5,
    "fog": 0.5,
}  # share that drives with lamps


@dataclass(frozen=True, slots=True)
class Conditions:
    """sun: degrees of height and azimuth; None: clouds or night hide it. haze: per m. rain, wet: 0 to 1.
    lamps: chance that a machine's lamps are on. dust: puffs are in the air. sky: of the night, strength."""

    name: str
    moment: datetime
    sun: tuple[float, float] | None
    haze: float
    look: Look
    rain: float = 0.0
    wet: float = 0.0
    lamps: float = 0.0
    dust: bool = False
    sky: float = 0.1

    @property
    def night(self) -> bool:
        return self.name.startswith("night")


def random_conditions(chance: Chance) -> Conditions:
    name = str(chance.choice(list(SHARES), p=list(SHARES.values())))
    moment = moment_with(chance, *_HEIGHTS.get(name, (6.0, 90.0)))
    clouded = name in ("overcast", "fog", "rain") or (name in ("haze", "dust") and chance.random() < 0.5)
    night = name.startswith("night")
    thin, thick = _HAZE.get(name, (0.0001, 0.0014))
    return Conditions(
        name,
        moment,
        None if clouded or night else sun(moment),
        0.0 if night else _log_uniform(chance, thin, thick),
        _look(chance, name),
        rain=chance.uniform(0.3, 1.0) if name == "rain" or (night and chance.random() < 0.12) else 0.0,
        wet=chance.uniform(0.4, 1.0) if name == "rain" else 0.0,
        lamps=_LAMPS.get(name, 0.0),
        dust=name == "dust" or (not clouded and not night and chance.random() < 0.25),
        sky=_log_uniform(chance, 0.02, 0.25),
    )


def _log_uniform(chance: Chance, low: float, high: float) -> float:
    return math.exp(chance.uniform(math.log(low), math.log(high)))


def _look(chance: Chance, name: str) -> Look:
    draw = chance.uniform
    look = Look(
        key=draw(0.05, 0.13) if name == "dusk" else draw(0.11, 0.23),
        bloom=draw(0.03, 0.12) if chance.random() < 0.3 else 0.0,
        white=(draw(0.93, 1.07), 1.0, draw(0.92, 1.08)),
        blur=draw(0.3, 0.8) if chance.random() < 0.85 else draw(0.9, 1.7),
        motion=draw(3, 8) if chance.random() < 0.06 else 0.0,
        way=draw(0, math.pi),
        noise=(draw(0.0008, 0.004), draw(0.003, 0.012))
        if name == "dusk"
        else (draw(1e-4, 1e-3), draw(0.001, 0.005)),
        coarse=draw(0.45, 0.8) if chance.random() < 0.6 else 0.0,
        tone=draw(0.2, 0.9),
        saturation=draw(0.45, 1.2) if chance.random() < 0.93 else 0.0,
        contrast=draw(0.85, 1.15),
        brightness=draw(-0.04, 0.04),
        sharpen=draw(0.2, 0.9) if chance.random() < 0.5 else 0.0,
        halved=chance.random() < 0.08,
        glare=draw(0.25, 0.8),
        smear=chance.random() < 0.4,
    )
    return _at_night(chance, look, name) if name.startswith("night") else look


def _at_night(chance: Chance, look: Look, name: str) -> Look:
    draw = chance.uniform
    dark = replace(
        look, night=True, key=draw(0.22, 0.65), bloom=draw(0.03, 0.12), glare=draw(0.7, 2.2),
        noise=(draw(0.001, 0.010), draw(0.004, 0.03)), contrast=1.0, brightness=draw(0.0, 0.02),
    )  # fmt: skip
    if name == "night_ir":
        return replace(dark, infrared=True, leaf=draw(0, 6), vignette=draw(0, 0.6))
    return replace(dark, white=(1.04, 1.0, 0.93))
