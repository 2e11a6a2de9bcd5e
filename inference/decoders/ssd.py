"""SSD of TensorFlow's detection API: boxes [1, N, 4] (y1 x1 y2 x2, 0 to 1), classes [1, N], scores [1, N], and
how many of them count [1].

Exports differ in the order of their outputs: a manifest gives it by name (`outputs`). Where the model counts its
classes from 1, the manifest's list begins with a name for 0, such as `background`.
"""

import numpy as np

from inference.decoders.boxes import candidates, tidy
from inference.decoders.layout import UNTOLD, Layout, Outputs, Size, finite, sure, whole
from inference.detections import Detections


def _classes(outputs: Outputs, _size: Size) -> int | None:
    if len(outputs) not in (3, 4) or outputs[0].ndim != 3 or outputs[0].shape[2] != 4:
        return None
    fits = outputs[1].shape == outputs[2].shape == (1, outputs[0].shape[1])
    return UNTOLD if fits and all(output.size == 1 for output in outputs[3:]) else None


def _decode(outputs: Outputs, size: Size, floor: float) -> Detections:
    count = int(finite(outputs[3].astype(np.float32)).item()) if len(outputs) == 4 else None
    boxes, labels, scores = (output[0].astype(np.float32, copy=False)[:count] for output in outputs[:3])
    chosen = candidates(sure(scores), floor)
    corners = finite(boxes[chosen])[:, [1, 0, 3, 2]] * np.array([*size, *size], np.float32)
    return tidy(corners, scores[chosen], whole(labels[chosen]), size)


LAYOUT = Layout("boxes [1, N, 4], classes [1, N], scores [1, N], number [1]", _classes, _decode)
