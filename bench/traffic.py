"""Made-up traffic with known identities, seen by a detector that misses, doubts and imagines things."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.detections import Detections

CLASSES = ("truck", "bus", "car", "person")
WIDTH, HEIGHT = 1920, 1080

_MISSED = 0.10  # of the sightings
_FAINT = 0.15  # of the sightings: score between 0.1 and 0.3
_IMAGINED = 1.0  # false detections per picture
_DEATHS = 0.05  # per object and second, besides those that drive off
_WOBBLE = 0.04  # of the size: a detected edge
_TURNS = 0.3  # sizes/s per sqrt(s)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moment:
    """One picture: what is there (identities [N], boxes [N, 4] in px), and what the detector says."""

    time: float
    identities: NDArray[np.int64]
    boxes: Floats
    detections: Detections


class Traffic:
    """Always `count` objects of 30 to 150 px, standing or moving with up to 4 times their size per second."""

    def __init__(self, count: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._identities = np.arange(count, dtype=np.int64)
        self._born = count
        self._centre, self._velocity, self._extent = self._new(count)
        self._labels = self._random.integers(0, 2, count)

    def moments(self, count: int, rate: float) -> Iterator[Moment]:
        """rate: pictures per second."""
        for number in range(count):
            yield self._moment(number / rate)
            self._move(1 / rate)

    def _new(self, count: int) -> tuple[Floats, Floats, Floats]:
        width = self._random.uniform(30, 150, count)
        extent = np.stack((width, width * self._random.uniform(0.5, 1.2, count)), axis=1)
        speed = np.maximum(self._random.uniform(-1, 4, count), 0) * extent.mean(axis=1)
        angle = self._random.uniform(0, 2 * np.pi, count)
        velocity = speed[:, None] * np.stack((np.cos(angle), np.sin(angle)), axis=1)
        return self._random.uniform(0, (WIDTH, HEIGHT), (count, 2)), velocity, extent

    def _move(self, step: float) -> None:
        moving = np.linalg.norm(self._velocity, axis=1) > 0
        turn = self._random.normal(0, _TURNS * step**0.5, self._centre.shape) * self._extent
        self._velocity += turn * moving[:, None]
        self._centre += self._velocity * step
        gone = ((self._centre < 0) | (self._centre > (WIDTH, HEIGHT))).any(axis=1)
        gone |= self._random.random(gone.shape) < _DEATHS * step
        count = int(gone.sum())
        self._identities[gone] = np.arange(self._born, self._born + count)
        self._born += count
        self._centre[gone], self._velocity[gone], self._extent[gone] = self._new(count)

    def _moment(self, time: float) -> Moment:
        boxes = _boxes(self._centre, self._extent)
        return Moment(time, self._identities.copy(), boxes, self._seen())

    def _seen(self) -> Detections:
        found = self._random.random(len(self._centre)) >= _MISSED
        count = int(found.sum())
        extent = self._extent[found]
        noise = self._random.normal(0, _WOBBLE, (2, count, 2)) * extent
        boxes = _boxes(self._centre[found] + noise[0], extent + noise[1])
        scores = self._random.uniform(0.35, 0.95, count)
        faint = self._random.random(count) < _FAINT
        scores[faint] = self._random.uniform(0.1, 0.3, int(faint.sum()))
        # One in ten sightings of a lorry is called the other name.
        labels = np.where(self._random.random(count) < 0.1, 1 - self._labels[found], self._labels[found])
        return Detections.joined((_detections(boxes, scores, labels), self._imagined()))

    def _imagined(self) -> Detections:
        count = int(self._random.poisson(_IMAGINED))
        centre, _, extent = self._new(count)
        return _detections(_boxes(centre, extent), self._random.beta(1, 3, count), np.zeros(count, np.int64))


def _boxes(centre: Floats, extent: Floats) -> Floats:
    return np.concatenate((centre - extent / 2, centre + extent / 2), axis=1)


def _detections(boxes: Floats, scores: Floats, labels: NDArray[np.int64]) -> Detections:
    return Detections(boxes.astype(np.float32), scores.astype(np.float32), labels.astype(np.int32))
