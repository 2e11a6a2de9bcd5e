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
_FLASH: Final = 10.0  # grey levels the whole picture may brighten or darken by; beyond it a light was switched
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
        small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        background = self._background
        if background is None or background.shape != small.shape:
            self._background = small
            return np.zeros((0, 4), np.float32)
        change = small - background
        shift = float(np.median(change))  # a cloud or the exposure control moves every pixel alike
        change = np.abs(change - shift)
        moving = change > max(_LEAST_STEP, _NOISE_STEPS * float(np.median(change)))
        if abs(shift) > _FLASH or moving.mean() > _FLOOD:
            self._background = small
            return np.zeros((0, 4), np.float32)
        cv2.accumulateWeighted(small, background, _LEARN)
        return _boxes(moving) / np.float32(scale)


def _boxes(moving: NDArray[np.bool_]) -> Boxes:
    mask = cv2.morphologyEx(moving.astype(np.uint8), cv2.MORPH_CLOSE, _GATHER)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    stats = stats[1:count]
    stats = stats[stats[:, cv2.CC_STAT_AREA] >= _LEAST_AREA]
    stats = stats[np.argsort(-stats[:, cv2.CC_STAT_AREA], kind="stable")].astype(np.float32)
    corner = stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]]
    extent = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return np.concatenate([corner, corner + extent], axis=1)
