"""One site camera: how it exposes, drifts, sways on its mast, and what it sends."""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.season.basis import Floats
from bench.provingground.sensor import Look, Picture, toned

_MOST = 6000.0  # gain; what is darker stays dark
_TABLE = 4096
_TOP = 4.0  # exposed light at the end of the table
_GRAIN = 64  # px by which the grain's tile is larger than the picture


@dataclass(frozen=True, slots=True)
class Drift:
    """What slowly changes in a camera. gain: factor. white: of red and blue."""

    gain: float
    white: tuple[float, float]


class Lens:
    """seed: which camera. size: (width, height) px of its picture."""

    def __init__(self, seed: int, size: tuple[int, int]) -> None:
        chance = np.random.default_rng([seed, 31])
        self._size = size
        self._key = float(chance.uniform(0.14, 0.20))
        self._white = chance.uniform(0.95, 1.05, 2)
        self._phases = chance.uniform(0, 2 * math.pi, 8)
        self._quality = int(chance.integers(45, 80))
        self._saturation = float(chance.uniform(0.75, 1.15))
        self._tone = float(chance.uniform(0.4, 0.8))
        self._leaf = float(chance.uniform(1, 4))
        self._stiff = float(chance.uniform(0.03, 0.12))  # px of sway for each m/s of wind
        height, width = size[1] + _GRAIN, size[0] + _GRAIN
        self._grain = chance.standard_normal((height, width, 3), np.float32)

    def sway(self, time: float, wind: float, chance: np.random.Generator) -> NDArray[np.float64]:
        """Affine [2, 3] from the still camera's px to the picture's: the mast in the wind and in the sun's warmth."""
        width, height = self._size
        shake = 0.08 + self._stiff * wind
        warm = 1.2 * math.sin(2 * math.pi * time / 86_400 + self._phases[0])
        across, down = warm + chance.normal(0, shake), 0.6 * warm + chance.normal(0, 0.7 * shake)
        turn = math.radians(chance.normal(0, 0.004 * (1 + wind)))
        zoom = 1 + chance.normal(0, 1.5e-4)
        cos, sin = zoom * math.cos(turn), zoom * math.sin(turn)
        middle = np.array([width / 2, height / 2])
        linear = np.array([[cos, -sin], [sin, cos]])
        return np.column_stack([linear, middle - linear @ middle + (across, down)])

    def gain(self, light: Floats, land: NDArray[np.bool_], night: bool) -> float:
        """By day the mean of the logarithm of what is not sky, by night the brightest fortieth."""
        seen = light[::4, ::4].mean(-1)
        part = seen[land[::4, ::4]] if land.any() else seen.ravel()
        if night:
            return min(_MOST, 0.45 / max(1e-7, float(np.percentile(part, 97.5))))
        return min(_MOST, self._key / max(1e-7, float(np.exp(np.log(part + 1e-7).mean()))))

    def drift(self, time: float) -> Drift:
        hours = time / 3600
        slow = [
            math.sin(2 * math.pi * hours / period + phase)
            for period, phase in zip((0.4, 7, 3, 11), self._phases[1:5], strict=True)
        ]
        red, blue = self._white
        return Drift(1 + 0.03 * slow[0] + 0.04 * slow[1], (red + 0.015 * slow[2], blue + 0.02 * slow[3]))

    def picture(
        self, light: Floats, gain: float, infrared: bool, drift: Drift, chance: np.random.Generator
    ) -> Picture:
        """From linear light [h, w, 3] to the picture that arrives, compressed once. BGR."""
        exposed = light * np.float32(gain * drift.gain)
        if infrared:
            exposed = self._infrared(exposed)
        else:
            exposed *= np.array([drift.white[0], 1.0, drift.white[1]], np.float32)
        exposed = self._noisy(np.asarray(cv2.GaussianBlur(exposed, (0, 0), 0.5)), gain, infrared, chance)
        place = np.sqrt(np.clip(exposed, 0, _TOP) * np.float32((_TABLE - 1) ** 2 / _TOP))
        encoded = _table(self._tone)[place.astype(np.uint16)]
        if not infrared:
            encoded = _saturated(encoded, self._saturation)
        return self._sent(encoded[..., ::-1])

    def _infrared(self, exposed: Floats) -> Floats:
        """Grey; living leaves shine in the near infrared."""
        leaves = np.clip(exposed[..., 1] - np.maximum(exposed[..., 0], exposed[..., 2]) * 0.95, 0, None)
        grey = exposed @ np.array([0.4, 0.4, 0.2], np.float32) + leaves * self._leaf
        return np.asarray(cv2.merge([grey, grey, grey]), np.float32)

    def _noisy(self, exposed: Floats, gain: float, grey: bool, chance: np.random.Generator) -> Floats:
        down, across = chance.integers(0, _GRAIN, 2).tolist()
        height, width = exposed.shape[:2]
        grain = self._grain[down : down + height, across : across + width]
        grain = grain[..., :1] if grey else grain
        grain = grain[:, ::-1] if chance.random() < 0.5 else grain
        shot, dark = 8e-5 + 1.0e-6 * gain, 0.0015 + 4e-6 * gain
        spread = np.sqrt(shot * np.clip(exposed, 0, 1) + dark**2)
        return np.asarray(exposed + grain * spread, np.float32)

    def _sent(self, picture: Picture) -> Picture:
        """Compressed as one picture of a stream is."""
        _, data = cv2.imencode(
            ".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, self._quality]
        )
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


@cache
def _table(tone: float) -> Picture:
    """uint8 [_TABLE]: the tone curve, at even steps of the square root of the exposed light."""
    light = (np.arange(_TABLE) / (_TABLE - 1)) ** 2 * _TOP
    grey = np.repeat(light[:, None], 3, 1).astype(np.float32)
    return np.asarray(toned(grey, Look(tone=tone))[:, 0] * 255 + 0.5).astype(np.uint8)


def _saturated(encoded: Picture, share: float) -> Picture:
    luma = np.array([[0.2126, 0.7152, 0.0722]]) * (1 - share)
    return np.asarray(cv2.transform(encoded, np.eye(3) * share + np.repeat(luma, 3, 0)), np.uint8)
