"""Where vehicles stand and where machines worked, in coarse cells that forget. Pure."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes
from inference.land.persist import Bytes, Mask

AT_WORK: Final = 120.0  # s: a machine that passes by is not at work
_CELL: Final = 8  # px of the evidence
_FORGET: Final = 300.0  # s: time constant of where vehicles stand; their work goes on elsewhere meanwhile
_STANDING: Final = 0.3  # share of looks with a vehicle from which one stands there, found or not
_SUREST: Final = (
    0.8  # of the looks, at most, that a detector is trusted to find it in: dusk and dust come in runs
)
_LEFT: Final = 0.05  # chance that it still stands there, unseen, below which it has left
# Of a machine's box, to the sides and below: how far an arm reaches beyond what is found of it. What lies behind it as far
# as that is hidden by it.
_REACH: Final = 0.5
_LONGEST: Final = 120.0  # s: nobody looked in a longer gap
_HOUR: Final = (
    3600.0  # s: time constant of where machines worked: what they opened is seen when they have moved on
)
_MOST: Final = AT_WORK * math.e  # s that count: an hour after it left, a whole day's work is forgotten, too

Cells = NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, top, right, bottom, px of the evidence


class Standing:
    """Where vehicles stood in the last minutes: one that is found in every second look only shows through in the
    others, and is no dig; one that was found in all looks and in the last ones no more has left.

    cells: float32 [3, rows, columns], of cells of 8 x 8 px of the evidence: share of the looks that found one; that share
    when one was found last; chance that it still stands there.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells

    @classmethod
    def over(cls, shape: tuple[int, int]) -> "Standing":
        return cls(np.zeros((3, *_cells(shape)), np.float32))

    def take(self, occupied: Boxes, passed: float) -> None:
        """occupied: float32 [N, 4], relative. passed: s since the look before."""
        share, found, there = self.cells
        here = _within(occupied, share.shape)
        share += (here - share) * np.float32(1 - math.exp(-passed / _FORGET))
        found[here] = share[here]
        there *= 1 - np.minimum(found, np.float32(_SUREST))
        there[here] = 1

    def hide(self, told: Bytes) -> None:
        """Takes out of `encoded` evidence what lies where a vehicle stands, in place."""
        _, found, there = self.cells
        hidden = (found > _STANDING) & (there > _LEFT)
        if hidden.any():
            told[_spread(hidden, told.shape)] = 0


class Worked:
    """Where machines worked in the last hour. seconds: float32 [rows, columns], of the same cells, for how long one was
    within reach."""

    def __init__(self, seconds: Cells) -> None:
        self.seconds = seconds
        self._here = np.zeros(seconds.shape, bool)

    @classmethod
    def over(cls, shape: tuple[int, int]) -> "Worked":
        return cls(np.zeros(_cells(shape), np.float32))

    def take(self, working: Boxes, passed: float) -> None:
        """working: float32 [N, 4], relative. passed: s since the look before."""
        self.seconds *= np.float32(math.exp(-passed / _HOUR))
        across, down = ((working[:, 2:] - working[:, :2]) * np.float32(_REACH)).T
        around = working + np.stack([-across, 0 * down, across, down], axis=1)
        self._here = _within(around, self.seconds.shape)
        self.seconds[self._here] += np.float32(min(passed, _LONGEST))
        np.minimum(self.seconds, np.float32(_MOST), out=self.seconds)

    def ground(self, shape: tuple[int, int]) -> Mask:
        """bool [h, w] of the evidence: where one was at work."""
        return _spread(self.seconds >= AT_WORK, shape)

    def pieces(self) -> NDArray[np.int32]:
        """int32 [rows, columns]: what of that ground hangs together, by number from 1 on; 0: none of it."""
        return np.asarray(cv2.connectedComponents((self.seconds >= AT_WORK).astype(np.uint8))[1], np.int32)

    def piece(self, pieces: NDArray[np.int32], box: Box) -> int:
        """Which of them a box touches where one worked longest; 0: none."""
        cut = _cut(box)
        return int(pieces[cut].flat[self.seconds[cut].argmax()]) if self.seconds[cut].size else 0

    def beside(self, box: Box) -> float:
        """s, the most in a box."""
        return float(self.seconds[_cut(box)].max(initial=0.0))

    def busy(self, box: Box) -> bool:
        """Whether one is within reach of a box in this look."""
        return bool(self._here[_cut(box)].any())


def _cut(box: Box) -> tuple[slice, slice]:
    left, top, right, bottom = box
    return slice(top // _CELL, -(-bottom // _CELL)), slice(left // _CELL, -(-right // _CELL))


def _cells(shape: tuple[int, int]) -> tuple[int, int]:
    return -(-shape[0] // _CELL), -(-shape[1] // _CELL)


def _within(boxes: Boxes, shape: tuple[int, ...]) -> Mask:
    """bool [rows, columns]: cells that a box, relative, touches. One with a corner that is no number touches none."""
    rows, columns = shape
    here = np.zeros((rows, columns), bool)
    known = boxes[np.isfinite(boxes).all(axis=1)]
    for left, top, right, bottom in known * np.array([columns, rows, columns, rows]):
        low, high = max(math.ceil(bottom), 0), max(math.ceil(right), 0)
        here[max(int(top), 0) : low, max(int(left), 0) : high] = True
    return here


def _spread(cells: Mask, shape: tuple[int, ...]) -> Mask:
    """bool [h, w]."""
    fine = np.repeat(np.repeat(cells, _CELL, axis=0), _CELL, axis=1)
    return fine[: shape[0], : shape[1]]
