"""Where something moves: a running background at thumbnail size."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes, Picture

_WIDTH: Final = 320  # px of the thumbnail: a 12 px truck of a 1280 px picture is still 3 px wide
_LEARN: Final = 0.05  # share of a new picture in the background: forgets in about 4 s at 5 Hz
_LEAST_STEP: Final = 14.0  # grey levels: below this, compression noise of 4 Mbit/s cameras moves everywhere
_NOISE_STEPS: Final = 6.0  # times the median change, so that a noisy infrared night raises its own bar
_FLASH: Final = (
    10.0  # grey levels the whole picture may brighten or darken by; beyond it a light was switched
)
_FLOOD: Final = 0.5  # share of the picture: more than this is a light switched on or a camera moved
_LEAST_AREA: Final = 6  # px of the thumbnail
_GATHER: Final[NDArray[np.uint8]] = np.ones((5, 5), np.uint8)


class Motion:
    """Moving regions of one camera. Feed it every analysed picture, in order."""

    def __init__(self) -> None:
        self._background: NDArray[np.float32] | None = None

    def update(self, luma: Picture) -> Boxes:
        """Boxes of what moves, float32 [N, 4] in px of the picture given; largest first.

        Empty on the first picture, after a change of size, and when most of the picture changed at once.
        """
        scale = _WIDTH / luma.shape[1]
        size = (_WIDTH, max(1, round(luma.shape[0] * scale)))
        small = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
        background = self._background
        if background is None or background.shape != small.shape:
            return self._start_over(small)
        change = small - background
        shift = _median(change)  # a cloud or the exposure control moves every pixel alike
        change = np.abs(change - np.float32(shift))
        limit = max(_LEAST_STEP, _NOISE_STEPS * _median(change))
        moving = change > limit
        if abs(shift) > _FLASH or np.count_nonzero(moving) > _FLOOD * moving.size:
            return self._start_over(small)
        cv2.accumulateWeighted(small, background, _LEARN)
        return _boxes(moving) / np.float32(scale)

    def _start_over(self, small: Picture) -> Boxes:
        self._background = small.astype(np.float32)
        return np.zeros((0, 4), np.float32)


def _median(change: NDArray[np.float32]) -> float:
    """Of every fourth pixel both ways: as good, and the picture's largest cost otherwise."""
    return float(np.median(change[::4, ::4]))


def _boxes(moving: NDArray[np.bool_]) -> Boxes:
    mask = cv2.morphologyEx(moving.view(np.uint8), cv2.MORPH_CLOSE, _GATHER)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    stats = stats[1:count]
    stats = stats[stats[:, cv2.CC_STAT_AREA] >= _LEAST_AREA]
    found = np.asarray(stats[np.argsort(-stats[:, cv2.CC_STAT_AREA], kind="stable")], np.float32)
    corner = found[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]]
    extent = found[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return np.concatenate([corner, corner + extent], axis=1)
