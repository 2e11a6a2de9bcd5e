"""From the light that falls on a sensor to the picture a site camera sends: glare, exposure, noise, tone, sharpening."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera
from bench.provingground.transforms import Points, unit
from bench.provingground.weather import Floats, luminance

Picture = NDArray[np.uint8]  # BGR [h, w, 3]

_SKY = 1e5  # m
_WARM = np.array([1.0, 0.94, 0.82], np.float32)
_TAIL = np.array([1.0, 0.09, 0.05], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Lamp:
    """Something that shines into the lens. place: [3] m. towards: unit [3]. strength: factor. tail: a red one."""

    place: Points
    towards: Points
    strength: float = 1.0
    tail: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How one camera makes its pictures.

    gain: factor on the light; None: `key` becomes the mean (in the logarithm) of what is not sky, or, at night,
    the brightest hundredth. infrared: grey, plants bright by `leaf`, corners darker by `vignette`. glare: of lamps.
    bloom: of what is too bright. noise: (of the square root of the light, of the dark); coarse: it is correlated.
    tone: 0 (plain sRGB) to 1 (filmic). blur, motion: px; motion at `way` radians.
    """

    gain: float | None = None
    key: float = 0.18
    night: bool = False
    infrared: bool = False
    leaf: float = 0.0
    vignette: float = 0.0
    glare: float = 0.0
    smear: bool = False
    bloom: float = 0.0
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: float = 0.45
    motion: float = 0.0
    way: float = 0.0
    noise: tuple[float, float] = (3e-4, 0.002)
    coarse: float = 0.0
    tone: float = 0.6
    saturation: float = 1.0
    contrast: float = 1.0
    brightness: float = 0.0
    sharpen: float = 0.0
    halved: bool = False


def gain_for(light: Floats, depth: Floats, look: Look) -> float:
    """The factor that exposes this light as `look` wants it; a clip measures it once."""
    if look.gain is not None:
        return look.gain
    bright = luminance(light)
    if look.night:
        return look.key / max(float(np.percentile(bright, 97.5)), 0.004)
    land = depth < _SKY
    measured = bright[land] if land.sum() > 3000 else bright
    return look.key / float(np.exp(np.log(measured + 1e-4).mean()))


def develop(
    light: Floats,
    depth: Floats,
    camera: Camera,
    look: Look,
    lamps: Iterable[Lamp],
    chance: np.random.Generator,
) -> Picture:
    """light: linear RGB [h, w, 3]; depth: m [h, w]. The same chance gives the same noise."""
    gain = gain_for(light, depth, look)
    exposed = light * gain
    if look.glare:
        for lamp in lamps:
            _glare(exposed, depth, camera, lamp, look)
    exposed = _bloomed(np.minimum(exposed, 30), look)
    exposed = _infrared(exposed, look) if look.infrared else exposed * np.array(look.white, np.float32)
    exposed = _noisy(_blurred(exposed, look), look, chance)
    return _finished(toned(exposed, look), look)


def _glare(exposed: Floats, depth: Floats, camera: Camera, lamp: Lamp, look: Look) -> None:
    """A lamp's core, halo and veil; none if it looks away or something stands before it."""
    height, width = depth.shape
    seen, far = camera.project(lamp.place[None])
    (x, y), facing = seen[0], float(unit(camera.place - lamp.place) @ lamp.towards)
    if far[0] < 2 or facing < 0.05 or not (-20 < x < width + 20 and -20 < y < height + 20):
        return
    col, row = int(np.clip(x, 1, width - 2)), int(np.clip(y, 1, height - 2))
    if depth[row - 1 : row + 2, col - 1 : col + 2].max() < far[0] - 0.8:
        return
    rows, cols = np.indices(depth.shape, dtype=np.float32)
    strength = lamp.strength * look.glare * facing ** (1 if lamp.tail else 3)
    core = max(0.9, camera.focal * 0.13 / float(far[0]))
    away = (cols - x) ** 2 + (rows - y) ** 2
    shine = sum(part * np.exp(-away / (2 * reach**2)) for part, reach in _halo(core))
    if look.smear and not lamp.tail:
        shine = shine + 0.35 * np.exp(-np.abs(rows - y) / (core * 0.8) - np.abs(cols - x) / (core * 9 + 8))
    exposed += (strength * shine)[..., None] * (_TAIL if lamp.tail else _WARM)


