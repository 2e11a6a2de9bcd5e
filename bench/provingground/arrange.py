"""Which machines of a pool a picture shows, and where they stand: nothing overlaps, nothing stands in the river."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.provingground.fleet.model import OTHER, Model
from bench.provingground.ground import Ground
from bench.provingground.site import WATER
from bench.provingground.transforms import grow, move, turn_z
from bench.provingground.truth import Thing

Chance = np.random.Generator
Centre = tuple[float, float]

_TRIES = 12
_STEEP = 1.6  # m over 5 m of ground


@dataclass(frozen=True, slots=True)
class _Taken:
    x: float
    y: float
    room: float
    label: str


class Arrangement:
    """One picture's machines. `things` in the order in which they were placed; `centre` is where most are, m."""

    def __init__(
        self,
        ground: Ground,
        models: Sequence[Model],
        obstacles: Iterable[tuple[float, float]],
        chance: Chance,
    ) -> None:
        self._ground, self._chance = ground, chance
        self._taken = [_Taken(x, y, 3.5, "") for x, y in obstacles]
        self.things: list[Thing] = []
        self.centre = _centre(ground, chance)
        self._fill(_shuffled(models, chance))

    def _fill(self, stock: dict[str, list[tuple[int, Model]]]) -> None:
        self._diggers(stock)
        some = self._some
        self._each(stock["truck"], some(1, 2, 3, 4, 5, 6, 8), self._road_or_anywhere(0.55), (0.92, 1.06))
        self._each(stock["loader"], some(0, 0, 1, 1, 2), self._anywhere, (0.75, 1.1))
        self._each(stock["bus"], some(0, 0, 1, 1, 2), self._road_or_anywhere(0.8), (1, 1))
        self._each(stock["car"], some(0, 1, 2, 3, 4, 6), self._road_or_anywhere(0.55), (0.93, 1.06))
        self._each(stock["motorcycle"], some(0, 0, 1, 2, 3), self._road_or_anywhere(0.6), (1, 1))
        self._each(stock[OTHER], some(0, 0, 1, 1), self._anywhere, (1, 1))
        self._each(stock["person"], some(0, 1, 2, 3, 5, 8), self._person, (0.92, 1.06))
        self._each(stock["vessel"], some(0, 1, 1, 2, 3), self._afloat, (1, 1))

    def _some(self, *counts: int) -> int:
        return int(self._chance.choice(counts))

    def _each(
        self,
        stock: list[tuple[int, Model]],
        count: int,
        place: Callable[[int, Model, float], bool],
        sizes: tuple[float, float],
    ) -> None:
        for number, model in stock[:count]:
            place(number, model, float(self._chance.uniform(*sizes)))

    def _diggers(self, stock: dict[str, list[tuple[int, Model]]]) -> None:
        """Excavators, half of them with a lorry beside them."""
        for number, model in stock["excavator"][: self._some(0, 1, 1, 2, 2, 3, 4)]:
            placed = self._anywhere(number, model, float(self._chance.uniform(0.75, 1.2)), 16)
            if placed and stock["truck"] and self._chance.random() < 0.55:
                (x, y), angle = self.things[-1].ground, self._angle()
                lorry = stock["truck"].pop()
                self._put(*lorry, x + 9.5 * math.cos(angle), y + 9.5 * math.sin(angle), self._angle())

    def _angle(self) -> float:
        return float(self._chance.uniform(0, 2 * math.pi))

    def _near(self, spread: float) -> tuple[float, float]:
        return (
            self.centre[0] + float(self._chance.normal()) * spread,
            self.centre[1] + float(self._chance.normal()) * spread * 0.7,
        )

    def _anywhere(self, number: int, model: Model, size: float, spread: float = 22) -> bool:
        for _ in range(_TRIES):
            x, y = self._near(spread)
            if self._chance.random() < 0.2:
                x, y = float(self._chance.uniform(-95, 110)), float(self._chance.uniform(-50, 66))
            if self._put(number, model, x, y, self._angle(), size):
                return True
        return False

    def _road_or_anywhere(self, share: float) -> Callable[[int, Model, float], bool]:
        def place(number: int, model: Model, size: float) -> bool:
            on_road = self._chance.random() < share
            return self._road(number, model, size) if on_road else self._anywhere(number, model, size)

        return place

    def _road(self, number: int, model: Model, size: float) -> bool:
        for _ in range(_TRIES):
            x, y, yaw = self._on_track() if self._chance.random() < 0.72 else self._on_spur()
            if self._put(number, model, x, y, yaw + float(self._chance.normal()) * 0.04, size):
                return True
        return False

    def _on_track(self) -> tuple[float, float, float]:
        track, east = self._ground.site.track, self._chance.random() < 0.5
        x = self.centre[0] + float(self._chance.normal()) * 38
        return x, float(track.at(x)) + (-1.25 if east else 1.25), track.heading(x) + (0 if east else math.pi)

    def _on_spur(self) -> tuple[float, float, float]:
        site, north = self._ground.site, self._chance.random() < 0.5
        y = float(self._chance.uniform(8, max(9.0, float(site.shore(self.centre[0])) - 10)))
        return float(site.spur.at(y)), y, math.pi / 2 - site.spur.heading(y) + (0 if north else math.pi)

    def _person(self, number: int, model: Model, size: float) -> bool:
        """Most stand a few steps from a machine."""
        for _ in range(8):
            x, y = self._near(18)
            if self.things and self._chance.random() < 0.7:
                beside = self.things[int(self._chance.integers(len(self.things)))].ground
                angle, away = self._angle(), float(self._chance.uniform(2, 7))
                x, y = beside[0] + math.cos(angle) * away, beside[1] + math.sin(angle) * away
            clear = all(math.hypot(x - t.x, y - t.y) > (1.2 if t.room < 3 else 3.4) for t in self._taken)
            if clear and float(self._ground.site.off_water(x, y)) > 1:
                frame = move(x, y, float(self._ground.height(x, y))) @ turn_z(self._angle()) @ grow(size)
                self._add(Thing(number, model, frame))
                return True
        return False

    def _afloat(self, number: int, model: Model, size: float) -> bool:
        site = self._ground.site
        x = self.centre[0] + float(self._chance.normal()) * 35
        y = float(site.river.at(x)) + float(self._chance.uniform(-0.75, 0.6)) * site.half_width
        yaw = (
            site.river.heading(x)
            + float(self._chance.normal()) * 0.3
            + math.pi * int(self._chance.integers(2))
        )
        if not self._free(x, y, model.room):
            return False
        self._add(Thing(number, model, move(x, y, WATER + 0.05) @ turn_z(yaw)))
        return True

    def _put(self, number: int, model: Model, x: float, y: float, yaw: float, size: float = 1.0) -> bool:
        dry = float(self._ground.site.off_water(x, y)) > model.room * 0.6
        if not dry or not self._free(x, y, model.room) or self._ground.steepness(x, y) > _STEEP:
            return False
        self._add(Thing(number, model, self._ground.stand(x, y, yaw, size) @ grow(size)))
        return True

    def _free(self, x: float, y: float, room: float) -> bool:
        return all(math.hypot(x - taken.x, y - taken.y) > room + taken.room for taken in self._taken)

    def _add(self, thing: Thing) -> None:
        self.things.append(thing)
        self._taken.append(_Taken(*thing.ground, thing.model.room, thing.model.label))


def _centre(ground: Ground, chance: Chance) -> Centre:
    x = float(chance.uniform(-50, 65))
    return x, max(-25.0, float(ground.site.shore(x)) - float(chance.uniform(5, 45)))


def _shuffled(models: Sequence[Model], chance: Chance) -> dict[str, list[tuple[int, Model]]]:
    """By label, in random order, each with its number from 1."""
    stock: dict[str, list[tuple[int, Model]]] = {}
    for number, model in enumerate(models, start=1):
        stock.setdefault(model.label, []).append((number, model))
    for same in stock.values():
        order = chance.permutation(len(same))
        same[:] = [same[index] for index in order]
    return stock
