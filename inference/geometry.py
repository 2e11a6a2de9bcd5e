"""Points, boxes and polygons in the plane: x to the right, y down."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.problem import Text

Points = NDArray[np.float64]

_TOUCH = 1e-9  # of a picture's width: far below a pixel, far above float64 rounding
_LEAST_AREA = 1e-6  # of the picture: two pixels of a 1080p one


class Anchor(StrEnum):
    """The point of a box that counts. Bottom centre is where wheels meet the ground."""

    BOTTOM_CENTER = "bottom_center"
    CENTER = "center"
    TOP_CENTER = "top_center"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM_RIGHT = "bottom_right"


# Each anchor as shares of the box: how far from x1 to x2, and from y1 to y2.
_SHARES = {
    Anchor.BOTTOM_CENTER: (0.5, 1.0),
    Anchor.CENTER: (0.5, 0.5),
    Anchor.TOP_CENTER: (0.5, 0.0),
    Anchor.BOTTOM_LEFT: (0.0, 1.0),
    Anchor.BOTTOM_RIGHT: (1.0, 1.0),
}


def anchor_points(boxes: NDArray[np.floating[Any]], anchor: Anchor) -> Points:
    """float64 [N, 2] for boxes [N, 4] (x1 y1 x2 y2), in the units of the boxes."""
    wide = np.asarray(boxes, np.float64)
    share = np.array(_SHARES[anchor])
    points: Points = wide[:, :2] * (1 - share) + wide[:, 2:] * share
    return points


def inside(points: Points, polygon: Points) -> NDArray[np.bool_]:
    """bool [N]: which points [N, 2] lie in the polygon [M, 2]. Both relative 0-1.

    Even-odd rule, the boundary counts as inside (to within 1e-9). The polygon closes by itself.
    """
    start, end = polygon, np.roll(polygon, -1, axis=0)
    along = end - start
    offset = points[:, None, :] - start
    cross = along[:, 0] * offset[..., 1] - along[:, 1] * offset[..., 0]
    spans = (start[:, 1] > points[:, 1:]) != (end[:, 1] > points[:, 1:])
    # An edge that spans the point's height is crossed by the ray to the right when the point is left of it.
    crossed = spans & ((cross < 0) == (along[:, 1] > 0))
    odd = (np.count_nonzero(crossed, axis=1) & 1).astype(bool)
    contained: NDArray[np.bool_] = odd | _on_edge(offset, along).any(axis=1)
    return contained


def _on_edge(offset: Points, along: Points) -> NDArray[np.bool_]:
    """bool [N, M]: the point lies within _TOUCH of the edge. offset: [N, M, 2] from the edge's start."""
    square = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip((offset * along).sum(axis=2) / square, 0, 1)
    gap = offset - share[..., None] * along
    near: NDArray[np.bool_] = (gap**2).sum(axis=2) <= _TOUCH**2
    return near


def overlap(first: Points, second: Points, buffer: NDArray[np.float64] | None = None) -> Points:
    """Intersection over union, float64 [N, M], of boxes [N, 4] and [M, 4] of positive area.

    buffer: float64 [N]: each first box and its partner are grown by this much on every side before they are
    compared (buffered IoU: Yang et al., WACV 2023, arXiv:2211.14317).
    """
    grow = np.zeros((len(first), 1)) if buffer is None else 2 * buffer[:, None]
    a, b = first.T[:, :, None], second.T[:, None, :]
    width = np.maximum(np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]) + grow, 0)
    height = np.maximum(np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]) + grow, 0)
    common = width * height
    ours = (a[2] - a[0] + grow) * (a[3] - a[1] + grow)
    theirs = (b[2] - b[0] + grow) * (b[3] - b[1] + grow)
    share: Points = common / (ours + theirs - common)
    return share


@dataclass(frozen=True, slots=True)
class PolygonTrouble:
    """Why a polygon cannot be a zone. code: few, shape, number, range, repeated, crossing or area."""

    code: str
    text: Text


