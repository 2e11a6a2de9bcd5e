"""Several parts of a picture side by side in one input of the detector, and the way back. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.decoders import intersection
from inference.detections import Boxes, Detections
from inference.views import Cut, placed

_GUTTER = 16  # px between panes: two cells of the finest stride, so that no cell sees the edge of both
# share of a box that may hang over its pane: a lorry that leaves the picture is guessed beyond it
_OUTSIDE = 0.2


@dataclass(frozen=True, slots=True)
class Pane:
    """A cut and where its upper left corner lies, in px of the sheet."""

    cut: Cut
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x1 y1 x2 y2 in px of the sheet."""
        return self.left, self.top, self.left + self.cut.width, self.top + self.cut.height


@dataclass(frozen=True, slots=True)
class Sheet:
    """Panes that do not touch each other (at least one)."""

    panes: tuple[Pane, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px: just what the panes need."""
        return max(pane.box[2] for pane in self.panes), max(pane.box[3] for pane in self.panes)

    def returned(self, found: Detections, size: tuple[int, int]) -> Detections:
        """What was found in px of the sheet, in px of the source picture of that size (width, height).

        A box belongs to the pane its centre lies in. Left out: what lies in none, what crosses a seam, and what the
        edge of a crop cuts through.
        """
        return Detections.joined([self._of(pane, found, size) for pane in self.panes])

    def _of(self, pane: Pane, found: Detections, size: tuple[int, int]) -> Detections:
        mine = found.keep(_inside(found.boxes, pane))
        corner = np.array([pane.left, pane.top] * 2, np.float32)
        own = Detections(mine.boxes - corner, mine.scores, mine.labels)
        return placed(own, pane.cut.view, (pane.cut.width, pane.cut.height), size)


def packed(wanted: Iterable[Cut], size: tuple[int, int], most: int) -> tuple[Sheet, ...]:
    """At most `most` sheets of at most `size` (width, height in px) with the cuts that find room, the first ones first.

    Each cut goes into the first sheet with a free rectangle for it, there into the tightest; what is left of that
    is split in two (guillotine packing: Jylanki, A Thousand Ways to Pack the Bin, 2010, 2.2).
    """
    bins: list[_Bin] = []
    for cut in wanted:
        if not any(each.took(cut) for each in bins) and len(bins) < most:
            fresh = _Bin(size)
            if fresh.took(cut):
                bins.append(fresh)
    return tuple(Sheet(tuple(each.panes)) for each in bins)


@dataclass(frozen=True, slots=True)
class _Free:
    left: int
    top: int
    width: int
    height: int

    def slack(self, width: int, height: int) -> int:
        return min(self.width - width, self.height - height)

    def rest(self, width: int, height: int) -> tuple["_Free", "_Free"]:
        """What is left beside and below; the longer of the two cuts is made, so that one large piece remains."""
        right, below = self.width - width, self.height - height
        tall = self.height if right > below else height
        wide = width if right > below else self.width
        return (
            _Free(self.left + width, self.top, right, tall),
            _Free(self.left, self.top + height, wide, below),
        )


class _Bin:
    """A sheet being filled. Every pane takes its gutter with it, and the sheet has one more at its ends."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.panes: list[Pane] = []
        self._free = [_Free(0, 0, size[0] + _GUTTER, size[1] + _GUTTER)]

    def took(self, cut: Cut) -> bool:
        width, height = cut.width + _GUTTER, cut.height + _GUTTER
        fitting = [free for free in self._free if free.slack(width, height) >= 0]
        if not fitting:
            return False
        best = min(fitting, key=lambda free: free.slack(width, height))
        self._free.remove(best)
        self._free += best.rest(width, height)
        self.panes.append(Pane(cut, best.left, best.top))
        return True


def _inside(boxes: Boxes, pane: Pane) -> NDArray[np.bool_]:
    limits = np.array([pane.box], np.float32)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    held = (centres >= limits[:, :2]).all(axis=1) & (centres < limits[:, 2:]).all(axis=1)
    areas = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
    shared = intersection(boxes, limits)[:, 0] / areas
    return np.asarray(held & (shared >= 1 - _OUTSIDE), np.bool_)
