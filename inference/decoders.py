"""From a network's raw output to Detections, in px of the network's input. Pure NumPy."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes, Detections

Array = NDArray[np.float32]
Decoder = Callable[[Sequence[NDArray[np.generic]], tuple[int, int], float], Detections]

_STRIDES = (8, 16, 32)
_NMS_IOU = 0.5
_MOST_CANDIDATES = 300  # of one picture, best first: bounds the pairwise IoU below at 300 x 300
_LARGEST_LOG_SIZE = 12.0  # exp(12) strides is far beyond any picture; keeps a wild output from overflowing


class BadOutput(ValueError):
    """The network's output does not have the layout its manifest promises."""


def yolox(outputs: Sequence[NDArray[np.generic]], size: tuple[int, int], floor: float) -> Detections:
    """YOLOX: one output [1, cells, 5 + classes], grid not decoded (Ge et al. 2021, arXiv:2107.08430).

    size: input width, height in px. floor: scores below it are dropped. Raises BadOutput.
    """
    cells, strides = _grid(size)
    if len(outputs) != 1 or outputs[0].ndim != 3 or outputs[0].shape[1] != len(cells):
        raise BadOutput(f"yolox: wants one output [1, {len(cells)}, 5+classes], has {_shapes(outputs)}")
    raw = outputs[0][0].astype(np.float32, copy=False)
    # A score is objectness times a class probability: nearly all cells fall out on the first factor alone.
    hopeful = np.flatnonzero(raw[:, 4] >= floor)
    scores = raw[hopeful, 4:5] * raw[hopeful, 5:]
    best = scores.max(axis=1)
    kept = _candidates(best, floor)
    chosen = hopeful[kept]
    raw, stride = raw[chosen], strides[chosen]
    centre = (raw[:, :2] + cells[chosen]) * stride
    half = np.exp(np.minimum(raw[:, 2:4], _LARGEST_LOG_SIZE)) * stride / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    return _tidy(boxes, best[kept], scores[kept].argmax(axis=1), size)


def deim(outputs: Sequence[NDArray[np.generic]], size: tuple[int, int], floor: float) -> Detections:
    """DEIM / RT-DETR export: labels [1, N], boxes [1, N, 4] xyxy in px, scores [1, N]. Raises BadOutput."""
    if len(outputs) != 3 or outputs[1].ndim != 3 or outputs[1].shape[2] != 4:
        raise BadOutput(f"deim: wants labels [1,N], boxes [1,N,4], scores [1,N], has {_shapes(outputs)}")
    labels, boxes, scores = (output[0] for output in outputs)
    scores = scores.astype(np.float32, copy=False)
    chosen = _candidates(scores, floor)
    return _tidy(boxes[chosen].astype(np.float32), scores[chosen], labels[chosen].astype(np.intp), size)


DECODERS: dict[str, Decoder] = {"yolox": yolox, "deim": deim}


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


def _area(boxes: Boxes) -> Array:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _candidates(scores: Array, floor: float) -> NDArray[np.intp]:
    # A NaN score compares false and is dropped here; the best come first.
    above = np.flatnonzero(scores >= floor)
    return above[np.argsort(-scores[above], kind="stable")][:_MOST_CANDIDATES]


def _tidy(boxes: Array, scores: Array, labels: NDArray[np.intp], size: tuple[int, int]) -> Detections:
    limits = np.array([*size, *size], np.float32)
    boxes = np.clip(boxes, 0, limits).astype(np.float32)
    sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return suppress(Detections(boxes[sound], scores[sound], labels[sound].astype(np.int32)))


@lru_cache(maxsize=8)
def _grid(size: tuple[int, int]) -> tuple[Array, Array]:
    """Cell corners [cells, 2] and strides [cells, 1] of the three YOLOX levels, coarse last."""
    cells, strides = [], []
    for stride in _STRIDES:
        columns, rows = size[0] // stride, size[1] // stride
        y, x = np.mgrid[:rows, :columns]
        cells.append(np.stack([x, y], axis=-1).reshape(-1, 2))
        strides.append(np.full((rows * columns, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def _shapes(outputs: Sequence[NDArray[np.generic]]) -> str:
    return ", ".join(str(list(output.shape)) for output in outputs)
