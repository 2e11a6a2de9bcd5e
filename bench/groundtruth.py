"""Cameras over ground of which everything is known exactly: masts as on the proving ground, drones, and hills."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import look
from inference.terrain.dem import Elevation
from inference.terrain.points import WIDTH, Pair
from inference.terrain.posed import PosedCamera, PoseSigmas
from inference.terrain.surface import Flat, Surface, struck

Floats = NDArray[np.float64]
Chance = np.random.Generator

_FARTHEST = 350.0  # m: farther, no goal asks for anything
_SIZE = (1920, 1080)
_LENS = 0.03  # 1 sigma of how much lenses bend, at the picture's side
_TRIES = 400


def _hills() -> Elevation:
    """20 m high, 150 to 400 m long, known every 5 m."""
    line = np.arange(-800.0, 800.1, 5.0)
    east, north = np.meshgrid(line, line)
    heights = 12 * np.sin(east / 60) * np.cos(north / 45) + 8 * np.sin((east + 2 * north) / 130)
    return Elevation(heights.astype(np.float32), (-800.0, -800.0), 5.0)


HILLS = _hills()


@dataclass(frozen=True, slots=True)
class Scene:
    """A camera over a surface."""

    camera: PosedCamera
    surface: Surface

    @property
    def aspect(self) -> float:
        return self.camera.aspect

    def shown(self, pixels: Floats) -> Floats:
        """[N, 2] m; NaN beyond what is asked of anybody."""
        eyes = np.broadcast_to(np.array(self.camera.place), (len(pixels), 3))
        return struck(eyes, self.camera.rays(pixels), self.surface, _FARTHEST)

    def seen(self, metres: Floats) -> Floats | None:
        """[N, 2], where all of it is in the picture and nothing hides it."""
        pixels = self.camera.pixels(np.c_[metres, self.surface.height(metres)])
        if not ((pixels >= 0) & (pixels <= 1)).all():
            return None
        return pixels if np.abs(self.shown(pixels) - metres).max() < 0.2 else None

    def pairs(
        self, count: int, noise: tuple[float, float], chance: Chance, heights: float = 0.0
    ) -> list[Pair]:
        """So many points anywhere on the ground in the picture (or up to `heights` above it), with errors of px of
        1920 and m, 1 sigma, which are stated."""
        found: list[Pair] = []
        spread = noise[0] / WIDTH * np.array([1.0, self.aspect])
        while len(found) < count:
            pixel, up = chance.uniform(0.04, 0.96, (1, 2)), chance.uniform(0, heights) if heights else 0.0
            metres = self.camera.places(pixel, np.array([up]))[0]
            if not np.linalg.norm(metres - np.array(self.camera.place[:2])) < _FARTHEST:
                continue
            x, y = (pixel[0] + chance.normal(0, spread)).tolist()
            east, north = (metres + chance.normal(0, noise[1], 2)).tolist()
            told = up + chance.normal(0, noise[1]) if heights else None
            found.append(Pair((x, y), (east, north), told, noise[1]))
        return found

    def told(self, times: float, chance: Chance) -> tuple[PosedCamera, Floats]:
        """The pose with a usual drone's errors, and what is stated of them."""
        sigmas = PoseSigmas(1.5 * times, 1.5 * times, 1.5 * times, 0.4 * times, 0.2 * times, 0.5 * times)
        covariance = sigmas.covariance()
        step = chance.normal(0, np.sqrt(np.diag(covariance)))
        return self.camera.moved(step), covariance


def mast(chance: Chance) -> Scene:
    """8 to 45 m high, looking at something 40 to 340 m away (bench.provingground.aim), with a lens of its own."""
    away = math.exp(chance.uniform(math.log(40), math.log(340)))
    place = np.array([*chance.uniform(-5, 5, 2), min(chance.uniform(8, 45), 0.7 * away)])
    bearing = chance.uniform(0, 2 * math.pi)
    target = np.array([place[0] + away * math.sin(bearing), place[1] + away * math.cos(bearing), 0.0])
    seen = look(place, target, math.radians(chance.uniform(25, 75)), _SIZE)
    east, north, up = place.tolist()
    camera = PosedCamera((east, north, up), seen.rotation.T, math.degrees(seen.angle))
    camera = camera.moved(np.array([0, 0, 0, 0, 0, math.radians(chance.normal() * 2), 0, 0, 0]))
    return Scene(replace(camera, lens=float(chance.normal(0, _LENS))), Flat())


def pose(chance: Chance) -> Scene:
    """A drone 40 to 120 m up, looking 30 degrees down or more."""
    place = np.array([*chance.uniform(-50, 50, 2), chance.uniform(40, 120)])
    down = math.radians(chance.uniform(30, 89))
    bearing = chance.uniform(0, 2 * math.pi)
    ahead = np.array([math.sin(bearing), math.cos(bearing)]) * place[2] / math.tan(down)
    seen = look(place, np.array([*(place[:2] + ahead), 0.0]), math.radians(chance.uniform(35, 80)), _SIZE)
    east, north, up = place.tolist()
    return Scene(PosedCamera((east, north, up), seen.rotation.T, math.degrees(seen.angle)), Flat())


def on_hills(chance: Chance) -> Scene:
    scene = pose(chance)
    east, north, up = scene.camera.place
    return Scene(replace(scene.camera, place=(east, north, up + 20.0)), HILLS)


def sights(scene: Scene, chance: Chance, count: int = 6) -> Iterator[tuple[Floats, Floats]]:
    """Pixels [1, 2] and where they are [2]."""
    pixels = chance.uniform(0.02, 0.98, (count, 2))
    for pixel, place in zip(pixels, scene.shown(pixels), strict=True):
        if np.isfinite(place).all():
            yield pixel[None], place


def patches(scene: Scene, chance: Chance, count: int = 4) -> Iterator[tuple[Floats, float, float]]:
    """Outlines as a careful eye draws them (each side of the box off by 1 px of 1920, 1 sigma), their true m2, and how
    far from the camera's foot they are. 20 to 2,000 m2."""
    tries = 0
    while count and (tries := tries + 1) < _TRIES:
        middle = scene.shown(chance.uniform(0.02, 0.98, (1, 2)))[0]
        area = math.exp(chance.uniform(math.log(20), math.log(2000)))
        corners = _patch(middle, area, chance)
        outline = scene.seen(corners) if np.isfinite(middle).all() else None
        if outline is None:
            continue
        count -= 1
        away = float(np.linalg.norm(middle - np.array(scene.camera.place[:2])))
        yield _redrawn(outline, scene.aspect, chance), area, away


def _patch(middle: Floats, area: float, chance: Chance) -> Floats:
    """An irregular hexagon of that size."""
    angles = np.arange(6) * math.pi / 3 + chance.uniform(-0.3, 0.3, 6) + chance.uniform(0, math.pi)
    corners = np.stack([np.cos(angles), np.sin(angles)], 1) * chance.uniform(0.7, 1.3, (6, 1))
    x, y = corners.T
    size = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    return np.asarray(middle + corners * math.sqrt(area / size), np.float64)


def _redrawn(outline: Floats, aspect: float, chance: Chance) -> Floats:
    share = (outline - outline.min(axis=0)) / np.ptp(outline, axis=0)
    noise = np.array([1.0, aspect]) / WIDTH
    return np.asarray(
        outline + share * chance.normal(0, noise) + (1 - share) * chance.normal(0, noise), np.float64
    )
