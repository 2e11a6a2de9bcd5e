"""What moves all day and is never anything: a tree, a flag, water. Pure."""

from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes

_CELL: Final = 8  # px of the thumbnail
_FRUITLESS: Final = 5.0  # s of motion without a find that make a cell restless: a lorry crosses one in two
_CONVICTED: Final = 15.0  # s counted for it then; with the next constant: left alone for some three minutes
_FORGIVEN: Final = 180.0  # s: time constant; the wind changes within minutes
_LONGEST: Final = 1.0  # s: nobody looked in a longer gap, so it does not count
_MOST: Final = 32  # blobs remembered of one picture, the largest: the rest is no larger than they are
_CLEARLY: Final = 1.6  # times the usual area or strength: something else than what usually moves there
_MOSTLY: Final = 0.6  # share of a blob's cells that are restless

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Blobs:
    """boxes: float32 [N, 4], px of the thumbnail. areas: px. strength: mean change, grey levels. core: int, 0 for
    streaks and dots, 1 for what holds 3 x 3 px, 2 for 5 x 5. Largest first."""

    boxes: Boxes
    areas: Floats
    strength: Floats
    core: NDArray[np.int64]

    @classmethod
    def none(cls) -> Self:
        none = np.zeros(0, np.float32)
        return cls(np.zeros((0, 4), np.float32), none, none, np.zeros(0, np.int64))

    @classmethod
    def of(cls, stats: NDArray[np.int32], strength: NDArray[np.float64], core: NDArray[np.int64]) -> Self:
        """stats: rows of cv2.connectedComponentsWithStats."""
        found = stats.astype(np.float32)
        corner = found[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]]
        extent = found[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
        boxes = np.concatenate([corner, corner + extent], axis=1)
        return cls(boxes, found[:, cv2.CC_STAT_AREA], strength.astype(np.float32), core)

    def keep(self, which: NDArray[np.bool_]) -> Self:
        return type(self)(self.boxes[which], self.areas[which], self.strength[which], self.core[which])


class Restless:
    """Remembers, cell by cell, for how long something moved in vain, and how large and strong it was.

    shape: height and width of the thumbnail, px.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        rows, columns = (-(-side // _CELL) for side in shape[:2])
        self._fruitless = np.zeros((rows, columns), np.float32)  # s
        self._areas = np.zeros((rows, columns), np.float32)
        self._strength = np.zeros((rows, columns), np.float32)
        self._time: float | None = None

    def usual(self, blobs: Blobs) -> NDArray[np.bool_]:
        """bool [N]: which are no more than what moves there all the time."""
        restless = self._fruitless >= _FRUITLESS
        if not len(blobs.areas) or not restless.any():
            return np.zeros(len(blobs.areas), np.bool_)
        corners = _cells(blobs.boxes, self._fruitless.shape)
        count = np.maximum(_sums(restless, corners), 1e-6)
        mostly = count >= _MOSTLY * _sums(np.ones_like(restless), corners)
        small = blobs.areas * count <= _CLEARLY * _sums(self._areas * restless, corners)
        weak = blobs.strength * count <= _CLEARLY * _sums(self._strength * restless, corners)
        return np.asarray(mostly & small & weak, np.bool_)

    def judged(self, blobs: Blobs, found: Boxes, time: float) -> None:
        """blobs: what moved in one picture. found: float32 [K, 4], px of the thumbnail: everything detected in
        it. time: s, any epoch; a jump counts for nothing."""
        passed = 0.0 if self._time is None else time - self._time
        self._time = time
        if passed > 0:
            self._fruitless *= np.float32(np.exp(-passed / _FORGIVEN))
        here = np.zeros_like(self._fruitless)
        for (left, top, right, bottom), area, strength in self._largest(blobs):
            part = np.s_[top:bottom, left:right]
            here[part] = min(max(passed, 0.0), _LONGEST)
            self._areas[part] = np.maximum(self._areas[part], area)
            self._strength[part] = np.maximum(self._strength[part], strength)
        before, self._fruitless = self._fruitless, self._fruitless + here
        self._fruitless[(before < _FRUITLESS) & (self._fruitless >= _FRUITLESS)] = _CONVICTED
        self._acquit(found)

    def _largest(self, blobs: Blobs) -> list[tuple[list[int], float, float]]:
        corners = _cells(blobs.boxes[:_MOST], self._fruitless.shape).tolist()
        return list(zip(corners, blobs.areas.tolist(), blobs.strength.tolist(), strict=False))

    def _acquit(self, found: Boxes) -> None:
        """Where something was found, and where nothing moves any longer, nothing is held against the place."""
        for left, top, right, bottom in _cells(found, self._fruitless.shape).tolist():
            self._fruitless[top:bottom, left:right] = 0
        calm = self._fruitless < 0.1
        self._areas[calm] = self._strength[calm] = 0


def _cells(boxes: Boxes, shape: tuple[int, ...]) -> Ints:
    """int [N, 4]: first column, first row, and one past the last of each, of the cells a box touches."""
    first = np.floor(boxes[:, :2] / _CELL)
    last = np.maximum(np.ceil(boxes[:, 2:] / _CELL), first + 1)
    limit = np.array([shape[1], shape[0]])
    first, last = np.clip(first, 0, limit - 1), np.clip(last, 1, limit)
    return np.concatenate([first, last], axis=1).astype(np.intp)


def _sums(cells: NDArray[np.float32] | NDArray[np.bool_], corners: Ints) -> NDArray[np.float64]:
    """float64 [N]: sum of the cells of each box."""
    total = cv2.integral(cells.astype(np.float32), sdepth=cv2.CV_64F)
    left, top, right, bottom = corners.T
    return np.asarray(
        total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left], np.float64
    )
