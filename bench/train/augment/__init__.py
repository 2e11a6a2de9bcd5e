"""From samples to what the network is taught: placed, turned, relit, SIZE x SIZE. OpenCV and NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.train.augment.light import relit
from bench.train.augment.place import SIZE, Truth, joined, place, tilted
from bench.train.samples import Sample
from bench.train.sources import CLASSES

__all__ = ["SIZE", "Truth", "View", "view"]

_GREY = 114  # what the letterbox of the deployed network is padded with
_MOSAIC, _TILT = 0.35, 0.15  # how often
_DRIVEN = [CLASSES.index(name) for name in ("truck", "bus", "car", "motorcycle")]


@dataclass(frozen=True)
class View:
    """An augmented picture, uint8 [SIZE, SIZE, 3] BGR, and what is known of it, in its px."""

    picture: NDArray[np.uint8]
    truth: Truth


def view(samples: Sequence[Sample], rng: np.random.Generator) -> View:
    """One view of the first sample, or sometimes a mosaic of all four (small objects, foreign neighbours)."""
    canvas = np.full((SIZE, SIZE, 3), _GREY, np.uint8)
    if rng.random() < _MOSAIC:
        truth = _mosaic(canvas, samples, rng)
    else:
        truth = place(canvas, (0, 0, SIZE, SIZE), samples[0], rng, (0.55, 1.8))
    if rng.random() < _TILT:
        canvas, truth = tilted(canvas, truth, rng.uniform(-8, 8), _GREY)
    driven = truth.boxes[truth.classes[:, _DRIVEN].any(1)]
    return View(relit(canvas, driven, rng), truth)


def _mosaic(canvas: NDArray[Any], samples: Sequence[Sample], rng: np.random.Generator) -> Truth:
    x, y = (int(SIZE * rng.uniform(0.35, 0.65)) for _ in range(2))
    areas = ((0, 0, x, y), (x, 0, SIZE, y), (0, y, x, SIZE), (x, y, SIZE, SIZE))
    return joined(
        [place(canvas, area, sample, rng, (0.7, 1.8)) for area, sample in zip(areas, samples, strict=True)]
    )
