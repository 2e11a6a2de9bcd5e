"""Where in a camera's picture objects appear and how large they are there, learned from what was followed. Pure."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes
from inference.regions import Wanted
from inference.tracks import Tracks
from inference.views import View

_ACROSS, _DOWN = 16, 9  # cells: 40 px of a 640 px picture, about the size of a lorry that needs a closer look
_KNOWN = 1.5  # visits, half forgotten ones too, that make a cell a place where objects appear: one may have been a mistake
_MEMORY = 5000.0  # visits, over all cells, after which one is half forgotten: a lorry makes about ten
_SIZE_SHARE = 0.2  # of a cell's size that one visit changes
_RARE = 5.0  # s between two closer looks at a place where nothing moves
_LONG = 3600.0  # s: longer does not count for more

Floats = NDArray[np.float64]
Cells = NDArray[np.intp]  # numbers of cells, row by row


class Places:
    """One camera's map. Sizes are the longer sides of boxes, as shares of the picture's width.

    Nothing here counts seconds but `looked`: what was learned stays through a night without traffic.
    """

    def __init__(self) -> None:
        self._visits = np.zeros(_ACROSS * _DOWN)
        self._sizes = np.zeros(_ACROSS * _DOWN)
        self._looked = np.full(_ACROSS * _DOWN, -np.inf)
        self._been: dict[int, set[int]] = {}  # cells each track there is has been counted in

    def learn(self, tracks: Tracks, canvas: tuple[int, int]) -> None:
        """Each cell a track is seen in counts once for it. canvas: width and height the boxes refer to."""
        boxes = tracks.boxes[tracks.seen]
        cells, sizes = _cells(boxes, canvas), _longer(boxes) / canvas[0]
        ids = tracks.ids[tracks.seen].tolist()
        self._been = {track: self._been.get(track, set()) for track in tracks.ids.tolist()}
        for track, cell, size in zip(ids, cells.tolist(), sizes.tolist(), strict=True):
            if cell not in self._been[track]:
                self._been[track].add(cell)
                self._visit(cell, size)

    def _visit(self, cell: int, size: float) -> None:
        self._visits *= 0.5 ** (1 / _MEMORY)
        share = _SIZE_SHARE if self._visits[cell] >= 1 else 1.0
        self._visits[cell] += 1
        self._sizes[cell] += share * (size - self._sizes[cell])

    def looked(self, views: Iterable[View], size: tuple[int, int], time: float) -> None:
        """These views were looked at closer; px of a picture of that size (width, height). time: s."""
        centres = _centres() * size
        for view in views:
            corner = np.array([view.left, view.top])
            held = (centres >= corner) & (centres < corner + np.array([view.width, view.height]))
            self._looked[held.all(axis=1)] = time

    def sizes(self, boxes: Boxes, size: tuple[int, int]) -> NDArray[np.float32]:
        """float32 [N], px: how large objects are where these boxes [N, 4] lie; 0 where nobody knows."""
        cells = _cells(boxes, size)
        known = self._visits[cells] >= _KNOWN
        return np.where(known, self._sizes[cells] * size[0], 0).astype(np.float32)

    def waited(self, boxes: Boxes, size: tuple[int, int], time: float) -> Floats:
        """float64 [N], s since the last closer look at where these boxes lie; infinite: never, or the clock was set."""
        return self._waited(time)[_cells(boxes, size)]

    def _waited(self, time: float) -> Floats:
        passed = time - self._looked
        return np.where(passed < 0, np.inf, passed)

    def due(self, size: tuple[int, int], time: float, most: int) -> Wanted:
        """At most so many places where objects appear and nobody looked closer for a while, the busiest first."""
        waited = np.minimum(self._waited(time), _LONG)
        # The root, so that a place ten times as busy does not keep all the others waiting.
        worth = np.where((self._visits >= _KNOWN) & (waited >= _RARE), np.sqrt(self._visits) * waited, 0.0)
        best = np.argsort(-worth, kind="stable")[:most]
        chosen = best[worth[best] > 0]
        sizes = self._sizes[chosen] * size[0]
        half = (np.array([size[0] / _ACROSS, size[1] / _DOWN]) + sizes[:, None]) / 2
        centres = _centres()[chosen] * size
        boxes = np.concatenate([centres - half, centres + half], axis=1)
        return Wanted(boxes.astype(np.float32), sizes.astype(np.float32))


def _cells(boxes: Boxes, size: tuple[int, int]) -> Cells:
    centres = np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2, np.float64)
    grid = np.clip(centres / size * [_ACROSS, _DOWN], 0, [_ACROSS - 1, _DOWN - 1]).astype(np.intp)
    return np.asarray(grid[:, 1] * _ACROSS + grid[:, 0], np.intp)


def _centres() -> Floats:
    """float64 [cells, 2], x y as shares of the picture."""
    down, across = np.mgrid[:_DOWN, :_ACROSS]
    return np.stack([(across.ravel() + 0.5) / _ACROSS, (down.ravel() + 0.5) / _DOWN], axis=1)


def _longer(boxes: Boxes) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0), np.float32)
