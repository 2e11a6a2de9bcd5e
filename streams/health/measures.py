"""What one picture says of the camera that took it. Pure, NumPy and OpenCV only."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Floats = NDArray[np.float32]

WIDTH = 320  # px of the thumbnail that place and cover are judged on
_FINE = 640  # px of the one that focus is judged on: defocus takes the finest edges first
ROWS, COLUMNS = 9, 16  # cells: about 20 px of the thumbnail each, a tenth of a lorry near by
_STEP = 4  # every fourth pixel both ways is compared for sameness: thumbnails average sensor noise away
_WHITE = 230  # grey level of a sensor at its end: 235 is white in limited range, where most cameras keep to
_TALLEST = 1280  # px of a thumbnail: spoilt streams declare 16 x 4096, which would cost a gigabyte
_COARSE = 40  # px of the one whose edges any defocus leaves, and fog takes like the others
_OSD = 0.15  # of the height, above and below: a camera draws its clock there, which goes on when the sensor hangs
_FEATURES = 400  # corners looked for: some 3 per cell
_INLIERS = 14  # corners that must agree on one turn of the camera: by chance eight do
_FLAT = 0.02**2  # the square of a spread that is compression noise, grey levels per px
_BLACK = 30  # grey level below which nothing is seen


@dataclass(frozen=True, slots=True)
class Measures:
    """thumbnail: uint8 [h, WIDTH]; sample: uint8, every fourth pixel of the picture; edges: float32 [h, WIDTH],
    gradient magnitude, slightly blurred; texture: float32 [ROWS, COLUMNS], its mean per cell, grey levels per px.
    sharpness: fine over coarse second derivatives per cell: defocus lowers it, fog and dusk hardly do.
    mean: grey level. white, black: shares of the picture. size: width and height of the picture, px."""

    thumbnail: Luma
    sample: Luma
    edges: Floats
    texture: Floats
    sharpness: Floats
    mean: float
    white: float
    black: float
    size: tuple[int, int]


def measure(luma: Luma) -> Measures:
    """luma: uint8 [height, width], the Y plane; nothing of it is kept."""
    height, width = luma.shape
    fine = _scaled(luma, min(_FINE, width))
    small = _scaled(fine, WIDTH)
    edges = np.asarray(cv2.blur(_gradient(small), (3, 3)), np.float32)
    return Measures(
        thumbnail=small,
        sample=luma[::_STEP, ::_STEP].copy(),
        edges=edges,
        texture=_cells(edges),
        sharpness=_bends(fine) / (_bends(_scaled(small, _COARSE)) + 1),
        mean=float(small.mean()),
        white=float(np.count_nonzero(small >= _WHITE) / small.size),
        black=float(np.count_nonzero(small <= _BLACK) / small.size),
        size=(width, height),
    )


def _scaled(picture: Luma, width: int) -> Luma:
    extent = (width, min(max(ROWS, round(picture.shape[0] * width / picture.shape[1])), _TALLEST))
    return np.asarray(cv2.resize(picture, extent, interpolation=cv2.INTER_AREA), np.uint8)


def _gradient(picture: Luma) -> Floats:
    """Grey levels per px."""
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _bends(picture: Luma) -> Floats:
    """Second derivative, grey levels per px2, mean of its size per cell."""
    return _cells(np.abs(cv2.Laplacian(picture, cv2.CV_32F)))


def _cells(picture: Floats) -> Floats:
    return np.asarray(cv2.resize(picture, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)


def difference(one: Measures, other: Measures) -> tuple[float, float]:
    """Of the middle of two pictures, without what cameras write above and below: the share of sampled pixels that
    differ by more than one grey level, and the share of cells in which any does. 1.0 where sizes differ."""
    if one.sample.shape != other.sample.shape:
        return 1.0, 1.0
    rim = round(_OSD * one.sample.shape[0])
    middle = np.s_[rim : max(rim + 1, one.sample.shape[0] - rim)]
    change = (cv2.absdiff(one.sample[middle], other.sample[middle]) > 1).astype(np.float32)
    return float(change.mean()), float(np.count_nonzero(_cells(change)) / (ROWS * COLUMNS))


def match(one: Measures, other: Measures) -> Floats:
    """Correlation of the edges in each cell, -1 to 1, float32 [ROWS, COLUMNS]: what stands where it stood is near
    1, whatever the light. Cells without edges give 0."""
    if one.edges.shape != other.edges.shape:
        return np.zeros((ROWS, COLUMNS), np.float32)
    first, second = _cells(one.edges), _cells(other.edges)
    both = _cells(one.edges * other.edges) - first * second
    spread = (_cells(one.edges**2) - first**2) * (_cells(other.edges**2) - second**2)
    return np.asarray(both / np.sqrt(np.maximum(spread, _FLAT)), np.float32)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a camera turned: px of the full picture, degrees, and scale. sure: from 0 to 1, how much agrees on it."""

    across: float
    down: float
    angle: float
    zoom: float
    sure: float

    def farthest(self, size: tuple[int, int]) -> float:
        """px that a corner of the picture moved by. size: its width and height."""
        half = math.hypot(*size) / 2
        twist = half * math.hypot(self.zoom - 1, math.radians(self.angle))
        return math.hypot(self.across, self.down) + twist


def shift(one: Measures, other: Measures) -> Turn | None:
    """By phase correlation (Kuglin and Hines, 1975) of gradient images: light and shadow matter little, and the
    slightest shift shows; a turned picture does not. None: sizes differ."""
    if one.edges.shape != other.edges.shape:
        return None
    window = np.asarray(cv2.createHanningWindow(one.edges.shape[::-1], cv2.CV_32F), np.float32)
    # Copies: where nothing has to be padded, OpenCV lays the window over the pictures it is given.
    (across, down), sure = cv2.phaseCorrelate(one.edges.copy(), other.edges.copy(), window)
    scale = one.size[0] / WIDTH
    return Turn(across * scale, down * scale, 0.0, 1.0, float(sure))


def turn(one: Measures, other: Measures) -> Turn | None:
    """By corners found again (ORB, Rublee et al., ICCV 2011) and the similarity most of them agree on (RANSAC).
    None: too few do. Some 2 ms; for a picture that `match` finds strange."""
    finder = cv2.ORB.create(_FEATURES, fastThreshold=8, edgeThreshold=15, patchSize=15)
    corners, words = zip(
        *(finder.detectAndCompute(each.thumbnail, None) for each in (one, other)), strict=True
    )
    if any(each is None or len(each) < _INLIERS for each in words):
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(words[0], words[1])
    if len(pairs) < _INLIERS:
        return None
    before = np.array([corners[0][pair.queryIdx].pt for pair in pairs])
    after = np.array([corners[1][pair.trainIdx].pt for pair in pairs])
    matrix, agreed = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=2.0)
    if matrix is None or int(agreed.sum()) < _INLIERS:
        return None
    return _turned(np.asarray(matrix, np.float64), one, float(agreed.mean()))


def _turned(matrix: NDArray[np.float64], one: Measures, sure: float) -> Turn:
    """What a 2 x 3 similarity of thumbnails does to the middle of the picture."""
    height, width = one.thumbnail.shape
    middle = np.array([width / 2, height / 2])
    across, down = (matrix[:, :2] @ middle + matrix[:, 2] - middle) * (one.size[0] / WIDTH)
    angle = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    return Turn(float(across), float(down), angle, math.hypot(matrix[0, 0], matrix[1, 0]), sure)
