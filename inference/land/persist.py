"""What stays changed, pixel by pixel: sequential evidence with bounded memory. Pure."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.evidence import Grid

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SURE: Final = 0.35  # of a change from 0.5 ("tells nothing") on: as much as one look can say
ON: Final = 170  # of 255: two minutes of sure looks
OFF: Final = 85
_WHOLE: Final = (
    180.0  # s of sure looks from nothing to everything: dust, a gust, a cloud's edge are over by then
)
_MOST: Final = 1 / 3  # of it, that one look may add: in time-lapse three looks are needed
_COMMON: Final = 0.05  # share of a usual picture that changes for a while: shadows, crops in the wind
_UNSETTLED: Final = 0.3  # and the share from which it is the weather and no digger
_MUCH: Final = 0.5  # of the picture: where less is known, what changed of it is still little of the picture
_STRIDE: Final = 2  # px between those that are counted for it
_SOON: Final = 120.0  # s: time constant of the fresh one
_LOOK: Final = 0.2  # of it, that one look may move it by
_BARE: Final = 0.15  # gain from which a pixel may be soil
_RIM: Final = cv2.getStructuringElement(cv2.MORPH_RECT, (9, 5))  # px


def encoded(change: Grid) -> Bytes:
    """uint8: 0 where nothing is known, else 1 to 255 for a change of 0 to 1."""
    known = change.copy()
    cv2.patchNaNs(known, -1 / 254)
    return np.asarray(cv2.convertScaleAbs(known, alpha=254, beta=1), np.uint8)


def tone(change: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """-1 (surely the old surface) to 1 (surely another) of a change of 0 to 1."""
    return np.clip((np.asarray(change) - 0.5) / SURE, -1.0, 1.0)


def settled(told: Bytes, level: Bytes) -> float:
    """How far a look can be trusted, 1 to 0, by the share of pixels that changed and were not known to.

    A dig takes little of a picture; snow, rain, a lamp that is switched on take much of it at once. told: `encoded`.
    """
    sample, before = told[::_STRIDE, ::_STRIDE], level[::_STRIDE, ::_STRIDE]
    quiet = (sample > 0) & (before < OFF)
    changed = np.count_nonzero(quiet & (sample > 128))
    share = changed / max(float(np.count_nonzero(quiet)), _MUCH * sample.size)
    return float(np.clip((_UNSETTLED - share) / (_UNSETTLED - _COMMON), 0.0, 1.0))


class Persistence:
    """level: uint8 [h, w], 0 (as in the reference) to 255 (another surface, for minutes).

    A bounded sum of what looks say (a two-sided CUSUM: Page, Biometrika 1954). Only a look to the contrary takes
    away from it; time does not, so what was seen before a night of fog still holds after it.
    """

    def __init__(self, level: Bytes) -> None:
        self.level = level

    def take(self, told: Bytes, passed: float, trust: float) -> None:
        """told: `encoded`. passed: s since the look before. trust: 0 to 1, of what looks changed."""
        portion = 255 * min(passed / _WHOLE, _MOST)
        heard = tone((np.arange(256) - 1) / 254)
        heard[0] = 0
        more = np.rint(portion * trust * np.maximum(heard, 0)).astype(np.uint8)
        less = np.rint(portion * np.maximum(-heard, 0)).astype(np.uint8)
        raised = cv2.add(self.level, cv2.LUT(told, more))
        self.level = np.asarray(cv2.subtract(raised, cv2.LUT(told, less)), np.uint8)


class Ground:
    """Where soil came up. fresh: float32 [h, w], -1 to 1: how much more like soil it was in the last minutes."""

    def __init__(self, fresh: Grid) -> None:
        self.fresh = fresh

    @classmethod
    def over(cls, shape: tuple[int, int]) -> "Ground":
        return cls(np.zeros(shape, np.float32))

    @property
    def bare(self) -> Mask:
        """bool [h, w]: where soil came up, with the rim that a window of texture does not tell."""
        return np.asarray(cv2.dilate((self.fresh > _BARE).astype(np.uint8), _RIM), np.bool_)

    def take(self, soil: Grid, told: Bytes, passed: float) -> None:
        """soil: as Evidence has it. told: `encoded`. passed: s since the look before."""
        seen = (told > 0) & ~np.isnan(soil)
        portion = np.float32(min(passed / _SOON, _LOOK))
        self.fresh += portion * np.where(seen, soil - self.fresh, np.float32(0))
