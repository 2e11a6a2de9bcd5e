"""Pictures that know where they lie, and how they are laid onto a grid. Pure; loads OpenCV."""

from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.geodesy.frame import LocalFrame
from inference.survey.georeferenced import Georeferenced
from inference.survey.grid import Grid
from inference.terrain.area import spread
from inference.terrain.sight import Sight

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_NOTHING: NDArray[np.float32] = np.zeros((0, 4), np.float32)


class View(Protocol):
    """One look at the ground from above."""

    @property
    def frame(self) -> LocalFrame:
        """Whose metres all of it is in; the same one for views that are compared."""
        ...

    @property
    def cell(self) -> float:
        """m of the ground that a pixel spans, at its coarsest in the middle half of the view."""
        ...

    @property
    def edge(self) -> Floats:
        """float64 [N, 2], m: the outline of what it shows."""
        ...

    @property
    def off(self) -> float:
        """m, 1 sigma, worst direction: how far it may lie from where it says."""
        ...

    def laid(self, grid: Grid) -> tuple[Picture, Mask]:
        """uint8 [height, width, 3] BGR, and bool [height, width]: where it shows the ground (nothing that stands or
        drives on it)."""
        ...

    def sight(self, grid: Grid) -> Sight:
        """Of the picture that `laid` gives: what is known of where its pixels lie on the ground."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture with a pose. occupied: float32 [N, 4], relative boxes of vehicles and people, not ground."""

    picture: Picture
    place: Georeferenced
    occupied: NDArray[np.float32] = field(default_factory=lambda: _NOTHING)

    @property
    def frame(self) -> LocalFrame:
        return self.place.frame

    @property
    def cell(self) -> float:
        height, width = self.picture.shape[:2]
        spots = np.array([[0.5, 0.5], [0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
        steps = np.array([[0.5 / width, 0.0], [0.0, 0.5 / height]])
        spans = [
            np.linalg.norm(self.place.sight.metres(spots + s) - self.place.sight.metres(spots - s), axis=1)
            for s in steps
        ]
        return float(np.nanmax(spans))

    @property
    def edge(self) -> Floats:
        metres = self.place.sight.metres(self.place.shown)
        return np.asarray(metres[np.isfinite(metres).all(axis=1)], np.float64)

    @property
    def off(self) -> float:
        return float(spread(self.place.sight, np.array([[0.5, 0.5]]), self.place.camera.aspect)[0])

    def laid(self, grid: Grid) -> tuple[Picture, Mask]:
        places = grid.places()
        points = np.column_stack([places, self.place.surface.height(places)])
        found = self.place.camera.pixels(points).reshape(*grid.shape, 2)
        shown = np.asarray((np.isfinite(found) & (found >= 0) & (found <= 1)).all(axis=2), np.bool_)
        found = np.where(shown[..., None], found, -1.0)
        shown &= _told(found, self.picture.shape[:2]) & ~_within(self.occupied, found)
        return sampled(self.picture, found, self.cell / grid.cell), shown

    def sight(self, grid: Grid) -> Sight:
        return _Through(grid, self.place)


@dataclass(frozen=True, slots=True)
class _Through:
    """A grid's picture, seen by the camera whose picture was laid onto it."""

    grid: Grid
    place: Georeferenced

    def metres(self, pixels: Floats) -> Floats:
        return self.place.sight.metres(self._pixels(pixels))

    def draws(self, pixels: Floats) -> Floats:
        return self.place.sight.draws(self._pixels(pixels))

    def _pixels(self, pixels: Floats) -> Floats:
        metres = self.grid.metres(pixels * [self.grid.width, self.grid.height] - 0.5)
        return self.place.camera.pixels(np.column_stack([metres, self.place.surface.height(metres)]))


def sampled(picture: Picture, places: Floats, ratio: float) -> Picture:
    """The picture at relative places [h, w, 2]. ratio: its pixel over the grid's cell; a finer picture is reduced
    first, or one pixel in many would speak for a cell."""
    if ratio < 0.75:
        size = (max(1, round(picture.shape[1] * ratio)), max(1, round(picture.shape[0] * ratio)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    at = (places * [picture.shape[1], picture.shape[0]] - 0.5).astype(np.float32)
    return np.asarray(
        cv2.remap(picture, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _told(places: Floats, shape: tuple[int, ...]) -> Mask:
    """bool [h, w]: cells that have a pixel of their own, or a third of one: far away one pixel spans many cells."""
    steps = np.diff(places, axis=0, prepend=places[:1])
    down = np.hypot(steps[..., 0] * shape[1], steps[..., 1] * shape[0])
    steps = np.diff(places, axis=1, prepend=places[:, :1])
    across = np.hypot(steps[..., 0] * shape[1], steps[..., 1] * shape[0])
    return np.asarray(np.minimum(down, across) > 1 / 3, np.bool_)


def _within(boxes: NDArray[np.float32], places: Floats) -> Mask:
    """bool [h, w]: which relative places [h, w, 2] lie in a box, or beside it where its shadow falls."""
    inside = np.zeros(places.shape[:2], np.bool_)
    for x1, y1, x2, y2 in boxes:
        x, y = 0.25 * (x2 - x1), 0.25 * (y2 - y1)
        inside |= (
            (places[..., 0] >= x1 - x)
            & (places[..., 0] <= x2 + x)
            & (places[..., 1] >= y1 - y)
            & (places[..., 1] <= y2 + y)
        )
    return inside
