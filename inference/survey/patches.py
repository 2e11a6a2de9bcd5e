"""From where two pictures differ to outlines of changed ground. Pure; loads OpenCV."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.survey.difference import Difference

Floats = NDArray[np.float64]

_CHANGED, _SURE = 0.35, 0.8  # a patch goes on where its ground was of its colour before, nearly
_LEAST_SURE = 0.2  # of a patch's cells: a patch of doubts alone is a season
_GAP = 5  # cells: what a rut or a machine's shadow leaves open inside a patch
_SLIM = 3  # cells: thinner is a road's edge that was not quite laid over itself
_CORNER = 1.0  # cells that a simplified outline may leave the true one by


@dataclass(frozen=True, slots=True)
class Patch:
    """outline: float64 [N, 2], columns and rows of the grid, round the middles of the outer cells; holes are filled.
    confidence: 0 to 1, the mean change. soil: 0 to 1, how much of it looks like bare soil. cut: whether it reaches the
    edge of what could be judged, and may go on beyond it."""

    outline: Floats
    confidence: float
    soil: float
    cut: bool


def patches(difference: Difference, least: float) -> list[Patch]:
    """The largest first. least: cells."""
    change = np.nan_to_num(difference.change)
    beyond = _beyond(np.isnan(difference.change))
    changed = np.asarray(change >= _CHANGED, np.uint8)
    slim = cv2.morphologyEx(changed, cv2.MORPH_OPEN, _disc(_SLIM))
    whole = cv2.morphologyEx(slim, cv2.MORPH_CLOSE, _disc(_GAP))
    contours, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outlines = [np.asarray(contour, np.int32) for contour in contours]
    found = [_patch(outline, difference, change, beyond) for outline in outlines if _size(outline) >= least]
    return sorted((patch for patch in found if patch is not None), key=lambda patch: -_size(patch.outline))


def _beyond(unknown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool [h, w]: what could not be judged, the picture's rim, and the cells beside it."""
    edged = cv2.copyMakeBorder(unknown.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    return np.asarray(cv2.dilate(edged, _disc(_GAP))[1:-1, 1:-1] > 0, np.bool_)


def _patch(
    outline: NDArray[np.int32], difference: Difference, change: NDArray[np.float32], beyond: NDArray[np.bool_]
) -> Patch | None:
    x, y, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [outline], 0, 1, cv2.FILLED, offset=(-x, -y))
    cells = inside > 0
    of = np.s_[y : y + height, x : x + width]
    if (change[of][cells] >= _SURE).mean() < _LEAST_SURE:
        return None
    corners = cv2.approxPolyDP(outline, _CORNER, True).reshape(-1, 2).astype(np.float64)
    if len(corners) < 3:
        return None
    confidence, soil = float(change[of][cells].mean()), float(difference.soil[of][cells].mean())
    return Patch(_grown(corners), confidence, soil, bool(beyond[of][cells].any()))


def _grown(corners: Floats) -> Floats:
    """A contour runs through the middles of the outermost cells, which reach half a cell further."""
    middle = corners.mean(axis=0)
    half = np.ptp(corners, axis=0) / 2
    return np.asarray(middle + (corners - middle) * (1 + 0.5 / np.maximum(half, 0.5)), np.float64)


def _size(outline: NDArray[np.int32] | Floats) -> float:
    """Cells."""
    return float(cv2.contourArea(outline.astype(np.float32)))


def _disc(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
