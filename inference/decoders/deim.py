"""DEIM, D-FINE and RT-DETR as their projects export them: labels [1, N], boxes [1, N, 4] xyxy in px, scores [1, N].

The boxes are in px of what the second input (`orig_target_sizes`) says: the backends say the size of the input.
"""

import numpy as np

from inference.decoders.boxes import candidates, tidy
from inference.decoders.layout import UNTOLD, Layout, Outputs, Size, finite, sure, whole
from inference.detections import Detections


def _classes(outputs: Outputs, _size: Size) -> int | None:
    if len(outputs) != 3 or outputs[1].ndim != 3:
        return None
    rows = outputs[1].shape[1]
    fits = outputs[1].shape[2] == 4 and outputs[0].shape == outputs[2].shape == (1, rows)
    return UNTOLD if fits else None


def _decode(outputs: Outputs, size: Size, floor: float) -> Detections:
    labels, boxes, scores = (output[0].astype(np.float32, copy=False) for output in outputs)
    chosen = candidates(sure(scores), floor)
    return tidy(finite(boxes[chosen]), scores[chosen], whole(labels[chosen]), size)


LAYOUT = Layout("three outputs: labels [1, N], boxes [1, N, 4], scores [1, N]", _classes, _decode)
