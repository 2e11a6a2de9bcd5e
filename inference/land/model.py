"""How the ground looks in one light, and how much each of its pixels usually differs from that. Pure."""

from dataclasses import dataclass, replace
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.features import Features, Floats, Mask, fine

STEP: Final = 1 / 64  # of a kept logarithm: a third of the least noise there is
_MIDDLE: Final = 3.8  # of luma: between black (ln 8) and white (ln 263)
FLOORS: Final = {"tint": 0.035, "warmth": 0.045, "luma": 0.08, "fine": 0.02}
"""1 sigma that light itself leaves after it is fitted: angles of leaves and grains, inter-reflection, encoders."""
_BORROWED_LOOKS: Final = 4  # that a pixel of another light counts as
MEANS: Final = ("tint", "warmth", "luma")

Bytes = NDArray[np.int8]
Spread = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Model:
    """means: int8 [3, h, w], tint, warmth, luma in steps of 1/64. spreads: uint8 [4, h, w], 1 sigma of tint, warmth,
    luma and fine in steps of 1/128. looks: uint8 [h, w], how many it rests on; 0 where nothing is known."""

    means: Bytes
    spreads: Spread
    looks: Spread

    @classmethod
    def of(cls, means: Floats, spreads: Floats, looks: Spread) -> Self:
        """means: float32 [3, h, w]; spreads: float32 [4, h, w]."""
        return cls(_stepped(means), np.clip(np.rint(spreads * (2 / STEP)), 0, 255).astype(np.uint8), looks)

    def relit(self, means: Floats) -> Self:
        """The same ground as another light shows it, where nothing has been seen yet. means: float32 [3, h, w]."""
        return replace(self, means=_stepped(means), looks=np.zeros_like(self.looks))

    @property
    def shape(self) -> tuple[int, int]:
        return self.looks.shape[0], self.looks.shape[1]

    def features(self) -> Features:
        tint, warmth, luma = (each.astype(np.float32) * np.float32(STEP) for each in self.means)
        luma += np.float32(_MIDDLE)
        return Features(tint, warmth, luma, fine(luma))

    def sigmas(self) -> dict[str, Floats]:
        """float32 [h, w] each: spread learnt, and at least what light leaves, added as variances. What is shared by
        few looks counts for more: a spread of two looks may be half of the true one."""
        few = 1 + 2 / np.where(self.looks > 0, self.looks, _BORROWED_LOOKS).astype(np.float32)
        spreads = self.spreads * (few * np.float32(STEP / 2))
        floors = {name: np.full_like(few, FLOORS[name]) for name in (*MEANS, "fine")}
        return {
            name: np.asarray(cv2.magnitude(spread, floors[name]), np.float32)
            for name, spread in zip(floors, spreads, strict=True)
        }


def _stepped(means: Floats) -> Bytes:
    shifted = means.copy()
    shifted[2] -= _MIDDLE
    return np.asarray(np.clip(np.rint(shifted / STEP), -127, 127), np.int8)


def steep(layer: Floats) -> Floats:
    """float32 [h, w]: change per px."""
    across = cv2.Sobel(layer, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(layer, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def single(look: Features, seen: Mask) -> Model:
    """What one look says."""
    means = np.stack([getattr(look, name) for name in MEANS])
    return Model.of(means, np.zeros((4, *seen.shape), np.float32), seen.astype(np.uint8))
