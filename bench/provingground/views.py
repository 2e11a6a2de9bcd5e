"""Labelled random views: NAME.jpg, NAME.txt (YOLO) and NAME.json.

One site is built for a batch of shots. A shot depends on (seed, number of its batch, number in the batch) alone, so
the same command gives the same scenes and labels again; samples and threads alter the render noise only.
"""

import json
import math
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.provingground.aim import Aim, aim
from bench.provingground.arrange import Arrangement
from bench.provingground.blend import land, light, objects
from bench.provingground.blend.render import Renderer
from bench.provingground.blend.sight import in_sight
from bench.provingground.camera import Json
from bench.provingground.clutter import scattered
from bench.provingground.conditions import Conditions, random_conditions
from bench.provingground.earthworks import random_earthworks
from bench.provingground.fleet.model import Model
from bench.provingground.ground import Ground
from bench.provingground.lamps import Lit, infrared, random_lamps
from bench.provingground.patches import Passes
from bench.provingground.pool import livery, random_pool
from bench.provingground.printed import compressed, stamped
from bench.provingground.sensor import Picture, develop
from bench.provingground.site import random_site
from bench.provingground.truth import Sighting, Thing, contrasted, described, sightings, why_unlabelled, yolo
from bench.provingground.vegetation import Clearing
from bench.provingground.weather import Puff, dust, haze, rain

SIZES = ((640, 360), (640, 384))
_WHEEL_DUST = 0.6  # chance that a lorry trails dust, where there is any


@dataclass(frozen=True, slots=True)
class Order:
    """seed, count: which views and how many. batch: shots per site. samples: per pixel."""

    seed: int
    count: int
    batch: int = 28
    samples: int = 6
    threads: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """All that is decided before a picture is rendered."""

    name: str
    size: tuple[int, int]
    conditions: Conditions
    arrangement: Arrangement
    aim: Aim
    lit: Lit
    chance: np.random.Generator


class World:
    """One built site with its pool of machines."""

    def __init__(self, number: int, order: Order, textures: Path) -> None:
        chance = np.random.default_rng(number)
        site = random_site(number)
        self.number = number
        self.ground = Ground(site, number, random_earthworks(site, chance))
        objects.reset()
        self._land = land.Land(self.ground, textures, fine=0.6, detail=(-110, 130, -60, 75))
        land.furnish(self.ground, number, Clearing(), south=True)
        self._clutter = scattered(self.ground, number)
        for thing in self._clutter:
            objects.add("clutter", objects.mesh("clutter", thing.shape), thing.frame)
        self.models: list[Model] = [spec.build() for spec in random_pool(chance)]
        self._machines = [self._machine(index, model) for index, model in enumerate(self.models, start=1)]
        self._renderer = Renderer(order.samples, order.threads)

    def _machine(self, number: int, model: Model) -> Any:
        made = objects.mesh(model.kind, model.shape)
        return objects.add(model.kind, made, objects.AWAY, bevel=model.bevel, number=number)

    def shot(self, index: int) -> Shot:
        """Decide what the picture with this number in the batch shows."""
        chance = np.random.default_rng([self.number, index])
        conditions = random_conditions(chance)
        size = SIZES[int(chance.integers(len(SIZES)))]
        places = [(thing.x, thing.y) for thing in self._clutter]
        arrangement = Arrangement(self.ground, self.models, places, chance)
        self._pose(arrangement.things, chance)
        aimed = aim(arrangement.things, arrangement.centre, self.ground, size, chance, in_sight)
        lit = random_lamps(arrangement.things, conditions.lamps, chance)
        if conditions.name == "night_color":
            self._poles(lit, arrangement, aimed, chance)
        if conditions.name == "night_ir":
            lit.spots.append(infrared(aimed.camera, aimed.distance, chance))
        return Shot(f"p{self.number:05d}_{index:03d}", size, conditions, arrangement, aimed, lit, chance)

    def _pose(self, things: Sequence[Thing], chance: np.random.Generator) -> None:
        for machine in self._machines:
            objects.put(machine, objects.AWAY)
        for thing in things:
            machine = self._machines[thing.number - 1]
            objects.put(machine, thing.frame)
            objects.repaint(machine, *livery(thing.model.label, chance))

    def _poles(self, lit: Lit, arrangement: Arrangement, aimed: Aim, chance: np.random.Generator) -> None:
        for _ in range(int(chance.integers(0, 4))):
            x, y = arrangement.centre[0] + chance.normal() * 18, arrangement.centre[1] + chance.normal() * 14
            place = np.array([x, y, float(self.ground.height(x, y)) + chance.uniform(5, 9)])
            lit.pole(place, aimed.camera, chance)

    def take(self, shot: Shot) -> Passes:
        objects.remove("LIGHT")
        if shot.conditions.night:
            light.night_sky(shot.conditions.sky)
        elif shot.conditions.sun is not None:
            light.clear_sky(*shot.conditions.sun)
        else:
            light.grey_sky()
        for spot in shot.lit.spots:
            light.spot(spot)
        self._land.wetness(shot.conditions.wet)
        self._renderer.aim(shot.aim.camera)
        return self._renderer.whole()


