"""How one picture on the grid lies on another. Pure; loads OpenCV.

SIFT (Lowe, IJCV 2004; RootSIFT: Arandjelovic and Zisserman, CVPR 2012) where both show ground, matched only as far
apart as the poses allow, and a homography by MAGSAC++ (Barath et al., CVPR 2020). Poses put both within metres of
each other; what lies further than three of their sigmas, or rests on one corner of the picture, is refused.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.survey.refusal import NotCompared, not_registered
from inference.survey.view import Mask, Picture
from streams.problem import Text

Floats = NDArray[np.float64]

_FEATURES = 3000
_MOST = 1_000_000  # cells that features are sought in: finer ones do not survive a season
_RATIO = 0.8  # Lowe's: of the nearest to the second nearest
_NEAR = 2.0  # cells of the searched picture: what a homography leaves on uneven ground is more, and falls out
_LEAST = 20  # matches that agree: 8 numbers are fitted, and chance agrees on half a dozen
_LEAST_SHARE = 0.15  # of the matches: a season changes most of what grows
_BLOCKS = 4  # per side: where the agreeing matches have to lie
_LEAST_SPREAD = 0.35  # of the blocks that both show: what lies in one corner turns the far one
_TURN = 0.15  # of the size: how much a yaw of 3 sigma (9 degrees) or a height of 3 sigma moves the edges


@dataclass(frozen=True, slots=True)
class Registration:
    """onto: float64 [3, 3], cells of the earlier picture to cells of the later. residual_m: root mean square of the
    agreeing matches. matches: how many agree. share: of all. spread: of the blocks of the overlap, with a match.
    shift_m: how far the poses were apart in the middle."""

    onto: Floats
    residual_m: float
    matches: int
    share: float
    spread: float
    shift_m: float


def registered(
    earlier: tuple[Picture, Mask], later: tuple[Picture, Mask], cell: float, reach: float
) -> Registration:
    """earlier, later: as View.laid gives them, of one grid. cell: m. reach: m, how far apart the poses may put the
    same thing. Raises NotCompared."""
    scale = min(1.0, float(np.sqrt(_MOST / earlier[1].size)))
    ours, theirs = _features(*earlier, scale), _features(*later, scale)
    size = float(max(earlier[1].shape)) * scale
    here, there = _matches(ours, theirs, reach / cell * scale + _TURN * size)
    if len(here) < _LEAST:
        raise NotCompared(not_registered(_few(len(here))))
    onto, kept = cv2.findHomography(here, there, cv2.USAC_MAGSAC, _NEAR, maxIters=5000, confidence=0.9999)
    agreed = kept.ravel() > 0 if onto is not None else np.zeros(len(here), np.bool_)
    if agreed.sum() < _LEAST or agreed.mean() < _LEAST_SHARE:
        raise NotCompared(not_registered(_few(int(agreed.sum()))))
    grow = np.diag([scale, scale, 1.0])
    matrix = np.linalg.inv(grow) @ np.asarray(onto, np.float64) @ grow
    left = cv2.perspectiveTransform(here[agreed][:, None], onto)[:, 0] - there[agreed]
    spread = _spread(here[agreed] / scale, earlier[1] & later[1])
    shift = _shift(matrix, earlier[1].shape) * cell
    _gate(spread, shift, reach)
    residual = float(np.sqrt((left**2).sum(axis=1).mean())) / scale * cell
    return Registration(matrix, residual, int(agreed.sum()), float(agreed.mean()), spread, shift)


def _gate(spread: float, shift: float, reach: float) -> None:
    if spread < _LEAST_SPREAD:
        raise NotCompared(not_registered(_CORNER))
    if shift > reach:
        raise NotCompared(not_registered(_far(shift, reach)))


def _features(picture: Picture, shown: Mask, scale: float) -> tuple[Floats, NDArray[np.float32]]:
    """Places float64 [N, 2] in the reduced picture, and descriptors float32 [N, 128] of length 1."""
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    # The edge of what is shown is no feature of the ground.
    mask = cv2.erode(
        cv2.resize(shown.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), np.ones((9, 9), np.uint8)
    )
    points, told = cv2.SIFT.create(_FEATURES, contrastThreshold=0.02).detectAndCompute(grey, mask)
    if told is None:
        return np.zeros((0, 2)), np.zeros((0, 128), np.float32)
    rooted = np.sqrt(told / (told.sum(axis=1, keepdims=True) + 1e-6))
    return np.array([point.pt for point in points], np.float64), np.asarray(rooted, np.float32)


def _matches(
    ours: tuple[Floats, NDArray[np.float32]], theirs: tuple[Floats, NDArray[np.float32]], reach: float
) -> tuple[Floats, Floats]:
    """Pairs of places [N, 2] that are each other's nearest within reach (cells), by Lowe's ratio."""
    if min(len(ours[0]), len(theirs[0])) < 2:
        return np.zeros((0, 2)), np.zeros((0, 2))
    alike = ours[1] @ theirs[1].T
    off = np.linalg.norm(ours[0][:, None] - theirs[0][None], axis=2)
    alike[off > reach] = -1.0
    two = np.partition(alike, -2, axis=1)[:, -2:]
    nearest = alike.argmax(axis=1)
    mutual = alike.argmax(axis=0)[nearest] == np.arange(len(nearest))
    distance = np.sqrt(np.maximum(2 - 2 * two, 0))
    good = mutual & (two[:, 1] > 0) & (distance[:, 1] < _RATIO * distance[:, 0])
    return ours[0][good], theirs[0][nearest[good]]


def _spread(places: Floats, both: Mask) -> float:
    """Of the blocks with ground in both, the share that has a match."""
    height, width = both.shape
    rows = np.minimum((places[:, 1] * _BLOCKS / height).astype(int), _BLOCKS - 1)
    columns = np.minimum((places[:, 0] * _BLOCKS / width).astype(int), _BLOCKS - 1)
    blocks = cv2.resize(both.astype(np.float32), (_BLOCKS, _BLOCKS), interpolation=cv2.INTER_AREA) > 0.3
    hit = np.zeros_like(blocks)
    hit[rows, columns] = True
    return float((hit & blocks).sum() / max(1, blocks.sum()))


def _shift(matrix: Floats, shape: tuple[int, int]) -> float:
    middle = np.array([[[shape[1] / 2, shape[0] / 2]]])
    return float(np.linalg.norm(cv2.perspectiveTransform(middle, matrix) - middle))


def _few(matches: int) -> Text:
    return Text(f"only {matches} points were found again in both", f"两幅画面中仅有 {matches} 个同名点吻合")


def _far(shift: float, reach: float) -> Text:
    return Text(
        f"the pictures agree {shift:.0f} m apart, the poses allow {reach:.0f} m",
        f"匹配结果相差 {shift:.0f} 米，超出姿态误差允许的 {reach:.0f} 米",
    )


_CORNER = Text("what was found again lies in one part of the picture only", "同名点集中在画面一角")
