"""Where something moves: a running background at thumbnail size, with a bar of its own for every pixel.

Serves pictures five times a second and key frames ten seconds apart alike: whatever is learnt is learnt by time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes, Picture
from inference.restless import Blobs, Restless

_WIDTH: Final = 320  # px of the thumbnail: a 12 px truck of a 1280 px picture is still 3 px wide
_TALLEST: Final = 1280  # px of the thumbnail: spoilt streams declare 16 x 4096, which would cost a gigabyte
_FORGET: Final = 4.0  # s: time constant of the background; a lorry that has stopped is part of it soon after
_SWAY: Final = 20.0  # s: time constant of a pixel's usual change; a gust lasts about as long
_USUAL_STEP: Final = 0.2  # s between two pictures where the clock does not say
_LEAST_STEP: Final = 14.0  # grey levels: below this, compression noise of 4 Mbit/s cameras moves everywhere
_NOISE_STEPS: Final = 6.0  # times the median change, so that a noisy infrared night raises its own bar
# times a pixel's mean change: what swings evenly about its mean reaches 1.6 times it
_SWAY_STEPS: Final = 2.2
# grey levels learnt at most from one picture: a white lorry is no reason for deafness
_MOST_SWAY: Final = 24.0
# grey levels the whole picture may brighten or darken by; beyond it a light was switched
_FLASH: Final = 10.0
_FLOOD: Final = 0.5  # share of the picture: more than this is a light switched on or a camera moved
_LEAST_AREA: Final = 6  # px of the thumbnail
_LEAST_WIDTH: Final = 2  # px of the thumbnail: a streak of rain is one wide
_RAIN: Final = 6.0  # thin blobs per picture, in the mean: more are rain, snow or insects, and are left out
_POUR: Final = 20.0  # of them: streaks begin to cross each other, and what they form is left out as well
_SHOWER: Final = 5.0  # s: time constant of that mean
_LEAST_SHARP: Final = 2  # px of the thumbnail with a sharp border: light and its shadows come in soft ones
_EDGE: Final = 0.7  # times the bar: how much a change differs over two px where it has an outline
_SHADE: Final = 0.5  # of the ground's own edges: no cloud takes more of them, no lamp adds more
_GATHER: Final[NDArray[np.uint8]] = np.ones((5, 5), np.uint8)
_SOLID: Final[NDArray[np.uint8]] = np.ones((3, 3), np.uint8)
_NOTHING: Final[Boxes] = np.zeros((0, 4), np.float32)

Polygon = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(slots=True)
class _Learnt:
    """background: float32 [h, w], grey levels. sway: float32 [h, w], mean of |change|. rain: thin blobs per
    picture, in the mean. pictures: how many it was learnt from."""

    background: Floats
    sway: Floats
    time: float | None
    rain: float = 0.0
    pictures: int = 1

    def learn(self, small: Picture, change: Floats, thin: int, time: float | None) -> None:
        step = self._step(time)
        share = 1 - float(np.exp(-step / _FORGET))
        cv2.accumulateWeighted(small, self.background, share)
        # The first pictures count more: nothing usual is known yet.
        share = max(1 - float(np.exp(-step / _SWAY)), 1 / (self.pictures + 5)) if step else 0.0
        cv2.accumulateWeighted(np.minimum(change, _MOST_SWAY), self.sway, share)
        self.rain += (1 - float(np.exp(-step / _SHOWER))) * (thin - self.rain)
        self.time = time
        self.pictures += 1

    def _step(self, time: float | None) -> float:
        if time is None or self.time is None or time < self.time:
            return _USUAL_STEP
        return time - self.time


class Motion:
    """Moving regions of one camera. Feed it every analysed picture, in order.

    ignore: polygons, float [N, 2] of x, y from 0 to 1 of the picture, in which nothing is ever seen.
    """

    def __init__(self, ignore: Iterable[Polygon] = ()) -> None:
        self._ignore = tuple(ignore)
        self._seen: NDArray[np.bool_] | None = None
        self._learnt: _Learnt | None = None
        self._restless: Restless | None = None
        self._shown = Blobs.none()
        self._moving: NDArray[np.bool_] | None = None
        self._scale = 1.0

    def update(self, luma: Picture, time: float | None = None) -> Boxes:
        """Boxes of what moves, float32 [N, 4] in px of the picture given; largest first.

        luma: uint8 [height, width]. time: s, any epoch; without it, 0.2 s pass between two pictures.
        Empty on the first picture, after a change of size, and when most of the picture changed at once.
        """
        return self._compared(luma, time, patient=False)

    def glimpse(self, luma: Picture, time: float | None = None) -> Boxes:
        """The same, but a picture in which something moves teaches nothing: `update` may go through what came
        before it, and then through it again."""
        return self._compared(luma, time, patient=True)

    def stir(self, boxes: Boxes) -> NDArray[np.float32]:
        """The share of each box that moved in the picture given last, float32 [N]; NaN where nothing can be said.

        boxes: float32 [N, 4], px of that picture.
        """
        shares = np.full(len(boxes), np.nan, np.float32)
        if self._moving is not None:
            bounds = np.rint(np.maximum(boxes, 0) * self._scale).astype(int)
            for row, (left, top, right, bottom) in enumerate(bounds.tolist()):
                part = self._moving[top:bottom, left:right]
                shares[row] = part.mean() if part.size else np.nan
        return shares

    def judged(self, found: Boxes, time: float) -> None:
        """What a detector found in the picture given last: all its boxes, float32 [K, 4], px of that picture.

        What keeps moving where nothing is ever found is left out for some minutes, unless something clearly
        larger or stronger comes. Without this call nothing is left out. time: s, as given to `update`.
        """
        if self._restless is not None:
            self._restless.judged(self._shown, found * np.float32(self._scale), time)

    def _compared(self, luma: Picture, time: float | None, *, patient: bool) -> Boxes:
        small = _thumbnail(luma)
        self._scale, self._moving = small.shape[1] / luma.shape[1], None
        learnt = self._learnt
        if learnt is None or learnt.background.shape != small.shape:
            return self._start_over(small, time)
        change = small - learnt.background
        shift = _median(change)  # a cloud or the exposure control moves every pixel alike
        if abs(shift) > _FLASH:
            learnt.background = _relit(learnt.background, small)
            change, shift = small - learnt.background, 0.0
        size = np.abs(change - np.float32(shift))
        swaying = _SWAY_STEPS * cv2.dilate(learnt.sway, _GATHER)  # twigs do not keep to their pixel
        bar = np.maximum(swaying, max(_LEAST_STEP, _NOISE_STEPS * _median(size)))
        moving = (size > bar) & self._seen_of(small.shape)
        if np.count_nonzero(moving) > _FLOOD * moving.size:
            return self._start_over(small, time)
        self._moving = moving
        blobs, thin = Blobs.none(), 0
        if moving.any():  # most of the time nothing does, and gathering it costs as much as all the rest
            blobs, thin = _blobs(moving, size, _sharp(change, learnt.background, bar))
        blobs = blobs.keep(blobs.core >= (learnt.rain > _RAIN) + (learnt.rain > _POUR))
        if self._restless is not None:
            blobs = blobs.keep(~self._restless.usual(blobs))
        if not (patient and len(blobs.boxes)):
            learnt.learn(small, size, thin, time)
        self._shown = blobs
        return blobs.boxes / np.float32(self._scale)

    def _start_over(self, small: Picture, time: float | None) -> Boxes:
        if self._learnt is None or self._learnt.sway.shape != small.shape:
            self._learnt = _Learnt(small.astype(np.float32), np.zeros(small.shape, np.float32), time)
            self._restless = Restless(small.shape)
        self._learnt = _Learnt(
            small.astype(np.float32), self._learnt.sway, time, self._learnt.rain, self._learnt.pictures
        )
        self._shown = Blobs.none()
        return _NOTHING

    def _seen_of(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        if self._seen is None or self._seen.shape != shape:
            mask = np.zeros(shape, np.uint8)
            outlines = [np.rint(each * [shape[1], shape[0]]).astype(np.int32) for each in self._ignore]
            cv2.fillPoly(mask, outlines, (1,))
            self._seen = mask == 0
        return self._seen


def _thumbnail(luma: Picture) -> Picture:
    """By halves as far as it goes: OpenCV averages 2 x 2 px ten times faster than any other block."""
    while luma.shape[1] >= 2 * _WIDTH and luma.shape[1] % 2 == luma.shape[0] % 2 == 0:
        half = (luma.shape[1] // 2, luma.shape[0] // 2)
        luma = np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), np.uint8)
    width = max(1, min(_WIDTH, _TALLEST * luma.shape[1] // luma.shape[0]))
    size = (width, max(1, round(luma.shape[0] * width / luma.shape[1])))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def _median(change: Floats) -> float:
    """Of every fourth pixel both ways: as good, and the picture's largest cost otherwise."""
    return float(np.median(change[::4, ::4]))


