"""Where to look closer, and how large to show it: squares round what moves, is followed or is expected. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes
from inference.views import Cut, View

_MOST_ZOOM = 4.0  # beyond it nothing is added but blur
_SMALLEST = 48  # px: side of the smallest view
_STEP = 16  # px: sides come in few sizes, so that the scaler is seldom set up again
_PANE_STEP = 32  # px: what detectors pad to
_GOOD_ENOUGH = 0.7  # of the zoom wanted: an earlier view that shows it so large will do
# px of the picture per px of the input: a picture shrunk more is also gone through in tiles
_MOST_SHRUNK = 2.0
_TILE_SHRUNK = 1.5
_SEAM = 0.15  # of a tile, shared with the next one: what one cuts through the other has whole


@dataclass(frozen=True, slots=True)
class Manner:
    """How closely to look. shown: px of the input an object is enlarged or reduced to. room: object sizes of
    surroundings beside it: the model was trained with some, and a border cuts nothing off."""

    shown: float
    room: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """N places to look at closer, most important first.

    boxes: float32 [N, 4], px of the source picture, to be seen whole. sizes: float32 [N], px: the longer side of
    the objects expected there.
    """

    boxes: Boxes
    sizes: NDArray[np.float32]

    def then(self, other: "Wanted") -> "Wanted":
        """These, then the others."""
        return Wanted(np.concatenate([self.boxes, other.boxes]), np.concatenate([self.sizes, other.sizes]))

    def ordered(self, rank: NDArray[np.float64]) -> "Wanted":
        """The least rank [N] first; among equals as they were."""
        order = np.argsort(rank, kind="stable")
        return Wanted(self.boxes[order], self.sizes[order])

    def scaled(self, factor: NDArray[np.float32]) -> "Wanted":
        """In px of another picture size. factor: float32 [4], new over old for x1 y1 x2 y2."""
        return Wanted(self.boxes * factor, self.sizes * factor[:2].mean())


def closer(
    wanted: Wanted,
    size: tuple[int, int],
    limit: tuple[int, int],
    most: int,
    taken: Sequence[Cut],
    manner: Manner,
) -> tuple[Cut, ...]:
    """At most `most` cuts that show the wanted boxes, the first boxes first.

    size: width and height of the source picture. limit: of the detector's input. A box that an earlier cut, or one
    of those taken already, shows with room to spare and large enough asks for none of its own.
    """
    cuts: list[Cut] = []
    for box, extent in zip(wanted.boxes, wanted.sizes, strict=True):
        if len(cuts) == most:
            break
        if not (np.isfinite(box).all() and extent > 0):
            continue
        zoom = min(manner.shown / float(extent), _MOST_ZOOM)
        if not any(_shows(cut, box, zoom, size) for cut in (*taken, *cuts)):
            cuts.append(_shown(_square(box, manner.room * float(extent), size), zoom, limit))
    return tuple(cuts)


def tiles(size: tuple[int, int], limit: tuple[int, int]) -> tuple[View, ...]:
    """Views that cover a picture too large to be shown whole, row by row; none for one that is not.

    size: width and height of the picture, limit: of the detector's input, px.
    """
    if max(size[0] / limit[0], size[1] / limit[1]) <= _MOST_SHRUNK:
        return ()
    width, height = (
        _even(min(whole, int(most * _TILE_SHRUNK))) for whole, most in zip(size, limit, strict=True)
    )
    return tuple(
        View(left, top, width, height) for top in _spaced(size[1], height) for left in _spaced(size[0], width)
    )


def _spaced(whole: int, part: int) -> list[int]:
    """Where the parts begin that cover the whole evenly, sharing a seam at least."""
    if part >= whole - 1:
        return [0]
    count = ceil((whole - part) / (part * (1 - _SEAM))) + 1
    return [_even(round(number * (whole - part) / (count - 1))) for number in range(count)]


def _shows(cut: Cut, box: NDArray[np.float32], zoom: float, size: tuple[int, int]) -> bool:
    return cut.zoom >= _GOOD_ENOUGH * zoom and _holds(cut.view, box, size)


def _holds(view: View, box: NDArray[np.float32], size: tuple[int, int]) -> bool:
    margin = 0.1 * min(view.width, view.height)
    left, top, right, bottom = (float(side) for side in box)
    return (
        max(left, 0) >= view.left + (margin if view.left > 0 else 0)
        and max(top, 0) >= view.top + (margin if view.top > 0 else 0)
        and min(right, size[0])
        <= view.left + view.width - (margin if view.left + view.width < size[0] else 0)
        and min(bottom, size[1])
        <= view.top + view.height - (margin if view.top + view.height < size[1] else 0)
    )


def _square(box: NDArray[np.float32], room: float, size: tuple[int, int]) -> View:
    longer = float(max(box[2] - box[0], box[3] - box[1]))
    side = ceil(max(longer + room, _SMALLEST) / _STEP) * _STEP
    width, height = min(side, _even(size[0])), min(side, _even(size[1]))
    left = _corner(float(box[0] + box[2]) / 2, width, size[0])
    top = _corner(float(box[1] + box[3]) / 2, height, size[1])
    return View(left, top, width, height)


def _shown(view: View, zoom: float, limit: tuple[int, int]) -> Cut:
    longer = max(view.width, view.height)
    side = max(round(zoom * longer / _PANE_STEP), 1) * _PANE_STEP
    zoom = min(side / longer, limit[0] / view.width, limit[1] / view.height)
    return Cut(view, max(1, int(view.width * zoom)), max(1, int(view.height * zoom)))


def _corner(centre: float, side: int, limit: int) -> int:
    return _even(int(min(max(centre - side / 2, 0), limit - side)))


def _even(number: int) -> int:
    return number - number % 2
