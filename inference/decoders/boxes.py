"""Boxes: how much they share, which of them are one object, and which are sound."""

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes, Detections

Array = NDArray[np.float32]

_NMS_IOU = 0.5
_MOST_CANDIDATES = 300  # of one picture, best first: bounds the pairwise IoU below at 300 x 300


def iou(first: Boxes, second: Boxes) -> Array:
    """Intersection over union of every pair: float32 [N, M] of boxes [N, 4] and [M, 4] (x1 y1 x2 y2)."""
    shared = intersection(first, second)
    both = _area(first)[:, None] + _area(second)[None, :] - shared
    quotient: Array = np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)
    return quotient


def intersection(first: Boxes, second: Boxes) -> Array:
    """Shared area of every pair, px^2: float32 [N, M]."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides: Array = np.clip(high - low, 0, None)
    return sides[..., 0] * sides[..., 1]


def suppress(detections: Detections, limit: float = _NMS_IOU) -> Detections:
    """Class-agnostic non-maximum suppression: of boxes that overlap by more than `limit`, the best stays.

    Class-agnostic because one lorry is often called truck and bus at once.
    """
    overlaps = iou(detections.boxes, detections.boxes) > limit
    alive = np.ones(len(detections), bool)
    for index in range(len(detections)):
        if alive[index]:
            alive[index + 1 :] &= ~overlaps[index, index + 1 :]
    return detections.keep(alive)


def candidates(scores: Array, floor: float) -> NDArray[np.intp]:
    """Indices of the scores that reach the floor, the best first, at most 300."""
    above = np.flatnonzero(scores >= floor)
    return above[np.argsort(-scores[above], kind="stable")][:_MOST_CANDIDATES]


def tidy(boxes: Array, scores: Array, labels: NDArray[np.intp], size: tuple[int, int]) -> Detections:
    """Clip to the input (width, height in px), drop what has no area, suppress doubles. Scores fall."""
    limits = np.array([*size, *size], np.float32)
    boxes = np.clip(boxes, 0, limits).astype(np.float32)
    sound = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return suppress(Detections(boxes[sound], scores[sound], labels[sound].astype(np.int32)))


def _area(boxes: Boxes) -> Array:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