def _relit(background: Floats, small: Picture) -> Floats:
    """The background as it would look in the light (brightness and contrast) of this picture."""
    low, high = np.percentile(background[::4, ::4], (20, 80))
    dark, bright = np.percentile(small[::4, ::4], (20, 80))
    gain = (bright - dark) / max(high - low, 1.0)
    return np.asarray((background - low) * np.float32(gain) + np.float32(dark), np.float32)


def _blobs(moving: NDArray[np.bool_], size: Floats, sharp: NDArray[np.bool_]) -> tuple[Blobs, int]:
    """And how many of them are thin."""
    mask = cv2.morphologyEx(moving.view(np.uint8), cv2.MORPH_CLOSE, _GATHER)
    count, numbered, stats, _ = cv2.connectedComponentsWithStats(mask)
    labels = np.asarray(numbered, np.int32)
    numbers = labels[moving]
    strength = np.bincount(numbers, size[moving], count) / np.maximum(
        np.bincount(numbers, minlength=count), 1
    )
    core = _core(moving, labels, count)
    areas = stats[:, cv2.CC_STAT_AREA]
    kept = (areas >= _LEAST_AREA) & (stats[:, cv2.CC_STAT_WIDTH] >= _LEAST_WIDTH)
    kept &= np.bincount(labels[sharp & moving], minlength=count) >= _LEAST_SHARP
    kept[0] = False
    order = np.flatnonzero(kept)[np.argsort(-areas[kept], kind="stable")]
    thin = int(np.count_nonzero((core[1:] == 0) & (areas[1:] >= _LEAST_AREA)))
    return Blobs.of(np.asarray(stats[order], np.int32), strength[order], core[order]), thin


def _core(moving: NDArray[np.bool_], labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """int [count]: 2 where a blob holds 5 x 5 moving px, 1 where 3 x 3, else 0."""
    once = cv2.erode(moving.view(np.uint8), _SOLID)
    core = np.zeros(count, np.int64)
    core[labels[once > 0]] = 1
    core[labels[cv2.erode(once, _SOLID) > 0]] = 2
    return core


def _sharp(change: Floats, background: Floats, bar: Floats) -> NDArray[np.bool_]:
    """Where the change has an edge of its own: what light does to a place is as soft as the light's own border
    and as sharp as the place, what stands before it has an outline."""
    limit = _EDGE * bar + _SHADE * _slope(background)
    return np.asarray(_slope(change) > limit, np.bool_)


def _slope(picture: Floats) -> Floats:
    """Grey levels over two px."""
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=0.25)
    return np.asarray(cv2.magnitude(across, down), np.float32)