def make(folder: Path, order: Order, until: float) -> None:
    """Render order.count views, or until the clock (s since 1970) says stop."""
    textures = folder / "textures"
    textures.mkdir(parents=True, exist_ok=True)
    for batch in range(math.ceil(order.count / order.batch)):
        started, number = clock.monotonic(), order.seed * 100 + batch
        world = World(number, order, textures)
        print(f"site {number} built in {clock.monotonic() - started:.0f} s", flush=True)
        for index in range(min(order.batch, order.count - batch * order.batch)):
            if clock.time() > until:
                return
            started = clock.monotonic()
            shot = world.shot(index)
            labelled, left_out = _write(folder, order, shot, world.take(shot), world)
            took = clock.monotonic() - started
            told = f"{len(labelled)} labels, {len(left_out)} left out, {took:.1f} s"
            print(shot.name, shot.conditions.name, shot.aim.kind, told, flush=True)


def _write(
    folder: Path, order: Order, shot: Shot, passes: Passes, world: World
) -> tuple[list[Sighting], list[Sighting]]:
    picture = _developed(shot, passes, world)
    seen = [
        contrasted(sighting, passes.ids, picture)
        for sighting in sightings(shot.arrangement.things, passes.ids, shot.aim.camera)
    ]
    reasons = [why_unlabelled(sighting, shot.conditions.night) for sighting in seen]
    labelled = [sighting for sighting, why in zip(seen, reasons, strict=True) if why is None]
    left_out = [sighting for sighting, why in zip(seen, reasons, strict=True) if why is not None]
    cv2.imwrite(str(folder / f"{shot.name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    (folder / f"{shot.name}.txt").write_text(yolo(labelled, shot.size))
    truth = _truth(order, shot, world.number)
    truth["objects"] = [described(sighting) for sighting in labelled]
    truth["unlabelled"] = [
        {**described(sighting), "why": why}
        for sighting, why in zip(seen, reasons, strict=True)
        if why is not None
    ]
    (folder / f"{shot.name}.json").write_text(json.dumps(truth))
    return labelled, left_out


def _developed(shot: Shot, passes: Passes, world: World) -> Picture:
    conditions, chance, camera = shot.conditions, shot.chance, shot.aim.camera
    seen = passes.light
    if conditions.dust:
        seen = dust(seen, passes.depth, camera, _puffs(shot, world.ground))
    seen = haze(seen, passes.depth, conditions.haze)
    if conditions.rain:
        seen = rain(seen, chance, conditions.rain)
    picture = develop(seen, passes.depth, camera, conditions.look, shot.lit.lamps, chance)
    return compressed(stamped(picture, conditions.moment, chance), chance)


def _puffs(shot: Shot, ground: Ground) -> list[Puff]:
    """Trails behind machines, and, in a dust storm, clouds over the whole site."""
    chance, puffs = shot.chance, []
    for thing in shot.arrangement.things:
        if thing.model.label in ("truck", "car", "bus", "loader") and chance.random() < _WHEEL_DUST:
            for back in np.arange(thing.model.size / 2, thing.model.size / 2 + chance.uniform(2, 18), 1.2):
                x, y, z = (thing.frame @ [-back, chance.normal() * 0.4, 0.5, 1])[:3]
                size = 0.6 + 0.16 * back
                puffs.append(
                    Puff((x, y, z + 0.06 * back), size, chance.uniform(0.12, 0.4) * math.exp(-back / 16))
                )
    if shot.conditions.name == "dust":
        for _ in range(int(chance.integers(8, 30))):
            x, y = np.array(shot.arrangement.centre) + chance.normal(0, 30, 2)
            low = float(ground.height(x, y))
            puffs.append(
                Puff((x, y, low + 2), float(chance.uniform(4, 14)), float(chance.uniform(0.1, 0.45)))
            )
    return puffs


def _truth(order: Order, shot: Shot, world: int) -> Json:
    conditions, aimed = shot.conditions, shot.aim
    return {
        "seed": order.seed,
        "world": world,
        "cond": conditions.name,
        "rain": round(conditions.rain, 2),
        "camera": aimed.kind,
        "hfov": round(math.degrees(aimed.camera.angle), 2),
        "dist": round(aimed.distance, 1),
        "height": round(float(aimed.camera.place[2]), 1),
        "sun": None if conditions.sun is None else [round(angle, 1) for angle in conditions.sun],
        "time": conditions.moment.isoformat(),
        **aimed.camera.truth(),
    }
