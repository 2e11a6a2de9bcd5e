"""The lorries of the demo's clip, cut out of it, and the ground they drive on."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge import assets

_EMPTY = 36  # pictures at the clip's beginning without a moving lorry
_CLIP_FPS = 10.0
_MARGIN = 6  # px of the clip round a lorry: its shadow
_SAME, _OTHER = 10, 30  # grey levels of difference: still ground, surely lorry
_SCALE = 3  # px of 1080p per px of the clip

Bytes = NDArray[np.uint8]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Path:
    """Where in the clip: first picture; boxes at some pictures (left, top, right, bottom px), and in between by
    interpolation; x of the edge it comes in by."""

    first: int
    last: int
    knots: tuple[tuple[int, tuple[float, float, float, float]], ...]
    edge: float


# As the clip's renderer placed them; boxes reach beyond the picture where the lorry does.
_PATHS = (
    _Path(
        37,
        90,
        (
            (37, (-76, 212, 8, 249)),
            (54, (51, 205, 134, 243)),
            (70, (165, 197, 244, 233)),
            (90, (295, 186, 369, 221)),
        ),
        0,
    ),
    _Path(
        60, 120, ((60, (608, 110, 655, 128)), (78, (546, 112, 592, 130)), (120, (400, 118, 447, 137))), 640
    ),
)


@dataclass(frozen=True, slots=True)
class _Cut:
    """One picture of a lorry: colours, how much of the ground they hide (0-1), its middle in the clip (px)."""

    colour: NDArray[np.float32]
    cover: NDArray[np.float32]
    centre: tuple[float, float]


class Lorry:
    """One lorry on its way in."""

    def __init__(self, cuts: list[_Cut], edge: float, hidden: float) -> None:
        """hidden: s on its way in until half of its length is in the picture."""
        self._cuts, self._edge, self.hidden = cuts, edge, hidden

    def paste(self, picture: Bytes, passed: float, size: float) -> None:
        """Into an I420 picture of 1080p, as it is `passed` s after it came in; size 1: as near as in the clip."""
        place = min(passed * _CLIP_FPS, len(self._cuts) - 1.001)
        number, part = int(place), place % 1
        cut, after = self._cuts[number], self._cuts[number + 1]
        x = cut.centre[0] + part * (after.centre[0] - cut.centre[0])
        y = cut.centre[1] + part * (after.centre[1] - cut.centre[1])
        x = self._edge + (x - self._edge) * size  # smaller is farther: slower too
        _blend(picture, cut, (x * _SCALE, y * _SCALE), size * _SCALE)


@cache
def _pictures() -> NDArray[np.uint8]:
    """[N, 360, 640, 3] BGR."""
    with av.open(str(assets.folder() / "demo" / "clip.mp4")) as container:
        return np.stack([frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)])


@cache
def _median() -> Bytes:
    return np.asarray(np.median(_pictures()[:_EMPTY], axis=0), np.uint8)


def ground(size: tuple[int, int]) -> Bytes:
    """The clip's empty ground, I420."""
    large = cv2.resize(_median(), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_BGR2YUV_I420), np.uint8)


@cache
def lorries() -> tuple[Lorry, ...]:
    return tuple(
        Lorry([_cut(path, number) for number in range(path.first, path.last)], path.edge, _hidden(path))
        for path in _PATHS
    )


def _hidden(path: _Path) -> float:
    for number in range(path.first, path.last):
        left, _, right, _ = _box(path, number)
        if min(right, _pictures().shape[2]) - max(left, 0) >= (right - left) / 2:
            return (number - path.first) / _CLIP_FPS
    raise AssertionError("it never comes in")


def _cut(path: _Path, number: int) -> _Cut:
    left, top, right, bottom = _box(path, number)
    return _cut_out(_pictures()[number], (left, top, right, bottom))


def _box(path: _Path, number: int) -> tuple[float, float, float, float]:
    at = [knot[0] for knot in path.knots]
    sides = np.array([knot[1] for knot in path.knots])
    left, top, right, bottom = (float(np.interp(number, at, sides[:, side])) for side in range(4))
    return left, top, right, bottom


def _cut_out(picture: Bytes, box: tuple[float, float, float, float]) -> _Cut:
    height, width = picture.shape[:2]
    x0, y0 = max(0, int(box[0]) - _MARGIN), max(0, int(box[1]) - _MARGIN)
    x1, y1 = min(width, int(box[2]) + _MARGIN), min(height, int(box[3]) + _MARGIN)
    part, empty = picture[y0:y1, x0:x1], _median()[y0:y1, x0:x1]
    change = cv2.absdiff(part, empty).max(axis=2).astype(np.float32)
    cover = np.clip((change - _SAME) / (_OTHER - _SAME), 0, 1)
    whole = cv2.morphologyEx(cover, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return _Cut(part.astype(np.float32), np.asarray(whole, np.float32), ((x0 + x1) / 2, (y0 + y1) / 2))


def _blend(picture: Bytes, cut: _Cut, centre: tuple[float, float], scale: float) -> None:
    """picture: I420, 1080 rows of luma; centre: px of it. What lies outside is left out."""
    rows, columns = picture.shape[0] * 2 // 3, picture.shape[1]
    height, width = (max(2, round(side * scale / 2) * 2) for side in cut.cover.shape)
    cover = cv2.resize(
        cut.cover, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    colour = cv2.resize(cut.colour, (width, height)).clip(0, 255).astype(np.uint8)
    planes = cv2.cvtColor(colour, cv2.COLOR_BGR2YUV_I420)
    x, y = round((centre[0] - width / 2) / 2) * 2, round((centre[1] - height / 2) / 2) * 2
    luma, chroma = planes[:height], planes[height:].reshape(2, height // 2, width // 2)
    _mix(picture[:rows], luma, cover, x, y)
    half = cv2.resize(cover, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    for plane, part in zip(picture[rows:].reshape(2, rows // 2, columns // 2), chroma, strict=True):
        _mix(plane, part, half, x // 2, y // 2)


def _mix(plane: Array, part: Array, cover: Array, x: int, y: int) -> None:
    left, right = max(0, -x), min(part.shape[1], plane.shape[1] - x)
    top, bottom = max(0, -y), min(part.shape[0], plane.shape[0] - y)
    if left >= right or top >= bottom:
        return
    target = plane[y + top : y + bottom, x + left : x + right]
    share = cover[top:bottom, left:right]
    mixed = target + share * (part[top:bottom, left:right].astype(np.float32) - target)
    target[:] = np.rint(mixed).astype(np.uint8)
