"""What COCO networks see on every training picture: labels for the classes that a source does not label."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.augment.place import Array, read_picture
from bench.train.samples import UNSURE, Sighting
from bench.train.sources import CLASSES
from inference.decoders import decode, iou
from inference.detections import Detections
from inference.runtime import onnx_runtime

_COCO = {0: "person", 2: "car", 3: "motorcycle", 5: "bus", 7: "truck", 8: "vessel"}
_COCO_CLASSES = 80
_PAD = 114
_SAME_THING = 0.5  # IoU


class Teacher:
    """A COCO network on whole pictures: YOLOX letterboxed, BGR 0-255; DEIM stretched, RGB 0-1 (its second
    input is the size its boxes are told in)."""

    def __init__(self, path: Path) -> None:
        self._session = onnx_runtime().InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self._inputs = [given.name for given in self._session.get_inputs()]
        self._side: int = self._session.get_inputs()[0].shape[3]

    def sightings(self, path: Path, squeeze: float) -> list[Sighting]:
        """Best first; classes of ours alone. squeeze: see Source."""
        picture = read_picture(path)
        aspect = picture.shape[0] / picture.shape[1] * squeeze
        width, height = round(self._side / max(aspect, 1)), round(self._side * min(aspect, 1))
        fitted = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        found, scale = self._deim(fitted) if len(self._inputs) == 2 else self._yolox(fitted)
        named = [_COCO.get(label) for label in found.labels.tolist()]
        boxes = np.clip(found.boxes / scale, 0, 1).tolist()
        rows = zip(boxes, found.scores.tolist(), named, strict=True)
        return [(*box, score, CLASSES.index(name)) for box, score, name in rows if name]

    def _yolox(self, fitted: Array) -> tuple[Detections, Array]:
        """What is found, and the px that its boxes' fractions are of."""
        height, width = fitted.shape[:2]
        canvas = np.full((self._side, self._side, 3), _PAD, np.float32)
        canvas[:height, :width] = fitted
        raw = self._session.run(None, {self._inputs[0]: canvas.transpose(2, 0, 1)[None]})
        return self._decoded("yolox", raw), np.array([width, height] * 2)

    def _deim(self, fitted: Array) -> tuple[Detections, Array]:
        square = cv2.resize(fitted, (self._side, self._side))
        blob = square[..., ::-1].astype(np.float32).transpose(2, 0, 1)[None] / 255
        sides = np.array([[self._side, self._side]], np.int64)
        raw = self._session.run(None, dict(zip(self._inputs, (blob, sides), strict=True)))
        return self._decoded("deim", raw), np.array([self._side] * 4)

    def _decoded(self, layout: str, raw: Sequence[NDArray[np.generic]]) -> Detections:
        return decode(layout, raw, (self._side, self._side), _COCO_CLASSES, UNSURE)


def together(teachers: Sequence[Teacher], path: Path, squeeze: float) -> list[Sighting]:
    """What any of them sees; where several see one thing, the surest of them says what it is."""
    found = [row for teacher in teachers for row in teacher.sightings(path, squeeze)]
    kept: list[Sighting] = []
    for row in sorted(found, key=lambda row: -row[4]):
        boxes = np.array([other[:4] for other in kept], np.float32).reshape(-1, 4)
        if iou(np.array([row[:4]], np.float32), boxes).max(initial=0) <= _SAME_THING:
            kept.append(row)
    return kept
