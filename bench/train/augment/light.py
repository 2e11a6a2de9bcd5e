"""Light, weather, lens and line: what a camera on a mast makes of the same scene. uint8 BGR in and out."""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_DARK = 70  # mean grey below which a picture is a night picture already


def relit(picture: Array, driven: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Colour and contrast always; then perhaps night, infrared, dust or rain; then perhaps blur and coding.

    driven [N, 4]: boxes in px of what may have headlights.
    """
    out = _colours(picture, rng)
    chance = rng.random()
    if picture.mean() > _DARK:
        if chance < 0.13:
            out = night(out, driven, rng)
        elif chance < 0.23:
            out = infrared(out, rng)
        elif chance < 0.33:
            out = dust(out, rng)
    if 0.33 <= chance < 0.41:
        out = rain(out, rng)
    if rng.random() < 0.15:
        out = blurred(out, rng)
    if rng.random() < 0.3:
        out = coded(out, rng)
    return out


def _colours(picture: Array, rng: np.random.Generator) -> Array:
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
    steps = np.arange(256)
    hue = ((steps + rng.uniform(-6, 6)) % 180).astype(np.uint8)
    saturation = (steps * rng.uniform(0.4, 1.4)).clip(0, 255).astype(np.uint8)
    value = _curve(math.exp(rng.uniform(-0.45, 0.45)), rng.uniform(0.8, 1.15), rng.uniform(-15, 15))
    table = np.stack([hue, saturation, value], 1)[None]
    return cv2.cvtColor(cv2.LUT(hsv, table), cv2.COLOR_HSV2BGR)


def _curve(gamma: float, gain: float, lift: float = 0.0) -> NDArray[np.uint8]:
    """A look-up table [256]: gain * x^gamma + lift."""
    x = np.arange(256) / 255
    return (255 * gain * x**gamma + lift).clip(0, 255).astype(np.uint8)


def night(picture: Array, driven: Array, rng: np.random.Generator) -> Array:
    """Dark, of one cast, noisy; some vehicles with their lamps on."""
    dark = cv2.LUT(picture, _curve(rng.uniform(1.2, 2.2), rng.uniform(0.15, 0.5)))
    light = dark.astype(np.float32) * rng.uniform(0.8, 1.2, 3).astype(np.float32)
    lamps = np.zeros(picture.shape[:2], np.float32)
    for box in driven[rng.random(len(driven)) < 0.6]:
        _lamps(lamps, box, rng)
    if lamps.any():
        glow = cv2.GaussianBlur(lamps, (0, 0), rng.uniform(1.5, 5))
        tint = np.array([rng.uniform(0.7, 1.0), rng.uniform(0.85, 1.0), 1.0], np.float32)
        light += (255 * np.minimum(1.5 * glow, 1))[..., None] * tint
    return _noisy(light, rng.uniform(1, 9), rng)


def _lamps(layer: Array, box: Array, rng: np.random.Generator) -> None:
    """A pair of lamps (or one, seen from the side) low on the vehicle."""
    width, height = box[2:] - box[:2]
    size = max(1, int(rng.uniform(0.03, 0.08) * min(width, height)))
    y = int(box[1] + height * rng.uniform(0.6, 0.85))
    for share in (0.2, 0.8) if rng.random() < 0.7 else (float(rng.choice([0.05, 0.95])),):
        cv2.circle(layer, (int(box[0] + share * width), y), size, 1.0, -1)


def infrared(picture: Array, rng: np.random.Generator) -> Array:
    """Grey, lit by a lamp beside the camera: bright in a spot, dark outside it, noisy."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    height, width = grey.shape
    across = (np.arange(width) - width * rng.uniform(0.3, 0.7)) / (width * rng.uniform(0.5, 1.2))
    down = (np.arange(height) - height * rng.uniform(0.4, 0.8)) / (height * rng.uniform(0.5, 1.2))
    spot = np.exp(-(across[None] ** 2 + down[:, None] ** 2)).astype(np.float32)
    lit = grey * (rng.uniform(0.1, 0.4) + rng.uniform(0.4, 0.9) * spot) + rng.uniform(0, 15)
    return _noisy(np.repeat(lit[..., None], 3, 2), rng.uniform(1, 10), rng, grey=True)


def _noisy(light: Array, sigma: float, rng: np.random.Generator, grey: bool = False) -> Array:
    """Sensor noise of `sigma` grey levels; as coarse as the sensor's pixels or a little coarser."""
    height, width = light.shape[:2]
    by = float(rng.choice([1.0, 0.5]))
    shape = (int(height * by), int(width * by), 1 if grey else 3)
    grain = rng.standard_normal(shape, np.float32) * sigma
    noise = cv2.resize(grain, (width, height)).reshape(height, width, shape[2])
    return _shown(light + noise)


def dust(picture: Array, rng: np.random.Generator) -> Array:
    """A veil, grey to the brown of sand, thicker where the air is."""
    height, width = picture.shape[:2]
    clouds = rng.uniform(0.1, 0.7, (3, 3)).astype(np.float32)
    veil = cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 0.8)[..., None]
    veil *= rng.uniform(0.5, 1.0)
    colour = np.array([1.0, 1.0, 1.0]) * rng.uniform(150, 235)
    colour[:2] *= (rng.uniform(0.75, 1.0), rng.uniform(0.88, 1.0))
    return _shown(picture * (1 - veil) + veil * colour.astype(np.float32))


def _shown(light: Array) -> NDArray[np.uint8]:
    return np.clip(light, 0, 255).astype(np.uint8)


def rain(picture: Array, rng: np.random.Generator) -> Array:
    """Streaks of one slant before a slightly greyer picture."""
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    slant, length = rng.uniform(-0.4, 0.4), rng.uniform(8, 30)
    for _ in range(int(rng.integers(60, 300))):
        x, y = rng.uniform(0, width), rng.uniform(-length, height)
        end = (int(x + slant * length), int(y + length))
        cv2.line(layer, (int(x), int(y)), end, int(rng.integers(60, 200)), 1, cv2.LINE_AA)
    strength = rng.uniform(0.3, 0.8)
    flat = cv2.addWeighted(picture, 0.9, np.full_like(picture, 128), 0.1, 0)
    return cv2.add(flat, (cv2.merge([layer] * 3) * strength).astype(np.uint8))


def blurred(picture: Array, rng: np.random.Generator) -> Array:
    """Out of focus, or moved."""
    if rng.random() < 0.5:
        return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.4))
    size, angle = int(rng.integers(3, 8)), rng.uniform(0, math.pi)
    kernel = np.zeros((size, size), np.float32)
    reach = (size - 1) / 2 * np.array([math.cos(angle), math.sin(angle)])
    middle = (size - 1) / 2
    start, end = (middle - reach).round().astype(int), (middle + reach).round().astype(int)
    cv2.line(kernel, start.tolist(), end.tolist(), 1.0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def coded(picture: Array, rng: np.random.Generator) -> Array:
    """A lean stream: fewer pixels, coarse blocks; the blur stands for the codec's deblocking filter."""
    height, width = picture.shape[:2]
    by = rng.uniform(0.5, 1.0)
    small = cv2.resize(picture, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 70))]
    blocks: Array = np.asarray(cv2.imdecode(cv2.imencode(".jpg", small, quality)[1], cv2.IMREAD_COLOR))
    if rng.random() < 0.5:
        blocks = cv2.GaussianBlur(blocks, (0, 0), 0.6)
    return cv2.resize(blocks, (width, height))
