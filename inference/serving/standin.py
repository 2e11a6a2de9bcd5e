"""A local detector in the place of a larger one on a server: same classes by name, same views, another size."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Detections, Detector, Picture
from inference.detector import DetectorFailed
from inference.manifest import Manifest
from inference.serving import problems
from streams.problem import Text


class StandIn:
    """Takes pictures that were cut for the other's size, and answers in the other's classes."""

    def __init__(self, detector: Detector, name: str, other: Manifest) -> None:
        """Raises DetectorFailed where it could not answer for the other."""
        self.name = name
        self._detector = detector
        width, height = detector.size
        self._scale = min(1.0, width / other.input.width, height / other.input.height)
        self._labels = _labels(detector.classes, other.classes)
        if detector.fit != other.input.fit:
            why = Text(f"it wants pictures in {detector.fit}", f"其图像方式为 {detector.fit}")
            raise DetectorFailed(problems.no_stand_in(name, why))
        if lacking := [each for each in other.classes if each not in detector.classes]:
            names = ", ".join(lacking)
            why = Text(f"it does not know {names}", f"其类别中没有 {names}")
            raise DetectorFailed(problems.no_stand_in(name, why))

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See inference.detections.Detector."""
        smaller = [self._smaller(picture) for picture in pictures]
        found = self._detector.detect(smaller)
        return [self._as_other(*each) for each in zip(found, pictures, smaller, strict=True)]

    def _smaller(self, picture: Picture) -> Picture:
        if self._scale == 1.0:
            return picture
        height, width = (max(1, int(side * self._scale)) for side in picture.shape[:2])
        return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    def _as_other(self, found: Detections, picture: Picture, smaller: Picture) -> Detections:
        factors = np.array(picture.shape[1::-1], np.float32) / np.array(smaller.shape[1::-1], np.float32)
        labels = self._labels[found.labels]
        boxes = (found.boxes * np.tile(factors, 2)).astype(np.float32)
        return Detections(boxes, found.scores, labels).keep(labels >= 0)


def _labels(ours: Sequence[str], others: Sequence[str]) -> NDArray[np.int32]:
    """Our label -> the other's; -1: not among them."""
    return np.array([others.index(each) if each in others else -1 for each in ours], np.int32)
