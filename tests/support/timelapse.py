"""A fixed camera over a field, photographed once a minute, where soil is laid bare: made of numbers alone.

The camera stands 30 m above the ground and sees 40 to 150 m of it: near enough for an area to be told.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]

POSITION = (34.758210, 113.623340)  # latitude, longitude of the point below the mast
NOON = 1_780_286_400.0  # 2026-06-01T04:00:00Z: noon in Henan
SIZE = (960, 540)
_HEIGHT, _DOWN, _FOCAL = 30.0, 0.36, 1.0  # m; rad below the horizon; of the picture's width


@dataclass(frozen=True)
class Dig:
    """A square of bare soil. middle: m east and north. side: m. begins, lasts: s after noon, until it is that large."""

    middle: tuple[float, float] = (4.0, 80.0)
    side: float = 16.0
    begins: float = 3600.0
    lasts: float = 600.0

    def area(self, time: float) -> float:
        """m2 that it has, s after noon."""
        return self.side**2 * min(max((time - self.begins) / self.lasts, 0.0), 1.0)

    def corners(self, time: float) -> Floats:
        """[4, 2] m."""
        half = self.area(time) ** 0.5 / 2
        square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
        return np.asarray(np.array(self.middle) + half * square, np.float64)


def pixels(metres: Floats, size: tuple[int, int] = SIZE) -> Floats:
    """[N, 2], relative 0-1, of places on the ground."""
    east, north = np.asarray(metres, np.float64).T
    deep = north * np.cos(_DOWN) + _HEIGHT * np.sin(_DOWN)
    below = _HEIGHT * np.cos(_DOWN) - north * np.sin(_DOWN)
    aspect = size[0] / size[1]
    return np.column_stack([0.5 + _FOCAL * east / deep, 0.5 + _FOCAL * aspect * below / deep])


def control_points() -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Pixel and metres of nine points of the ground that are seen."""
    metres = np.array([(x * north, north) for north in (60.0, 85.0, 120.0) for x in (-0.35, 0.0, 0.35)])
    found = zip(pixels(metres).tolist(), metres.tolist(), strict=True)
    return [((seen[0], seen[1]), (place[0], place[1])) for seen, place in found]


def picture(time: float, dig: Dig | None = None, size: tuple[int, int] = SIZE, seed: int = 0) -> Picture:
    """uint8 [h, w, 3] BGR, s after noon: grass with its noise, a little brighter or darker each time."""
    made = _ground(size, seed)
    if dig is not None and dig.area(time) > 0:
        cover = np.zeros(size[::-1], np.uint8)
        corners = np.rint(pixels(dig.corners(time), size) * size * 16 - 8).astype(np.int32)
        cv2.fillPoly(cover, [corners], 255, cv2.LINE_AA, shift=4)
        share = cover[..., None] / 255.0
        made = made * (1 - share) + _soil(size) * share
    dice = np.random.default_rng(round(time))
    light = 1.0 + 0.02 * np.sin(time / 700.0)
    noise = dice.normal(0, 2.0, made.shape)
    return np.asarray(np.clip(made * light + noise, 0, 255), np.uint8)


def _ground(size: tuple[int, int], seed: int) -> Floats:
    """Grass: green, of many scales."""
    grain = _grain(size, 1 + seed, (2, 5, 13, 40))
    return np.stack([55 + 14 * grain, 105 + 24 * grain, 80 + 20 * grain], axis=-1)


def _soil(size: tuple[int, int]) -> Floats:
    """Loess: yellowish brown, smoother than grass."""
    grain = _grain(size, 77, (9, 30))
    return np.stack([95 + 6 * grain, 140 + 8 * grain, 178 + 9 * grain], axis=-1)


def _grain(size: tuple[int, int], seed: int, scales: tuple[int, ...]) -> Floats:
    dice = np.random.default_rng(seed)
    total = np.zeros(size[::-1])
    for scale in scales:
        coarse = dice.normal(0, 1, (size[1] // scale + 2, size[0] // scale + 2))
        total += cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(total / len(scales) ** 0.5, np.float64)
