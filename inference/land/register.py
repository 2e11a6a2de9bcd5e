"""Where a picture lies over another of the same place: a mast sways, a zoom jitters, a pan is a pixel off. Pure.

Tiles of gradients are laid over each other by phase correlation (Kuglin and Hines, 1975; sub-pixel), which a change of
light or a shadow hardly touches, and the affine map or the homography is taken that most tiles agree on (RANSAC). It counts only
behind a gate: too few tiles, too little of the picture, or too much left over is no registration.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.features import Floats, Picture

Matrix = NDArray[np.float64]

_WIDTH: Final = 640  # px that tiles are laid over each other at: a tenth of its pixel is 0.3 px of 1080p
_TILE: Final = 96  # px: finds shifts of a third of it
_STEP: Final = 76  # px between tiles
_COARSE: Final = 320  # px of the whole picture's shift
_SURE: Final = 0.06  # response of a tile's correlation; of unlike tiles it stays below 0.05
_AGREES: Final = 0.8  # px of _WIDTH between a tile's shift and the homography's
_LEAST_TILES: Final = 8  # that agree: a homography has four points' freedom
_LEAST_SHARE: Final = 0.5  # of the sure tiles: by chance a fifth agree
_LEAST_SPAN: Final = (
    0.45  # of the picture's width and of its height that the agreeing tiles span: less extrapolates
)
_MOST_LEFT: Final = 0.45  # px of _WIDTH, root mean square
_NOISE: Final = 0.1  # px of _WIDTH that a tile's shift is good for
_EARNED: Final = 1.4  # times the residual that a homography must save
_FAR: Final = (
    0.04  # of the width: a mast sways by 0.01; beyond, the camera looks elsewhere and sees other ground
)
_TURNED: Final = 0.06  # change of scale, and shear: a zoom that jitters gives 0.01


class Miss(Enum):
    """Why a picture does not lie over another."""

    RESIZED = auto()  # another size or aspect: another camera or stream
    LOST = auto()  # too little is found again
    MOVED = auto()  # found again, far away


@dataclass(frozen=True, slots=True)
class Laid:
    """warp: float64 [3, 3], pixels of the reference's grid to pixels of the picture's grid, homogeneous.
    left: px of the grid, root mean square of what the tiles disagree by. share: of the tiles that agree."""

    warp: Matrix
    left: float
    share: float

    def over(self, picture: Picture) -> Picture:
        """The picture in the reference's frame; its rim goes on where it does not reach."""
        size = picture.shape[1::-1]
        return np.asarray(
            cv2.warpPerspective(picture, self.warp, size, flags=_BACK, borderMode=cv2.BORDER_REPLICATE),
            np.uint8,
        )

    def reach(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """bool [h, w]: the reference's pixels that the picture shows, less a rim of 5 px."""
        seen = np.zeros(shape, np.uint8)
        seen[5:-5, 5:-5] = 1
        return np.asarray(
            cv2.warpPerspective(seen, self.warp, shape[::-1], flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
            > 0
        )

    def boxes(self, boxes: Floats, shape: tuple[int, int]) -> Floats:
        """float32 [N, 4], relative boxes of the picture in the reference's frame (their bounds)."""
        if not len(boxes):
            return boxes
        scale = np.array([shape[1], shape[0]], np.float64)
        corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 1, 2).astype(np.float64) * scale
        back = cv2.perspectiveTransform(corners, np.linalg.inv(self.warp)).reshape(-1, 4, 2) / scale
        return np.concatenate([back.min(axis=1), back.max(axis=1)], axis=1).astype(np.float32)


_BACK: Final = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


class Frame:
    """One reference picture, ready for others to be laid over it. grey: uint8 [h, w] of the grid."""

    def __init__(self, grey: Picture) -> None:
        self.grey = grey
        self._edges = _edges(grey)
        self._coarse = _coarse(self._edges)
        self._spots = _spots(self._edges)

    def lay(self, grey: Picture) -> Laid | Miss:
        """grey: uint8 [h, w] of the grid."""
        if grey.shape != self.grey.shape:
            return Miss.RESIZED
        edges = _edges(grey)
        guess = self._guess(edges)
        places, shifts = self._shifts(edges, guess)
        if len(places) < _LEAST_TILES:
            return Miss.LOST
        fits = (_affine(places, shifts), _homography(places, shifts))
        return self._gated(*min(fits, key=lambda fit: _cost(fit, places, shifts)), places, shifts)

    def _guess(self, edges: Floats) -> NDArray[np.float64]:
        """px of _WIDTH that the whole picture is shifted by."""
        window = _window(self._coarse.shape)
        (across, down), sure = cv2.phaseCorrelate(self._coarse.copy(), _coarse(edges), window)
        scale = edges.shape[1] / self._coarse.shape[1]
        return np.rint(np.array([across, down]) * scale) if sure > _SURE else np.zeros(2)

    def _shifts(
        self, edges: Floats, guess: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Middles of the tiles that are found again, float64 [N, 2], and what they are shifted by."""
        window = _window((_TILE, _TILE))
        places, shifts = [], []
        right, down = guess.astype(int)
        for left, top in self._spots:
            x, y = left + right, top + down
            if not (0 <= x <= edges.shape[1] - _TILE and 0 <= y <= edges.shape[0] - _TILE):
                continue
            # Copies: OpenCV lays the window over the pictures it is given.
            one = self._edges[top : top + _TILE, left : left + _TILE].copy()
            other = edges[y : y + _TILE, x : x + _TILE].copy()
            shift, sure = cv2.phaseCorrelate(one, other, window)
            if sure > _SURE:
                places.append((left + _TILE / 2, top + _TILE / 2))
                shifts.append(guess + shift)
        return np.array(places, np.float64).reshape(-1, 2), np.array(shifts, np.float64).reshape(-1, 2)

    def _gated(
        self,
        matrix: Matrix,
        agreed: NDArray[np.bool_],
        places: NDArray[np.float64],
        shifts: NDArray[np.float64],
    ) -> Laid | Miss:
        size = np.array(self._edges.shape[::-1], np.float64)
        span = np.ptp(places[agreed], axis=0) if agreed.any() else np.zeros(2)
        span = (span + _TILE) / size
        left = _left(matrix, agreed, places, shifts)
        if (
            agreed.sum() < _LEAST_TILES
            or agreed.mean() < _LEAST_SHARE
            or span.min() < _LEAST_SPAN
            or left > _MOST_LEFT
        ):
            return Miss.LOST
        corners = np.array([[0, 0], [size[0], 0], [0, size[1]], size], np.float64)
        moved = cv2.perspectiveTransform(corners[:, None], matrix)[:, 0] - corners
        middle = np.linalg.norm(moved.mean(axis=0)) / size[0]
        twist = np.linalg.norm(moved - moved.mean(axis=0), axis=1).max() / size[0]
        if middle > _FAR or twist > _TURNED:
            return Miss.MOVED
        scale = self.grey.shape[1] / self._edges.shape[1]
        grow = np.diag([scale, scale, 1.0])
        return Laid(grow @ matrix @ np.linalg.inv(grow), left * scale, float(agreed.mean()))


Fit = tuple[Matrix, NDArray[np.bool_]]


def _affine(places: NDArray[np.float64], shifts: NDArray[np.float64]) -> Fit:
    matrix, agreed = cv2.estimateAffine2D(places, places + shifts, ransacReprojThreshold=_AGREES)
    if matrix is None:
        return np.eye(3), np.zeros(len(places), bool)
    return np.vstack([matrix, [0.0, 0.0, 1.0]]), agreed.ravel() > 0


def _homography(places: NDArray[np.float64], shifts: NDArray[np.float64]) -> Fit:
    matrix, agreed = cv2.findHomography(places, places + shifts, cv2.RANSAC, _AGREES, maxIters=500)
    if matrix is None:
        return np.eye(3), np.zeros(len(places), bool)
    return np.asarray(matrix, np.float64), agreed.ravel() > 0


def _left(
    matrix: Matrix, agreed: NDArray[np.bool_], places: NDArray[np.float64], shifts: NDArray[np.float64]
) -> float:
    """px, root mean square of what the agreeing tiles are off by."""
    if not agreed.any():
        return float("inf")
    there = cv2.perspectiveTransform(places[:, None], matrix)[:, 0]
    return float(np.sqrt((((there - places - shifts)[agreed]) ** 2).sum(axis=1).mean()))


def _cost(fit: Fit, places: NDArray[np.float64], shifts: NDArray[np.float64]) -> float:
    """Of fits the one with more that agrees and less left over; eight numbers have to earn what six cannot do, since
    they run away beyond the outermost tile."""
    flat = fit[0][2, 0] == fit[0][2, 1] == 0
    missed = 1 + np.count_nonzero(~fit[1]) / len(places)
    return float(max(_left(*fit, places, shifts), _NOISE) * missed * (1 if flat else _EARNED))


def _edges(grey: Picture) -> Floats:
    """Gradients in steps of those around them: a lamp post at dusk counts as it does at noon."""
    width = min(_WIDTH, grey.shape[1])
    size = (width, max(1, round(grey.shape[0] * width / grey.shape[1])))
    small = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), (3, 3), 0)
    across = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=0.25)
    steep = cv2.magnitude(across, down)
    return np.asarray(steep / (cv2.blur(steep, (31, 31)) + 2.0), np.float32)


def _coarse(edges: Floats) -> Floats:
    width = min(_COARSE, edges.shape[1])
    size = (width, max(1, round(edges.shape[0] * width / edges.shape[1])))
    return np.asarray(cv2.resize(edges, size, interpolation=cv2.INTER_AREA), np.float32)


def _window(shape: tuple[int, ...]) -> Floats:
    return np.asarray(cv2.createHanningWindow(shape[::-1], cv2.CV_32F), np.float32)


def _spots(edges: Floats) -> list[tuple[int, int]]:
    """Upper left corners of the tiles that have something to be found again by."""
    height, width = edges.shape
    spots = [
        (left, top)
        for top in range(0, height - _TILE + 1, _STEP)
        for left in range(0, width - _TILE + 1, _STEP)
    ]
    return [(x, y) for x, y in spots if edges[y : y + _TILE, x : x + _TILE].std() > 0.2]
