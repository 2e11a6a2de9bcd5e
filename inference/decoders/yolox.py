"""YOLOX: one output [1, cells, 5 + classes], grid not decoded (Ge et al. 2021, arXiv:2107.08430)."""

import numpy as np

from inference.decoders.boxes import candidates, tidy
from inference.decoders.layout import Layout, Outputs, Size, cells, finite, grid, sure
from inference.detections import Detections

_LARGEST_LOG_SIZE = 12.0  # exp(12) strides is far beyond any picture; keeps a wild output from overflowing


def _classes(outputs: Outputs, size: Size) -> int | None:
    if len(outputs) != 1 or outputs[0].ndim != 3:
        return None
    _, rows, columns = outputs[0].shape
    return columns - 5 if rows == cells(size) and columns > 5 else None


def _decode(outputs: Outputs, size: Size, floor: float) -> Detections:
    corners, strides = grid(size)
    raw = outputs[0][0].astype(np.float32, copy=False)
    # A score is objectness times a class probability: nearly all cells fall out on the first factor alone.
    hopeful = np.flatnonzero(sure(raw[:, 4]) >= floor)
    scores = raw[hopeful, 4:5] * sure(raw[hopeful, 5:])
    best = scores.max(axis=1)
    kept = candidates(best, floor)
    chosen = hopeful[kept]
    places, stride = finite(raw[chosen, :4]), strides[chosen]
    centre = (places[:, :2] + corners[chosen]) * stride
    half = np.exp(np.minimum(places[:, 2:], _LARGEST_LOG_SIZE)) * stride / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    return tidy(boxes, best[kept], scores[kept].argmax(axis=1), size)


LAYOUT = Layout("one output [1, cells, 5 + classes]", _classes, _decode)
