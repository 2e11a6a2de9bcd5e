"""The same picture in other light and weather: what is lost is lost to the condition, not to other pictures.

Light is taken through the sensor: pixel values to linear light (IEC 61966-2-1), less of it, photon and read noise,
gain, and back. Fog follows Koschmieder's law. These are not the augmentations a model is trained with.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Picture

Light = NDArray[np.float32]
Weather = Callable[[Picture, np.random.Generator], Picture]

_WELL = 9000.0  # electrons of a pixel at full white: a small surveillance sensor
_READ = 4.0  # electrons of noise per reading
_GREY = np.array([0.11, 0.59, 0.30], np.float32)  # BGR to luminance, ITU-R BT.601


def dusk(picture: Picture, rng: np.random.Generator) -> Picture:
    """An eighth of the light, bluish, a third of it made up for by gain."""
    return _exposed(_linear(picture) * np.array([1.15, 1.0, 0.85], np.float32), 1 / 8, 8 / 3, rng)


def night(picture: Picture, rng: np.random.Generator) -> Picture:
    """A 150th of the light under sodium lamps, 22-fold gain: dark and noisy, with little colour left."""
    light = _linear(picture)
    pale = 0.6 * (light @ _GREY)[..., None] + 0.4 * light
    return _exposed(pale * np.array([0.75, 1.0, 1.1], np.float32), 1 / 150, 22.0, rng)


def infrared(picture: Picture, rng: np.random.Generator) -> Picture:
    """The camera's own lamps: grey, bright in the middle, dark at the rim, 20-fold gain."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    lamp = np.exp(-1.2 * (x**2 + y**2))
    grey = (_linear(picture) @ _GREY) * lamp
    return _exposed(np.repeat(grey[..., None], 3, axis=2), 1 / 40, 20.0, rng, grey=True)


def rain(picture: Picture, rng: np.random.Generator) -> Picture:
    """Streaks of drops in flight, a veil that takes a fifth of the contrast, and less light."""
    height, width = picture.shape[:2]
    drops = np.zeros((height, width), np.float32)
    drops[rng.random((height, width)) > 0.9985] = 1.0
    length = max(5, height // 22)
    streak = np.zeros((length, length), np.float32)
    slant = int(rng.integers(0, length // 3 + 1))
    cv2.line(streak, (slant, 0), (0, length - 1), 1.0, 1)
    falling = np.minimum(cv2.filter2D(drops, -1, streak), 1.0)[..., None]
    light = _linear(picture) * 0.55
    veiled = light * 0.8 + 0.2 * light.mean()
    return _exposed(veiled * (1 - 0.35 * falling) + 0.35 * 0.5 * falling, 1 / 4, 4.0, rng)


def fog(picture: Picture, rng: np.random.Generator) -> Picture:
    """Koschmieder (1924): contrast falls by exp(-distance); a level road, its horizon at a third of the height."""
    height = picture.shape[0]
    rows = np.arange(height, dtype=np.float32) / height
    distance = 1 / np.maximum((rows - 0.33) / 0.67, 0.06)
    kept = np.exp(-rng.uniform(0.12, 0.2) * np.minimum(distance, 8.0))[:, None, None].astype(np.float32)
    return _exposed(_linear(picture) * kept + 0.55 * (1 - kept), 1 / 2, 2.0, rng)


WEATHERS: dict[str, Weather] = {
    "dusk": dusk,
    "night": night,
    "infrared": infrared,
    "rain": rain,
    "fog": fog,
}


def _linear(picture: Picture) -> Light:
    value = picture.astype(np.float32) / 255
    light: Light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


def _exposed(
    light: Light, share: float, gain: float, rng: np.random.Generator, *, grey: bool = False
) -> Picture:
    """As a sensor reads it that gets `share` of the light, and amplifies it `gain` times."""
    electrons = light * (_WELL * share)
    shape = (*light.shape[:2], 1) if grey else light.shape  # an infrared picture has one noise, not three
    noise = rng.standard_normal(shape, np.float32) * np.sqrt(electrons + _READ**2)
    read = np.clip((electrons + noise) * (gain / _WELL), 0, 1)
    value = np.where(read <= 0.0031308, read * 12.92, 1.055 * read ** (1 / 2.4) - 0.055)
    return np.asarray(value * 255 + 0.5, np.uint8)
