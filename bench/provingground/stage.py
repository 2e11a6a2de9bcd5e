"""The demo site and the scripts that are played on it: day, night, empty."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bench.provingground.camera import Camera, look
from bench.provingground.fleet.person import Person
from bench.provingground.fleet.screen import ScreeningPlant
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.fleet.vessel import Vessel
from bench.provingground.ground import Earthwork, Ground
from bench.provingground.outline import blob
from bench.provingground.paint import Colour
from bench.provingground.path import Leg, Path
from bench.provingground.script import Actor, Digging, Haul, Script, Shuttle, State, Still, Walk
from bench.provingground.sensor import Look
from bench.provingground.site import WATER, Site
from bench.provingground.spots import Spot
from bench.provingground.vegetation import Clearing

Name = Literal["day", "night", "empty"]

MAST = (-14.0, -66.0, 17.0)  # m, the camera
_AIM = (8.0, 27.0, 0.0)
_WIDE = math.radians(37)
_STAND = (26.4, 35.0)  # m, where lorries are loaded
_DIGGER = (33.6, 36.0)
_LENGTHS: dict[Name, tuple[float, int]] = {"day": (38.0, 8), "night": (14.0, 5), "empty": (12.0, 8)}  # s, fps

RED: Colour = (0.5, 0.03, 0.03)
BLUE: Colour = (0.03, 0.11, 0.42)
OCHRE: Colour = (0.45, 0.18, 0.03)
YELLOW: Colour = (0.72, 0.40, 0.02)
ORANGE: Colour = (0.85, 0.30, 0.03)
NAVY: Colour = (0.05, 0.06, 0.12)
GREY: Colour = (0.45, 0.46, 0.47)
RUST: Colour = (0.28, 0.12, 0.06)


@dataclass(frozen=True, slots=True)
class Light:
    """sun: degrees above the horizon and of azimuth, or None at night. haze: per m. time: ISO 8601 of the start.
    clouds: share of the light that passing shadows take. wind: px by which leaves stir.
    crf: quality at which the clip is coded; a noisy night takes five times the bits of a day."""

    name: str
    sun: tuple[float, float] | None
    haze: float
    time: str
    look: Look
    clouds: float = 0.0
    wind: float = 0.0
    crf: int = 23


_DAY = Light(
    "day",
    (42.0, 150.0),
    0.0005,
    "2025-10-16T10:45:00+08:00",
    Look(noise=(1e-4, 0.0015), sharpen=0.3, key=0.17),
)
_NIGHT = Light(
    "night, infrared lamp",
    None,
    0.0,
    "2025-10-16T23:10:00+08:00",
    Look(
        night=True, infrared=True, leaf=2.0, vignette=0.35, key=0.45, glare=1.1, bloom=0.07,
        blur=0.6, noise=(0.004, 0.012), coarse=0.6, tone=0.5,
    ),
    crf=30,
)  # fmt: skip
LIGHTS: dict[Name, Light] = {"day": _DAY, "night": _NIGHT, "empty": replace(_DAY, clouds=0.35, wind=0.9)}


def ground() -> Ground:
    works = (
        Earthwork("pit", blob((40, 47), 220, 1), 2.5),
        Earthwork("heap", blob((53, 35), 150, 2), 3.5),
        Earthwork("heap", blob((-7, 37), 130, 3), 3.2),
    )
    return Ground(Site(bank_track=18.0), 1, works)


def clearing() -> Clearing:
    return Clearing(camera=(MAST[0], MAST[1]))


def camera(size: tuple[int, int]) -> Camera:
    return look(np.array(MAST), np.array(_AIM), _WIDE, size)


def script(name: Name, site: Site) -> Script:
    """The actors of one clip."""
    machinery: tuple[Actor, ...] = () if name == "empty" else _machinery(site, dark=name == "night")
    return Script(*_LENGTHS[name], machinery)


def haul_road(site: Site) -> Path:
    """In along the field track, up the spur to where lorries are loaded, and out along the bank."""
    track = [(float(x), float(site.track.at(x)) - 1.2) for x in np.arange(-60, 14, 3.0)]
    turn = [(17.5, float(site.track.at(17.5)) - 0.4), (21.5, 6.0), (24.3, 10.5), (26.2, 15.5), (27.2, 21.0)]
    out = [
        (27.2, 28.0),
        _STAND,
        (25.0, 41.0),
        (22.2, 46.5),
        (18.0, 52.0),
        (12.0, float(site.bank_y(12.0)) - 1.0),
    ]
    bank = [(float(x), float(site.bank_y(x)) - 0.5) for x in np.arange(6, -60, -3.0)]
    return Path.through([*track, *turn, *out, *bank])


def _machinery(site: Site, *, dark: bool) -> tuple[Actor, ...]:
    road = haul_road(site)
    stand = road.nearest(*_STAND)
    enter, gone = road.nearest(-34, float(site.track.at(-34))), road.nearest(-40, float(site.bank_y(-40)))
    first = Haul(
        1, (RED, RED), Tipper(3, seed=0), road,
        (Leg(0.3, 10.5, enter, stand, 0.0, 0.35), Leg(17.0, 30.0, stand, gone, 0.45)),
        (12.0, 16.2), lamps_on=dark,
    )  # fmt: skip
    second = Haul(
        2, (BLUE, OCHRE), Tipper(4, seed=1), road,
        (
            Leg(7.5, 16.2, enter, stand - 15, 0.0, 0.35),
            Leg(18.0, 21.0, stand - 15, stand, 0.4, 0.5),
            Leg(27.0, 37.9, stand, gone, 0.4),
        ),
        (22.4, 26.2), lamps_on=dark,
    )  # fmt: skip
    digger = Digging(3, (YELLOW, YELLOW), (*_DIGGER, 1.05), (12.0, 16.2, 22.4, 26.2, 33.0), 2.15)
    loader = Shuttle(4, (YELLOW, YELLOW), Path.through([(9.0, 41.5), (0.5, 38.5)]), 12.0)
    walker = Walk(5, (ORANGE, NAVY), Path.through([(15.0, 29.0), (18.5, 21.0), (19.0, 13.0)]))
    others = (
        Still(6, (ORANGE, NAVY), State(Person("stands"), 20.5, 30.5, 0.4, False)),
        Still(7, (OCHRE, GREY), State(ScreeningPlant(), -20.0, 44.0, 0.25, False)),
        Still(
            8,
            (RUST, GREY),
            State(Vessel("dredger"), 12.0, float(site.shore(12.0)) + 11, 0.35, False, WATER + 0.05),
        ),
    )
    moving: tuple[Actor, ...] = (first, second, digger, loader, walker)
    return (*moving, *others)


def fixed(look: Look, gain: float) -> Look:
    """The same look at a gain that does not change from frame to frame."""
    return replace(look, gain=gain)


def night_lamps() -> list[Spot]:
    """The infrared lamp on the mast, and a work lamp by the excavator."""
    x, y, z = MAST
    return [
        Spot((x, y, z + 1), _AIM, 110_000, 40, 0.8, (1, 1, 1), 0.3),
        Spot((30.0, 44.0, 6.0), (30.0, 38.0, 0.0), 1500, 120, 0.5),
    ]
