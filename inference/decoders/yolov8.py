"""YOLOv8 and YOLO11: one output [1, 4 + classes, cells]: centre, width and height in px, then a score per class."""

import numpy as np

from inference.decoders.boxes import candidates, tidy
from inference.decoders.layout import Layout, Outputs, Size, cells, finite, sure
from inference.detections import Detections


def _classes(outputs: Outputs, size: Size) -> int | None:
    if len(outputs) != 1 or outputs[0].ndim != 3:
        return None
    _, rows, columns = outputs[0].shape
    return rows - 4 if columns == cells(size) and rows > 4 else None


def _decode(outputs: Outputs, size: Size, floor: float) -> Detections:
    raw = outputs[0][0].astype(np.float32, copy=False)
    best = sure(raw[4:].max(axis=0))  # a NaN in any class comes through
    chosen = candidates(best, floor)
    places = finite(raw[:4, chosen]).T
    half = places[:, 2:] / 2
    boxes = np.concatenate([places[:, :2] - half, places[:, :2] + half], axis=1)
    return tidy(boxes, best[chosen], raw[4:, chosen].argmax(axis=0), size)


LAYOUT = Layout("one output [1, 4 + classes, cells]", _classes, _decode)