def polygon_trouble(points: Sequence[Sequence[float]] | Points) -> PolygonTrouble | None:
    """The first thing wrong with a polygon in relative 0-1 coordinates, or None.

    Points are counted from 1 in the texts, as people count.
    """
    if len(points) < 3:
        return _trouble(
            "few", f"needs at least 3 points, has {len(points)}", f"至少需要3个点，现有{len(points)}个"
        )
    for number, point in enumerate(points, 1):
        if len(point) != 2:
            return _trouble(
                "shape",
                f"point {number} needs x and y, has {len(point)} values",
                f"第{number}个点需要x和y两个值",
            )
    polygon = np.asarray(points, np.float64)
    return _outlying(polygon) or _repeated(polygon) or _crossing(polygon) or _flat(polygon)


def _outlying(polygon: Points) -> PolygonTrouble | None:
    for number, (x, y) in enumerate(polygon.tolist(), 1):
        if not (np.isfinite(x) and np.isfinite(y)):
            return _trouble("number", f"point {number} is not a number", f"第{number}个点不是有效数字")
        if not (0 <= x <= 1 and 0 <= y <= 1):
            return _trouble(
                "range",
                f"point {number} ({x:g}, {y:g}) is outside the picture: x and y go from 0 to 1",
                f"第{number}个点（{x:g}, {y:g}）超出画面：x和y应在0到1之间",
            )
    return None


def _repeated(polygon: Points) -> PolygonTrouble | None:
    seen: dict[tuple[float, float], int] = {}
    for number, (x, y) in enumerate(polygon.tolist(), 1):
        earlier = seen.setdefault((x, y), number)
        if earlier != number:
            return _trouble(
                "repeated",
                f"point {number} is the same as point {earlier}: leave one out (it closes by itself)",
                f"第{number}个点与第{earlier}个点相同：请删去一个（多边形会自动闭合）",
            )
    return None


def _crossing(polygon: Points) -> PolygonTrouble | None:
    crossing = np.argwhere(np.triu(_touching(polygon)))
    if not len(crossing):
        return None
    one, other = (int(edge) + 1 for edge in crossing[0])
    return _trouble(
        "crossing",
        f"crosses itself: the side after point {one} and the side after point {other} meet",
        f"多边形自相交：第{one}个点之后的边与第{other}个点之后的边相交",
    )


def _touching(polygon: Points) -> NDArray[np.bool_]:
    """bool [M, M]: sides that meet where they must not. Neighbours share a corner, but may not fold back."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    to_start = _turn(start[:, None], end[:, None], start[None])
    to_end = _turn(start[:, None], end[:, None], end[None])
    apart = to_start * to_end > 0
    low, high = np.minimum(start, end), np.maximum(start, end)
    boxes_meet = ((low[:, None] <= high[None]) & (low[None] <= high[:, None])).all(axis=2)
    meet: NDArray[np.bool_] = ~apart & ~apart.T & boxes_meet
    edge = np.arange(len(polygon))
    following = np.roll(edge, -1)
    onward = ((end - start) * (end[following] - start[following])).sum(axis=1)
    folds = (to_end[edge, following] == 0) & (onward < 0)
    meet[edge, edge] = False
    meet[edge, following] = meet[following, edge] = folds
    return meet


def _turn(a: Points, b: Points, c: Points) -> Points:
    """Sign of the area of a, b, c: on which side of the line a-b lies c."""
    ab, ac = b - a, c - a
    return np.sign(ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0])


def _flat(polygon: Points) -> PolygonTrouble | None:
    if area(polygon) >= _LEAST_AREA:
        return None
    return _trouble("area", "encloses no area", "多边形没有面积")


def area(polygon: Points) -> float:
    """Enclosed area of a simple polygon [M, 2], in squared units of its coordinates (shoelace formula)."""
    x, y = (polygon - polygon[0]).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _trouble(code: str, en: str, zh: str) -> PolygonTrouble:
    return PolygonTrouble(code, Text(en, zh))
