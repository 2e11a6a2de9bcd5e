"""What one picture says of the camera that took it. Pure, NumPy and OpenCV only."""

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
_WHITE = 250  # grey level of a sensor at its end
_DIM = 16.0  # grey levels: what is added to the brightness, so that noise in the dark is no detail
_FLAT = 0.02**2  # the square of a spread that is compression noise, grey levels per px
_BLACK = 30  # grey level below which nothing is seen


@dataclass(frozen=True, slots=True)
class Measures:
    """thumbnail: uint8 [h, WIDTH]; sample: uint8, every fourth pixel of the picture; edges: float32 [h, WIDTH],
    gradient magnitude, slightly blurred; texture: float32 [ROWS, COLUMNS], its mean per cell, grey levels per px;
    detail: the same of a larger thumbnail, as a share of the brightness, so that dusk does not look like defocus.
    mean: grey level. white, black: shares of the picture. size: width and height of the picture, px."""

    thumbnail: Luma
    sample: Luma
    edges: Floats
    texture: Floats
    detail: Floats
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
    mean = float(small.mean())
    return Measures(
        thumbnail=small,
        sample=luma[::_STEP, ::_STEP].copy(),
        edges=edges,
        texture=_cells(edges),
        detail=_cells(_gradient(fine)) / np.float32(mean + _DIM),
        mean=mean,
        white=float(np.count_nonzero(small >= _WHITE) / small.size),
        black=float(np.count_nonzero(small <= _BLACK) / small.size),
        size=(width, height),
    )


def _scaled(picture: Luma, width: int) -> Luma:
    extent = (width, max(ROWS, round(picture.shape[0] * width / picture.shape[1])))
    return np.asarray(cv2.resize(picture, extent, interpolation=cv2.INTER_AREA), np.uint8)


def _gradient(picture: Luma) -> Floats:
    """Grey levels per px."""
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _cells(picture: Floats) -> Floats:
    return np.asarray(cv2.resize(picture, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)


def sameness(one: Measures, other: Measures) -> float:
    """Share of the sampled pixels that differ by more than one grey level; 1.0 where sizes differ."""
    if one.sample.shape != other.sample.shape:
        return 1.0
    change = cv2.absdiff(one.sample, other.sample)
    return float(np.count_nonzero(change > 1) / change.size)


def match(one: Measures, other: Measures) -> Floats:
    """Correlation of the edges in each cell, -1 to 1, float32 [ROWS, COLUMNS]: what stands where it stood is near
    1, whatever the light. Cells without edges give 0."""
    if one.edges.shape != other.edges.shape:
        return np.zeros((ROWS, COLUMNS), np.float32)
    first, second = _cells(one.edges), _cells(other.edges)
    both = _cells(one.edges * other.edges) - first * second
    spread = (_cells(one.edges**2) - first**2) * (_cells(other.edges**2) - second**2)
    return np.asarray(both / np.sqrt(np.maximum(spread, _FLAT)), np.float32)


def shift(one: Measures, other: Measures) -> tuple[float, float, float]:
    """How far the edges moved, px of the full picture, and how sure that is (0 to 1).

    Phase correlation (Kuglin and Hines, 1975) of gradient images, so that light and shadow matter little.
    """
    if one.edges.shape != other.edges.shape:
        return 0.0, 0.0, 0.0
    window = np.asarray(cv2.createHanningWindow(one.edges.shape[::-1], cv2.CV_32F), np.float32)
    # Copies: where nothing has to be padded, OpenCV lays the window over the pictures it is given.
    (across, down), sure = cv2.phaseCorrelate(one.edges.copy(), other.edges.copy(), window)
    scale = one.size[0] / WIDTH
    return float(across * scale), float(down * scale), float(sure)
