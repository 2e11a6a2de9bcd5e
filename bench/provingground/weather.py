"""What lies between the lens and the scene: haze, clouds of dust, rain. On linear light, before the sensor."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera
from bench.provingground.noise import fractal, sampled

Floats = NDArray[np.float32]

_SKY = 1e5  # m; the renderer's depth where there is nothing
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CLOUD = 3.0  # m of ground per px of the field of clouds
_DRIFT = 7.0  # m/s, eastwards
_DUST = np.array([0.36, 0.30, 0.22], np.float32)


@dataclass(frozen=True, slots=True)
class Puff:
    """A ball of dust. place: m. radius: m. thick: share of the light it holds back in its middle."""

    place: tuple[float, float, float]
    radius: float
    thick: float


def luminance(light: Floats) -> Floats:
    return np.asarray(light @ _LUMA, np.float32)


def haze(light: Floats, depth: Floats, per_metre: float) -> Floats:
    """Light scattered in from the air (Koschmieder): what is far takes the colour of the sky near the horizon."""
    if per_metre <= 0:
        return light
    sky = depth > _SKY
    mean = float(luminance(light).mean())
    air = np.median(light[sky], axis=0) if sky.sum() > 500 else mean * np.array([1.5, 1.6, 1.7], np.float32)
    air = np.minimum(0.75 * air + 0.25 * float(air @ _LUMA), mean * 4)
    share = 1 - np.exp(-np.clip(depth, 0, 1500) * per_metre)
    share[sky] *= 0.5 if per_metre < 0.005 else 1.0
    return np.asarray(light + (air - light) * share[..., None], np.float32)


def dust(light: Floats, depth: Floats, camera: Camera, puffs: Iterable[Puff]) -> Floats:
    """Dust in the air, lit as the ground round it; what stands before a puff hides it."""
    clouded: Floats = light.copy()
    bright = float(np.median(luminance(light))) / 0.12  # the ground's reflectance is about 0.12
    grid = np.indices(depth.shape, dtype=np.float32)
    for puff in puffs:
        seen, far = camera.project(np.array([puff.place]))
        if far[0] < 2:
            continue
        (x, y), reach = seen[0], camera.focal * puff.radius / far[0]
        left, right = int(max(0, x - 3 * reach)), int(min(depth.shape[1], x + 3 * reach + 1))
        top, bottom = int(max(0, y - 3 * reach)), int(min(depth.shape[0], y + 3 * reach + 1))
        if left >= right or top >= bottom:
            continue
        part = slice(top, bottom), slice(left, right)
        away = ((grid[1][part] - x) ** 2 + ((grid[0][part] - y) * 1.25) ** 2) / reach**2
        behind = np.clip((depth[part] - far[0]) / puff.radius + 0.5, 0, 1)
        share = (puff.thick * np.exp(-away) * behind)[..., None]
        clouded[part] += (_DUST * bright - clouded[part]) * share
    return clouded


def rain(light: Floats, chance: np.random.Generator, heavy: float) -> Floats:
    """Streaks of drops near the lens, and the veil of those further off. heavy: 0 to 1."""
    height, width = light.shape[:2]
    streaks = np.zeros((height, width), np.float32)
    lean = chance.normal(0, 0.15)
    for x, y in chance.integers(
        0, (width, height), (int(900 * heavy * width * height / 230_400), 2)
    ).tolist():
        near = chance.random() ** 3
        length = height * (0.015 + 0.09 * near)
        end = round(x + lean * length), round(y + length)
        cv2.line(streaks, (x, y), end, 0.25 + 0.5 * near, 1 + (near > 0.6), cv2.LINE_AA)
    veil = float(luminance(light).mean())
    falling = cv2.GaussianBlur(streaks, (0, 0), 0.7)[..., None] * (0.2 + 0.25 * heavy)
    greyed = light + (veil - light) * (0.08 + 0.12 * heavy)
    return np.asarray(greyed + veil * 1.8 * falling, np.float32)


@cache
def _sky() -> Floats:
    """Where clouds are, 0 to 1; [512, 512], and the same again beyond its edges."""
    field = fractal(512, 90, 77, 5)
    return np.asarray(np.clip((field - 0.48) * 6, 0, 1), np.float32)


def clouds(light: Floats, depth: Floats, camera: Camera, time: float, deep: float) -> Floats:
    """Shadows of clouds that pass over the ground. deep: share of the light they take. time: s."""
    ground = camera.world(np.minimum(depth, 2000.0).astype(np.float64))
    across, along = (ground[..., 0] - _DRIFT * time) / _CLOUD % 511, ground[..., 1] / _CLOUD % 511
    shade = 1 - deep * sampled(_sky(), across, along)
    shade[depth > _SKY] = 1
    return np.asarray(light * shade[..., None], np.float32)


def wind(light: Floats, plants: NDArray[np.bool_], time: float, reach: float) -> Floats:
    """Leaves that stir: each part of the `plants` mask swings at its own pace by up to `reach` px. time: s."""
    height, width = plants.shape
    rows, cols = np.indices(plants.shape, dtype=np.float32)
    phase = cv2.resize(fractal(64, 8, 5) * 40, (width, height), interpolation=cv2.INTER_CUBIC)
    share = cv2.GaussianBlur(plants.astype(np.float32), (0, 0), 1.0) * reach
    across = cols + share * np.sin(2 * np.pi * 0.6 * time + phase)
    down = rows + 0.4 * share * np.sin(2 * np.pi * 0.9 * time + 2 * phase)
    return np.asarray(
        cv2.remap(light, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR), np.float32
    )
