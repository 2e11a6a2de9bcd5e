"""DetectionOutput, the last layer of Caffe's SSD and of OpenVINO's older models: one output [1, 1, N, 7]: picture,
label, score, x1 y1 x2 y2 from 0 to 1. A negative picture number ends the list.

Where label 0 is the background, the manifest's list begins with a name for it, such as `background`.
"""

import numpy as np

from inference.decoders.boxes import candidates, tidy
from inference.decoders.layout import UNTOLD, Layout, Outputs, Size, finite, sure, whole
from inference.detections import Detections


def _classes(outputs: Outputs, _size: Size) -> int | None:
    fits = len(outputs) == 1 and outputs[0].ndim == 4 and outputs[0].shape[:2] == (1, 1)
    return UNTOLD if fits and outputs[0].shape[3] == 7 else None


def _decode(outputs: Outputs, size: Size, floor: float) -> Detections:
    raw = outputs[0][0, 0].astype(np.float32, copy=False)
    ends = np.flatnonzero(raw[:, 0] < 0)
    raw = raw[: ends[0]] if len(ends) else raw
    chosen = candidates(sure(raw[:, 2]), floor)
    boxes = finite(raw[chosen, 3:]) * np.array([*size, *size], np.float32)
    return tidy(boxes, raw[chosen, 2], whole(raw[chosen, 1]), size)


LAYOUT = Layout("one output [1, 1, N, 7]", _classes, _decode)
