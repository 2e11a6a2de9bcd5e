"""Bare soil laid over a picture: textured in metres, seen in perspective, lit like the ground around it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.disturbance.plane import ByEye
from bench.disturbance.scenario import Outline
from bench.provingground.outline import blob
from inference.detections import Picture

_GRAIN = 0.1  # m per texel: clods; finer than any of the clips resolves
_SOFT = 0.8  # px: as sharp as these lenses draw
_FINE = 3  # times finer than the picture, as the lens sums up what a pixel covers
_AROUND = 1.6  # times the outline, where the ground's own light is measured
# As bright as the ground around it by the ratio of their albedos (Oke, Boundary Layer Climates, table 1.1: soils 0.05 to
# 0.40, grass 0.16 to 0.26, asphalt 0.05 to 0.20), and as brown as loam: BGR over its grey.
_LOAM = 1.2 * np.array([0.74, 0.97, 1.18], np.float32)
_ROUGH = (0.16, 0.14, 0.10)  # of the brightness: clods, ruts, moisture; by octave from the finest


class Patch:
    """Soil at one place of one camera's picture; the same seed gives the same outlines and the same clods, and every
    earlier outline lies within every later one."""

    def __init__(self, view: ByEye, centre: tuple[float, float], most_m2: float, seed: int) -> None:
        self._view, self._centre, self._seed = view, centre, seed
        reach = float(np.abs(self._ground(most_m2) - np.array(centre)).max()) + 1.0
        self._corner = np.array(centre) - reach
        self._texture = _texture(round(2 * reach / _GRAIN), np.random.default_rng(seed))
        self._clods: dict[tuple[int, int], NDArray[np.float32]] = {}

    def outline(self, area_m2: float) -> Outline:
        """Relative 0-1 of the picture."""
        return self._view.pixels(self._ground(area_m2))

    def laid(self, picture: Picture, area_m2: float) -> Picture:
        """Nothing before it is spared: choose places that nobody drives over."""
        height, width = picture.shape[:2]
        corners = self.outline(area_m2) * (width, height)
        inside = _filled(corners, (width, height))
        around = _filled((corners - corners.mean(axis=0)) * _AROUND + corners.mean(axis=0), (width, height))
        ring = (around > 0.5) & (inside == 0)
        if not ring.any():
            return picture
        lit = float(np.median(picture[ring])) * _LOAM
        share = cv2.GaussianBlur(inside, (0, 0), _SOFT)[..., None]
        soil = lit * self._seen((width, height))[..., None]
        laid = picture * (1 - share) + soil * share
        return np.asarray(np.clip(laid, 0, 255), np.uint8)

    def _seen(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """The clods as this camera sees them, float32 [h, w]."""
        if size not in self._clods:
            texels = np.array([[_GRAIN, 0, self._corner[0]], [0, _GRAIN, self._corner[1]], [0, 0, 1]])
            fine = (size[0] * _FINE, size[1] * _FINE)
            large = cv2.warpPerspective(self._texture, self._view.plane(fine) @ texels, fine)
            small = cv2.resize(large, size, interpolation=cv2.INTER_AREA)
            self._clods[size] = np.asarray(cv2.GaussianBlur(small, (0, 0), _SOFT), np.float32)
        return self._clods[size]

    def _ground(self, area_m2: float) -> Outline:
        """Metres. Star-shaped round its centre, so that growing keeps what there was."""
        return blob(self._centre, area_m2, self._seed)


def _texture(side: int, noise: np.random.Generator) -> NDArray[np.float32]:
    """Brightness round 1, float32 [side, side], in texels of _GRAIN."""
    made: NDArray[np.float32] = np.ones((side, side), np.float32)
    for octave, rough in enumerate(_ROUGH):
        cells = max(2, side // 4**octave)
        coarse = noise.normal(0, rough, (cells, cells)).astype(np.float32)
        made = np.asarray(made + cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(np.clip(made, 0.3, 1.7), np.float32)


def _filled(corners: Outline, size: tuple[int, int]) -> NDArray[np.float32]:
    """Share of each pixel that lies inside; float32 [h, w]."""
    width, height = size
    drawn = np.zeros((height, width), np.uint8)
    cv2.fillPoly(drawn, [np.rint(corners * 16).astype(np.int32)], (255,), lineType=cv2.LINE_AA, shift=4)
    return np.asarray(drawn / np.float32(255), np.float32)
