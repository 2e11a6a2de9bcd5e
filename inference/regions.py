"""Where to look closer: square crops round what moves and what is followed. Pure."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes
from inference.views import View

_ROOM = 2.2  # side of the crop over the longer side of its object: the model was trained with surroundings
_SMALLEST = 128  # px: below this a crop is blurred more than it is enlarged
_STEP = 32  # px: crop sides come in few sizes, so that the scaler is seldom set up again


def regions(wanted: Boxes, size: tuple[int, int], most: int) -> tuple[View, ...]:
    """At most `most` square views that hold the wanted boxes, the first boxes first.

    wanted: float32 [N, 4], px of the source picture, most important first. size: its width and height.
    A box that fits into an earlier view with room to spare asks for none of its own.
    """
    views: list[View] = []
    for box in _sound(wanted):
        if len(views) == most:
            break
        if not any(_holds(view, box, size) for view in views):
            views.append(_square(box, size))
    return tuple(views)


def _sound(boxes: Boxes) -> Iterator[NDArray[np.float32]]:
    yield from boxes[np.isfinite(boxes).all(axis=1)]


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


def _square(box: NDArray[np.float32], size: tuple[int, int]) -> View:
    extent = float(max(box[2] - box[0], box[3] - box[1]))
    side = int(np.ceil(max(_ROOM * extent, _SMALLEST) / _STEP)) * _STEP
    width, height = min(side, _even(size[0])), min(side, _even(size[1]))
    left = _corner(float(box[0] + box[2]) / 2, width, size[0])
    top = _corner(float(box[1] + box[3]) / 2, height, size[1])
    return View(left, top, width, height)


def _corner(centre: float, side: int, limit: int) -> int:
    return _even(int(min(max(centre - side / 2, 0), limit - side)))


def _even(number: int) -> int:
    return number - number % 2
