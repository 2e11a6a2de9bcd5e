"""What moves over a scene: clouds and their shadows, haze, puddles, crops that green, leaves that stir."""

import math
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.noise import fractal
from bench.provingground.season.basis import Basis, Floats
from bench.provingground.season.weather import Daylight, Weather
from bench.provingground.site import HALF

_CLOUD = 25.0  # m per px of the field of clouds
_SIDE = 512  # px of it; it repeats
_BASE = 1500.0  # m, height of the clouds
_DRIFT = 8.0  # m/s, eastwards
_PUDDLED = 0.10  # share of the bare soil under water when puddles are full


class Air:
    """seed: which clouds, and where the crops grow faster."""

    def __init__(self, basis: Basis, seed: int) -> None:
        self._basis = basis
        self._field = _even(fractal(_SIDE, 64, seed + 77, 5))
        self._patches = fractal(256, 24, seed + 78, 3)

    @cached_property
    def _above(self) -> tuple[Floats, Floats]:
        """Where on the field of clouds each pixel lies: the ground under them, or the sky's pixel itself."""
        basis = self._basis
        ray = basis.world - basis.camera.place.astype(np.float32)
        run = np.minimum(_BASE / np.maximum(ray[..., 2], 1e-3), 12.0)  # times 2 km
        sky = basis.heaven
        x = np.where(sky, ray[..., 0] * run, basis.world[..., 0])
        y = np.where(sky, ray[..., 1] * run, basis.world[..., 1])
        return (x / _CLOUD).astype(np.float32), (y / _CLOUD).astype(np.float32)

    def clear(self, time: float, cover: float) -> Floats:
        """[h, w] share of the sun's beam that no cloud holds back; at a pixel of the sky, of what is cloudless."""
        x, y = self._above
        moved = np.float32(-_DRIFT * time / _CLOUD % _SIDE)
        field = cv2.remap(self._field, x + moved, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(np.clip((1 - cover - field) / 0.08 + 0.5, 0, 1) * (1 - cover**8), np.float32)

    @cached_property
    def _high(self) -> Floats:
        """[h, w] how plainly a cloud shows: not near the horizon, where many lie behind one another."""
        ray = self._basis.world - self._basis.camera.place.astype(np.float32)
        return np.asarray(np.clip(ray[..., 2] / 2000.0 / 0.12, 0, 0.8), np.float32)

    @cached_property
    def green(self) -> Floats:
        """[h, w] how green the ground and its plants are, 0 to 1."""
        red, green, blue = np.moveaxis(self._basis.sky.astype(np.float32), -1, 0)
        share = (2 * green - red - blue) / (red + green + blue + 1e-3)
        share[self._basis.heaven] = 0
        return np.asarray(np.clip(share * 2.2, 0, 1), np.float32)

    @cached_property
    def _lush(self) -> Floats:
        x, y = ((self._basis.world[..., axis] + HALF) / 2 for axis in (0, 1))
        share = cv2.remap(self._patches, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(self.green * (0.4 + 1.2 * share), np.float32)

    def tint(self, grown: float) -> Floats:
        """[h, w, 3] factors on the colours after crops have grown by a share (negative: ripened)."""
        towards = np.array([-0.9, -0.35, -0.7] if grown >= 0 else [-0.9, -0.25, 0.2], np.float32)
        return np.asarray(1 + self._lush[..., None] * (towards * np.float32(grown)), np.float32)

    @cached_property
    def _low(self) -> Floats:
        """[h, w] the order in which bare soil floods, 0 first; above 1 never."""
        basis = self._basis
        places = np.arange(-HALF, HALF + 1, 1.0)
        x, y = np.meshgrid(places, places)
        heights = basis.ground.height(x, y).astype(np.float32)
        hollow = np.asarray(cv2.GaussianBlur(heights, (0, 0), 4.0)) - heights
        rut = np.exp(-(((np.abs(y - basis.ground.site.track.at(x)) - 1.05) / 0.7) ** 2)).astype(np.float32)
        grain = fractal(1024, 10, 3)[: len(places), : len(places)] - 0.5
        score = cv2.remap(
            2 * hollow + 0.6 * grain + 0.4 * rut,
            basis.world[..., 0] + np.float32(HALF), basis.world[..., 1] + np.float32(HALF), cv2.INTER_LINEAR,
        )  # fmt: skip
        soil = basis.bare & (self.green < 0.35)
        order = np.full(soil.shape, 9.0, np.float32)
        order[soil] = 1 - _even(np.asarray(score, np.float32)[soil])
        return order

    def puddles(self, share: float) -> Floats:
        """[h, w] 1 where water stands."""
        if share <= 0.01:
            return np.zeros(self._low.shape, np.float32)
        return np.asarray(np.clip((share * _PUDDLED - self._low) / 0.006, 0, 1), np.float32)

    @cached_property
    def _grazing(self) -> Floats:
        """[h, w] share of the sky that still water mirrors (Schlick 1994)."""
        ray = self._basis.world - self._basis.camera.place.astype(np.float32)
        upright = np.abs(ray[..., 2]) / np.maximum(np.linalg.norm(ray, axis=-1), 1e-3)
        return np.asarray(0.02 + 0.98 * (1 - upright) ** 5, np.float32)

    def wetted(self, light: Floats, weather: Weather, day: Daylight, dry: Floats) -> Floats:
        """Wet soil is darker, and puddles mirror the sky. dry: [h, w] 1 where no puddle may stand."""
        if weather.wet <= 0.01 and weather.puddles <= 0.01:
            return light
        soil = self._basis.bare * (1 - 0.7 * self.green)
        light = light * (1 - np.float32(0.45 * weather.wet) * soil)[..., None]
        water = (self.puddles(weather.puddles) * (1 - dry))[..., None]
        mirrored = 0.45 * light + self._grazing[..., None] * day.sky
        return np.asarray(light + (mirrored - light) * water, np.float32)

    def sky(self, light: Floats, clear: Floats, day: Daylight) -> Floats:
        """Clouds in the sky's pixels."""
        sky = self._basis.heaven
        if not sky.any():
            return light
        white = np.float32(day.sky.mean()) * np.array([1.25, 1.27, 1.3], np.float32)
        share = ((1 - clear[sky]) * self._high[sky])[:, None]
        light[sky] += (white + 0.12 * day.sun - light[sky]) * share
        return light

    def haze(self, light: Floats, per_metre: float, clear: Floats, day: Daylight) -> Floats:
        """Light scattered in from the air (Koschmieder)."""
        air = (
            0.85 * day.sky.mean() + 0.10 * float(clear.mean()) * day.sun * math.sqrt(per_metre * 100)
        ).astype(np.float32)
        share = 1 - np.exp(-np.minimum(self._basis.depth, 2500.0) * np.float32(per_metre))
        share[self._basis.heaven] *= 0.5 if per_metre < 0.004 else 1.0
        return np.asarray(light + (air - light) * share[..., None], np.float32)

    @cached_property
    def _loose(self) -> Floats:
        """[h, w] how far the wind moves what a pixel shows: leaves most, grass a little, water's face too."""
        basis = self._basis
        x, y = basis.world[..., 0].astype(np.float64), basis.world[..., 1].astype(np.float64)
        water = (
            (basis.ground.site.off_water(x, y) < 0)
            & (basis.world[..., 2] < -1)
            & ~basis.plants
            & (np.abs(x) < HALF)
        )
        near = np.clip(60.0 / basis.depth, 0.15, 1.5)
        share = np.where(basis.plants, 1.0, 0.35 * self.green) * near + np.where(water, 1.6, 0.0)
        return np.asarray(cv2.GaussianBlur(share.astype(np.float32), (0, 0), 1.2), np.float32)

    @cached_property
    def _pixels(self) -> NDArray[np.float32]:
        """[h, w, 2] x and y of each pixel."""
        rows, cols = np.indices(self._basis.depth.shape, dtype=np.float32)
        return np.stack([cols, rows], -1)

    def moved(
        self, light: Floats, sway: NDArray[np.float64], wind: float, chance: np.random.Generator
    ) -> Floats:
        """The light as the swaying camera sees it, with stirred leaves. sway: affine, still px to moved px."""
        linear = np.linalg.inv(sway[:, :2]).astype(np.float32)
        places: Floats = (self._pixels - sway[:, 2].astype(np.float32)) @ linear.T
        height, width = light.shape[:2]
        rough = chance.standard_normal((height // 5 + 2, width // 5 + 2, 2), np.float32)
        stirred = cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR)
        places += stirred * (self._loose * np.float32(min(1.2, 0.15 + 0.12 * wind)))[..., None]
        return np.asarray(
            cv2.remap(light, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT),
            np.float32,
        )


def _even(field: Floats) -> Floats:
    """Each value's rank, 0 to 1."""
    order = np.empty(field.size, np.float32)
    order[np.argsort(field, axis=None)] = np.linspace(0, 1, field.size, dtype=np.float32)
    return order.reshape(field.shape)
