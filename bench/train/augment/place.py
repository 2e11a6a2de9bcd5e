"""Where a picture goes on the canvas, and where its boxes go with it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.samples import Sample

SIZE = 416  # px, side of the square the network is taught on
_LEAST_SIDE = 5.0  # px: what is thinner is not taught, one stride of 8 px cannot tell it
_LEAST_PART = 0.35  # of an object that must lie inside to be taught

Array = NDArray[Any]
Area = tuple[int, int, int, int]
"""x1 y1 x2 y2 on the canvas, px."""


@dataclass(frozen=True)
class Truth:
    """What is known of a view; boxes x1 y1 x2 y2 in px, `classes`, `weights` and `ignore` as in a Sample."""

    boxes: Array
    classes: Array
    weights: Array
    ignore: Array


def joined(parts: Sequence[Truth]) -> Truth:
    return Truth(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.ignore for part in parts]),
    )


def place(
    canvas: Array, area: Area, sample: Sample, rng: np.random.Generator, scales: tuple[float, float]
) -> Truth:
    """Draw the sample into `area`, at a random scale (1: just fits), shape, place, mirrored or not.

    From above, it is also turned by a random multiple of 90 degrees: there is no "up" in such pictures.
    """
    quarters = int(rng.integers(4)) if sample.any_up else 0
    mirror = bool(rng.random() < 0.5)
    scale = math.exp(rng.uniform(*np.log(scales)))
    picture, aspect = _read(sample, quarters)
    aspect *= math.exp(rng.uniform(-0.25, 0.25))
    width, height = area[2] - area[0], area[3] - area[1]
    w = max(8, round(scale * min(width, height / aspect)))
    h = max(8, round(w * aspect))
    shrinks = w < picture.shape[1]
    shrunk = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    x = area[0] + int(rng.integers(min(0, width - w), max(0, width - w) + 1))
    y = area[1] + int(rng.integers(min(0, height - h), max(0, height - h) + 1))
    _paste(canvas, area, shrunk[:, ::-1] if mirror else shrunk, x, y)

    def moved(boxes: Array) -> Array:
        boxes = _turned(boxes, quarters)
        if mirror:
            boxes = np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], 1)
        return boxes * (w, h, w, h) + (x, y, x, y)

    return _kept(moved(sample.boxes), sample.classes, sample.weights, moved(sample.ignore), area)


def _read(sample: Sample, quarters: int) -> tuple[Array, float]:
    """The picture, and its height over its width as the camera had it."""
    picture = read_picture(sample.path)
    height, width = picture.shape[:2]
    for left, top, right, bottom in np.rint(sample.blank * (width, height, width, height)).astype(int):
        picture[max(top, 0) : bottom, max(left, 0) : right] = 114
    aspect = picture.shape[0] / picture.shape[1] * sample.source.squeeze
    if quarters:
        picture = np.rot90(picture, quarters)
        aspect = 1 / aspect if quarters % 2 else aspect
    return picture, aspect


def read_picture(path: Path) -> Array:
    """uint8 [H, W, 3] BGR. Raises ValueError for what is not a picture."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"not a picture: {path}")
    return picture


def _turned(boxes: Array, quarters: int) -> Array:
    """Boxes (fractions) of a picture turned counter-clockwise by `quarters` times 90 degrees, as np.rot90."""
    for _ in range(quarters):
        boxes = np.stack([boxes[:, 1], 1 - boxes[:, 2], boxes[:, 3], 1 - boxes[:, 0]], 1)
    return boxes


def _paste(canvas: Array, area: Area, picture: Array, x: int, y: int) -> None:
    left, top = max(area[0], x), max(area[1], y)
    right = min(area[2], x + picture.shape[1])
    bottom = min(area[3], y + picture.shape[0])
    canvas[top:bottom, left:right] = picture[top - y : bottom - y, left - x : right - x]


def _kept(boxes: Array, classes: Array, weights: Array, ignore: Array, area: Area) -> Truth:
    """What of the boxes lies in `area`; too little or too thin to tell becomes a zone to ignore."""
    seen = _clipped(boxes, area)
    sides = seen[:, 2:] - seen[:, :2]
    part = sides.prod(1) / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-6)
    kept = (sides.min(1) >= _LEAST_SIDE) & (part > _LEAST_PART)
    unsure = ~kept & (sides.min(1) > 1)
    zones = _clipped(ignore, area)
    zones = zones[(zones[:, 2:] - zones[:, :2]).min(1) > 0]
    return Truth(seen[kept], classes[kept], weights[kept], np.concatenate([zones, seen[unsure]]))


def _clipped(boxes: Array, area: Area) -> Array:
    return np.clip(boxes, (*area[:2], *area[:2]), (*area[2:], *area[2:])).astype(np.float32)


def tilted(canvas: Array, truth: Truth, degrees: float, grey: int) -> tuple[Array, Truth]:
    """Both turned about the middle. A box becomes that of its turned inscribed ellipse, not of its corners,
    which would grow with every degree."""
    turn = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), degrees, 1.0)
    picture = cv2.warpAffine(canvas, turn, (SIZE, SIZE), borderValue=(grey, grey, grey))

    def moved(boxes: Array) -> Array:
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2 @ turn[:, :2].T + turn[:, 2]
        half = np.sqrt(((boxes[:, 2:] - boxes[:, :2]) / 2) ** 2 @ (turn[:, :2] ** 2).T)
        return np.concatenate([middle - half, middle + half], 1)

    whole = replace(truth, boxes=moved(truth.boxes), ignore=moved(truth.ignore))
    return picture, _kept(whole.boxes, whole.classes, whole.weights, whole.ignore, (0, 0, SIZE, SIZE))