def _halo(core: float) -> tuple[tuple[float, float], ...]:
    """Weight and reach (px) of the three lobes of a lamp's image."""
    return (6.0, core * 1.2), (0.9, core * 3 + 2), (0.10, core * 8 + 14)


def _bloomed(exposed: Floats, look: Look) -> Floats:
    if not look.bloom:
        return exposed
    over = np.clip(exposed - 1, 0, 8)
    near, wide = cv2.GaussianBlur(over, (0, 0), 7), cv2.GaussianBlur(over, (0, 0), 30)
    return np.asarray(exposed + look.bloom * near + 0.03 * wide, np.float32)


def _infrared(exposed: Floats, look: Look) -> Floats:
    """Grey; living leaves shine in the near infrared, and a lamp's cone leaves the corners dark."""
    leaves = np.clip(exposed[..., 1] - np.maximum(exposed[..., 0], exposed[..., 2]) * 0.95, 0, None)
    grey = exposed @ np.array([0.4, 0.4, 0.2], np.float32) + leaves * look.leaf
    height, width = grey.shape
    rows, cols = np.indices(grey.shape, dtype=np.float32)
    off = ((cols - width / 2) / width * 2) ** 2 + ((rows - height / 2) / height * 2) ** 2
    return np.repeat((grey * (1 - look.vignette * off / 2))[..., None], 3, 2).astype(np.float32)


def _blurred(exposed: Floats, look: Look) -> Floats:
    soft = np.asarray(cv2.GaussianBlur(exposed, (0, 0), look.blur) if look.blur else exposed, np.float32)
    return _smeared(soft, round(look.motion), math.degrees(look.way)) if look.motion > 1 else soft


def _smeared(exposed: Floats, length: int, angle: float) -> Floats:
    """Moved by `length` px at `angle` degrees while the shutter was open."""
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1 / length
    turned = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), angle, 1)
    kernel = np.asarray(cv2.warpAffine(line, turned, (length, length)), np.float32)
    return np.asarray(cv2.filter2D(exposed, -1, kernel / kernel.sum()), np.float32)


def _noisy(exposed: Floats, look: Look, chance: np.random.Generator) -> Floats:
    height, width = exposed.shape[:2]
    grain = chance.standard_normal((height, width, 1 if look.infrared else 3), np.float32)
    if look.coarse:
        grain = (cv2.GaussianBlur(grain, (0, 0), look.coarse) * 1.5).reshape(grain.shape)
    shot, dark = look.noise
    spread = np.sqrt(shot * np.clip(exposed, 0, 1) + dark**2)
    return np.asarray(np.clip(exposed + grain * spread, 0, None), np.float32)


def toned(exposed: Floats, look: Look) -> Floats:
    """Narkowicz's fit of the ACES curve, mixed with a plain one; 0 to 1 in sRGB's encoding."""
    filmic = np.clip(exposed * (2.51 * exposed + 0.03) / (exposed * (2.43 * exposed + 0.59) + 0.14), 0, 1)
    mixed = filmic * look.tone * 0.98 + np.clip(exposed, 0, 1) * (1 - look.tone)
    encoded = np.where(
        mixed <= 0.0031308, mixed * 12.92, 1.055 * np.clip(mixed, 1e-9, None) ** (1 / 2.4) - 0.055
    )
    if not look.infrared:
        grey = luminance(encoded.astype(np.float32))[..., None]
        encoded = grey + (encoded - grey) * look.saturation
    return np.clip((encoded - 0.5) * look.contrast + 0.5 + look.brightness, 0, 1).astype(np.float32)


def _finished(encoded: Floats, look: Look) -> Picture:
    picture: Picture = (encoded[..., ::-1] * 255 + 0.5).astype(np.uint8)
    if look.sharpen:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        picture = np.asarray(cv2.addWeighted(picture, 1 + look.sharpen, soft, -look.sharpen, 0), np.uint8)
    if look.halved:  # a substream that the camera enlarged again
        height, width = picture.shape[:2]
        small = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return picture
