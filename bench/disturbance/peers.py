"""What people use instead, each with the courtesy somebody who wanted it to find digs would give it.

All three work on a grey picture of at most 960 px, smoothed as such detectors smooth. Courtesies, the same for each: the
whole's brightness and contrast are matched, so that a cloud before the sun changes nothing; vehicles and people that the
detector sees are left out; a pixel counts once it differed for PERSISTENT s in at least LOOKS looks, one miss forgiven; a
patch counts from half of LEAST_M2 on the ground (or LEAST_PX where the ground is not known); a place that was told is not
told again within REMEMBERED s. Their own memory is set in looks or hours, not in the seconds they have in a video recorder:
at its 20 s (facts: a fresh patch is absorbed in 8 to 18 s) none could ever reach PERSISTENT.
"""

from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.disturbance.contestant import Answer, Shown
from bench.disturbance.scenario import LEAST_M2, Look, Outline
from bench.provingground.outline import area
from inference.detections import Picture
from inference.terrain.sight import Sight

PERSISTENT, LOOKS = 300.0, 3
LEAST_PX = 40
REMEMBERED = 21_600.0
_WIDEST = 960
_THRESHOLD = 25  # grey levels: OpenCV's tutorials and Frigate's `motion.threshold` (30) lie about here
_HOUR = 3600.0
_OPENED = np.ones((3, 3), np.uint8)
_SAME = 0.1  # IoU from which a patch is the one that was told
_MEAN, _SPREAD = 110.0, 45.0  # grey levels every picture is brought to

Mask = NDArray[np.bool_]
Grey = NDArray[np.float32]


class Model(Protocol):
    def foreground(self, grey: Grey, time: float) -> Mask:
        """bool [h, w] of float32 [h, w] grey levels, smoothed and matched; learns from it as it would."""
        ...

    def settle(self) -> None: ...


class Mog2:
    """Zivkovic, ICPR 2004, as OpenCV ships it: history 500, threshold 16, shadows told apart."""

    def __init__(self) -> None:
        self._model = cv2.createBackgroundSubtractorMOG2(history=500, varThreshold=16, detectShadows=True)

    def foreground(self, grey: Grey, time: float) -> Mask:
        picture = np.clip(grey, 0, 255).astype(np.uint8)
        return np.asarray(self._model.apply(picture) == 255, bool)  # 127: shadow

    def settle(self) -> None:
        """It goes on learning."""


class Fixed:
    """Difference to the picture of the moment it was settled."""

    def __init__(self) -> None:
        self._last: Grey | None = None
        self._reference: Grey | None = None

    def foreground(self, grey: Grey, time: float) -> Mask:
        self._last = grey
        if self._reference is None:
            return np.zeros(grey.shape, bool)
        return np.asarray(np.abs(grey - self._reference) > _THRESHOLD, bool)

    def settle(self) -> None:
        self._reference = self._last


class Running:
    """Difference to a running average that forgets within `memory` s."""

    def __init__(self, memory: float = _HOUR) -> None:
        self._memory, self._time = memory, 0.0
        self._mean: Grey | None = None

    def foreground(self, grey: Grey, time: float) -> Mask:
        if self._mean is None:
            self._mean, self._time = grey, time
        found = np.asarray(np.abs(grey - self._mean) > _THRESHOLD, bool)
        rate = 1 - float(np.exp(-(time - self._time) / self._memory))
        self._mean, self._time = self._mean + rate * (grey - self._mean), time
        return found

    def settle(self) -> None:
        """It goes on learning."""


class Peer:
    """A model with the courtesies."""

    def __init__(self, build: Callable[[], Model], sight: Sight | None) -> None:
        self._model, self._sight = build(), sight
        self._since = np.zeros((0, 0))
        self._looks = self._misses = np.zeros((0, 0), np.uint16)
        self._told: dict[str, tuple[float, Outline]] = {}  # by key: when it was last seen, and where
        self._number = 0

    def look(self, look: Look) -> Answer:
        found = self._model.foreground(_grey(look.picture), look.time)
        differs = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, _OPENED)
        self._counted(differs > 0, _covered(look, differs.shape), look.time)
        lasting = (look.time - self._since >= PERSISTENT) & (self._looks >= LOOKS)
        return Answer(tuple(self._named(each, look.time) for each in self._patches(lasting)))

    def settle(self, now: float) -> None:
        self._model.settle()

    def _counted(self, differs: Mask, covered: Mask, time: float) -> None:
        if self._since.shape != differs.shape:
            self._since = np.full(differs.shape, time)
            self._looks, self._misses = np.zeros(differs.shape, np.uint16), np.zeros(differs.shape, np.uint16)
        begins = differs & (self._looks == 0) & ~covered
        self._since[begins] = time
        self._looks[differs & ~covered] += 1
        self._misses[differs & ~covered] = 0
        self._misses[~differs & ~covered] += 1
        self._looks[self._misses > 1] = 0

    def _patches(self, lasting: Mask) -> list[Outline]:
        whole = cv2.morphologyEx(lasting.astype(np.uint8), cv2.MORPH_CLOSE, _OPENED)
        found, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        shape = np.array(lasting.shape[::-1])
        # A contour runs through its pixels' middles.
        outlines = [(each[:, 0] + 0.5) / shape for each in found if cv2.contourArea(each) >= LEAST_PX / 4]
        return [each for each in outlines if self._large(each, lasting.shape)]

    def _large(self, outline: Outline, shape: tuple[int, ...]) -> bool:
        ground = self._ground(outline)
        if ground is not None:
            return ground >= LEAST_M2 / 2
        return area(outline * shape[::-1]) >= LEAST_PX

    def _ground(self, outline: Outline) -> float | None:
        """m2; None where it is not known."""
        if self._sight is None:
            return None
        metres = self._sight.metres(outline)
        return area(metres) if np.isfinite(metres).all() else None

    def _named(self, outline: Outline, time: float) -> Shown:
        known = (
            key
            for key, (seen, where) in self._told.items()
            if time - seen <= REMEMBERED and _overlap(where, outline) >= _SAME
        )
        key = next(known, None)
        if key is None:
            self._number += 1
            key = str(self._number)
        self._told[key] = time, outline
        return Shown(key, outline, self._ground(outline))


def _grey(picture: Picture) -> Grey:
    """Small, smoothed, and of one brightness and contrast."""
    scale = min(1.0, _WIDEST / picture.shape[1])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (5, 5), 0)
    grey = cv2.cvtColor(smooth, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.asarray((grey - grey.mean()) / (float(grey.std()) + 1) * _SPREAD + _MEAN, np.float32)


def _covered(look: Look, shape: tuple[int, ...]) -> Mask:
    covered = np.zeros(shape, bool)
    for left, top, right, bottom in look.occupied * np.array([shape[1], shape[0]] * 2):
        covered[max(0, int(top)) : int(np.ceil(bottom)), max(0, int(left)) : int(np.ceil(right))] = True
    return covered


def _overlap(one: Outline, other: Outline) -> float:
    """IoU of their boxes: enough to keep a name."""
    low = np.maximum(one.min(axis=0), other.min(axis=0))
    high = np.minimum(one.max(axis=0), other.max(axis=0))
    both = float(np.prod(np.clip(high - low, 0, None)))
    each = [float(np.prod(np.ptp(outline, axis=0))) for outline in (one, other)]
    return both / max(1e-12, sum(each) - both)


def mog2(sight: Sight | None) -> Peer:
    return Peer(Mog2, sight)


def fixed(sight: Sight | None) -> Peer:
    return Peer(Fixed, sight)


def running(sight: Sight | None) -> Peer:
    return Peer(Running, sight)
