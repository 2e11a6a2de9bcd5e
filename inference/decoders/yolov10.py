"""End-to-end YOLO (YOLOv10, YOLO26, any with NMS inside): one output [1, N, 6]: x1 y1 x2 y2 in px, score, label."""

import numpy as np

from inference.decoders.boxes import candidates, tidy
from inference.decoders.layout import UNTOLD, Layout, Outputs, Size, finite, sure, whole
from inference.detections import Detections


def _classes(outputs: Outputs, _size: Size) -> int | None:
    fits = len(outputs) == 1 and outputs[0].ndim == 3 and outputs[0].shape[2] == 6
    return UNTOLD if fits else None


def _decode(outputs: Outputs, size: Size, floor: float) -> Detections:
    raw = outputs[0][0].astype(np.float32, copy=False)
    chosen = candidates(sure(raw[:, 4]), floor)
    return tidy(finite(raw[chosen, :4]), raw[chosen, 4], whole(raw[chosen, 5]), size)


LAYOUT = Layout("one output [1, N, 6]", _classes, _decode)
