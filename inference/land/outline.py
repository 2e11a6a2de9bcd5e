"""From the pixels of a patch to its polygon. Pure."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.change import Corner
from inference.geometry import area, polygon_trouble
from inference.land.persist import Mask

_FINEST: Final = 0.75  # px an outline may leave out: pixel steps, not shape
_CORNERS: Final = 64  # at most: an event carries them several times
_TRIES: Final = 6

Points = NDArray[np.float64]


def outline(patch: Mask, left: int, top: int, size: tuple[int, int]) -> tuple[Corner, ...]:
    """Corners, relative 0-1, of the largest part of a patch, its holes filled: a machine or a puddle within a pit
    is in the pit.

    patch: bool [h, w], not empty: a cut of the grid whose first pixel is (left, top). size: width and height of the
    grid. The polygon runs along pixel borders, not through their centres, and encloses as much as the pixels do: far
    digs are three pixels high. Never crosses itself.
    """
    part, pixels = _filled(patch)
    simple = _simplified(_border(part))
    middle = simple.mean(axis=0)
    exact = middle + (simple - middle) * np.sqrt(pixels / area(simple))
    relative = np.clip((exact + np.array([left, top])) / np.array(size), 0.0, 1.0)
    return tuple((float(x), float(y)) for x, y in relative)


def _filled(patch: Mask) -> tuple[NDArray[np.uint8], int]:
    contours, _ = cv2.findContours(patch.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    parts = []
    for contour in contours:
        part = np.zeros(patch.shape, np.uint8)
        cv2.drawContours(part, [contour], 0, 1, cv2.FILLED)
        parts.append((part, int(np.count_nonzero(part))))
    return max(parts, key=lambda each: each[1])


def _border(part: NDArray[np.uint8]) -> NDArray[np.int32]:
    """int32 [N, 1, 2]: the corners of its outermost pixels, in order."""
    corners = cv2.dilate(np.pad(part, ((0, 1), (0, 1))), np.ones((2, 2), np.uint8), anchor=(1, 1))
    contours, _ = cv2.findContours(corners, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=len), np.int32)


def _simplified(border: NDArray[np.int32]) -> Points:
    for exponent in range(_TRIES):
        corners = cv2.approxPolyDP(border, _FINEST * 2**exponent, closed=True)[:, 0].astype(np.float64)
        if len(corners) <= _CORNERS and _simple(corners):
            return corners
    return np.asarray(cv2.convexHull(border)[:, 0], np.float64)


def _simple(corners: Points) -> bool:
    """polygon_trouble speaks of pictures 0-1; what it says of shape holds at any scale."""
    return len(corners) >= 3 and polygon_trouble(corners / (corners.max() + 1)) is None
