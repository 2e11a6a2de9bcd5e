"""Vehicles and people in a picture from above: they stand on the ground that is compared. Pure."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from inference.detections import Detector

Picture = NDArray[np.uint8]

_SCORE = 0.25  # low: ground that is masked for nothing is lost once, a parked lorry would be a disturbance
_LAP = 0.25  # of a tile that the next one shares: what one cuts through the other has whole


def occupied(detector: Detector, picture: Picture) -> NDArray[np.float32]:
    """float32 [N, 4], relative: boxes of all that is found. The picture is looked at in tiles as large as the
    detector's input, pixel by pixel: from above things are small. Raises DetectorFailed."""
    height, width = picture.shape[:2]
    tiles = list(product(_starts(width, detector.size[0]), _starts(height, detector.size[1])))
    cuts = [
        np.ascontiguousarray(picture[y : y + detector.size[1], x : x + detector.size[0]]) for x, y in tiles
    ]
    boxes = [
        found.boxes[found.scores >= _SCORE] + np.array([x, y, x, y], np.float32)
        for (x, y), cut in zip(tiles, cuts, strict=True)
        for found in detector.detect([cut])
    ]
    return np.asarray(np.concatenate(boxes) / np.array([width, height] * 2, np.float32), np.float32)


def _starts(whole: int, tile: int) -> list[int]:
    if whole <= tile:
        return [0]
    steps = int(np.ceil((whole - tile) / (tile * (1 - _LAP))))
    return [round(step * (whole - tile) / steps) for step in range(steps + 1)]
