"""Which lamps are on in a picture: the light they throw, and how they shine into the lens."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bench.provingground.camera import Camera
from bench.provingground.paint import Colour
from bench.provingground.sensor import Lamp
from bench.provingground.spots import Spot
from bench.provingground.transforms import Points, point, unit
from bench.provingground.truth import Thing

Chance = np.random.Generator

_SITE_COLOURS: tuple[Colour, ...] = ((1, 0.85, 0.6), (1, 1, 1), (1, 0.6, 0.25))


@dataclass(slots=True)
class Lit:
    """spots: what is lit by them. lamps: what the lens sees."""

    spots: list[Spot] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)

    def headlights(self, thing: Thing, power: float) -> None:
        """Both headlamps of a thing, and its tail lamps. power: W of each spot."""
        ahead = unit(thing.frame[:3, 0])
        for lamp in thing.model.headlamps:
            place = point(thing.frame, lamp)
            target = point(thing.frame, (lamp[0] + 22, lamp[1] * 1.3, -0.3))
            self.spots.append(Spot(_triple(place), _triple(target), power, 60, 0.7))
            self.lamps.append(Lamp(place, ahead))
        for lamp in thing.model.tail_lamps:
            self.lamps.append(Lamp(point(thing.frame, lamp), -ahead, 0.35, tail=True))

    def working(self, thing: Thing, chance: Chance) -> None:
        """The work lamp of an excavator, to any side."""
        for lamp in thing.model.work_lamps:
            place, angle = point(thing.frame, lamp), chance.uniform(0, 2 * math.pi)
            towards = np.array([math.cos(angle), math.sin(angle), -0.35])
            power = float(chance.uniform(1500, 5000))
            self.spots.append(Spot(_triple(place), _triple(place + 8 * towards), power, 95))
            self.lamps.append(Lamp(place, unit(towards), 0.6))

    def pole(self, place: Points, camera: Camera, chance: Chance) -> None:
        """A lamp on a pole that lights a part of the site."""
        below = place + np.array([*chance.normal(0, 2, 2), -5])
        colour = _SITE_COLOURS[int(chance.integers(len(_SITE_COLOURS)))]
        self.spots.append(
            Spot(_triple(place), _triple(below), float(chance.uniform(1500, 9000)), 130, 0.4, colour)
        )
        self.lamps.append(Lamp(place, unit(camera.place - place), 0.8))


def random_lamps(things: Iterable[Thing], share: float, chance: Chance) -> Lit:
    """share: of the machines that have theirs on."""
    lit = Lit()
    for thing in things:
        if chance.random() < share:
            strong = thing.model.label in ("truck", "bus", "loader")
            lit.headlights(thing, float(chance.uniform(4000, 11000)) * (1.0 if strong else 0.7))
            if chance.random() < 0.6:
                lit.working(thing, chance)
    return lit


def infrared(camera: Camera, distance: float, chance: Chance) -> Spot:
    """The lamp beside an infrared camera, as strong as `distance` (m) asks for."""
    place, ahead = camera.place + np.array([0, 0, 0.4]), camera.rotation[2]
    power = math.exp(chance.uniform(math.log(3), math.log(25))) * distance**2
    cone = min(150.0, max(6.0, math.degrees(camera.angle) * chance.uniform(0.75, 1.6)))
    return Spot(_triple(place), _triple(place + 50 * ahead), power, cone, 0.8, (1, 1, 1), 0.2)


def _triple(place: Points) -> tuple[float, float, float]:
    return float(place[0]), float(place[1]), float(place[2])
