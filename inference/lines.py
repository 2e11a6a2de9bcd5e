"""Lines that are crossed: an open line of two or more points, and the tracks that went over it."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, Field

from inference.cast import Cast, picked
from inference.findings import Direction
from inference.geometry import Anchor, anchor_points
from inference.rule import Scene
from inference.tracks import Tracks
from streams.problem import Text

Floats = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

# px that every foot is taken to be beside where it is. A foot on the line, or a way through a corner of it, would be
# on either side as rounding has it; moved aside like all others it is on one, and stays there.
_ASIDE = np.array([0.7548776662e-4, 0.5698402910e-4])
_LEAST_STEP = 1e-6  # of the picture: two points closer than that have no direction between them


def _line(value: object) -> object:
    """Said as a whole: the members of a union would each complain of the other's shape."""
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise ValueError(
            Text(
                "needs 2 or more points [[x, y], [x, y]], from its first to its last",
                "须为 2 个或更多点 [[x, y], [x, y]]，从起点到终点",
            )
        )
    for number, point in enumerate(value, 1):
        if not _is_point(point):
            raise ValueError(
                Text(
                    f"point {number} needs two numbers [x, y] from 0 to 1 (shares of the picture)",
                    f"第 {number} 个点须为 0 到 1 之间的两个数 [x, y]（相对于画面）",
                )
            )
        if number > 1 and np.allclose(point, value[number - 2], rtol=0, atol=_LEAST_STEP):
            raise ValueError(
                Text(f"point {number} is the same as the one before", f"第 {number} 个点与前一个点相同")
            )
    return value


def _is_point(point: object) -> bool:
    if not isinstance(point, list | tuple) or len(point) != 2:
        return False
    return all(
        isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each <= 1 for each in point
    )


def _named_or_drawn(value: object) -> object:
    return value if isinstance(value, str) or value is None else _line(value)


Line = Annotated[Points, BeforeValidator(_line)]
"""Points x, y, relative 0-1 of the picture, origin top left."""


class LineSpec(BaseModel):
    """The settings of whatever looks at a line.

    line: its name on this stream, or its points. direction: that counts (inference.findings.Direction).
    margin: how far a track must get away from the line before it has crossed, in widths of its box: a box
        that trembles on the line crosses nothing.
    """

    line: Annotated[str | Points | None, BeforeValidator(_named_or_drawn)] = None
    direction: Literal["in", "out", "both"] = "both"
    margin: Annotated[float, Field(ge=0, le=5)] = 0.15


@dataclass(slots=True)
class _Path:
    """Of one track, relative to one line. net: crossings from left to right less those from right to left
    since it was last clear of the line. crossed: the directions it went, and when."""

    foot: Floats
    net: int = 0
    moment: float = 0.0
    crossed: dict[Direction, float] = field(default_factory=dict)
    told: set[Direction] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Crossed:
    """row: of the tracks. since: when it went over the line; it is told once it is clear of it."""

    row: int
    direction: Direction
    since: float


class Crossings:
    """State machine of one line. Steady time only (inference.steady). Each track once per direction."""

    def __init__(self, spec: LineSpec, anchor: Anchor, scene: Scene) -> None:
        """Raises ValueError on an unknown line, or none."""
        if spec.line is None:
            raise ValueError("needs line: the name of a line of this stream, or points [[x, y], [x, y]]")
        self.name = spec.line if isinstance(spec.line, str) else None
        self._points = (
            picked(spec.line, scene.lines, "line")
            if isinstance(spec.line, str)
            else np.asarray(spec.line, np.float64)
        )
        self._margin, self._anchor = spec.margin, anchor
        self._ways = {"both": set(Direction)}.get(spec.direction) or {Direction(spec.direction)}
        self._paths: dict[int, _Path] = {}

    def update(self, tracks: Tracks, size: tuple[int, int], now: float, cast: Cast) -> list[Crossed]:
        """Who is over the line now. A track that is called something else for the moment is told later."""
        ids = tracks.ids.tolist()
        self._paths = {track: self._paths[track] for track in ids if track in self._paths}
        feet = anchor_points(tracks.boxes, self._anchor)
        line = self._points * size
        called = cast.called(tracks)
        for row in np.flatnonzero(tracks.seen).tolist():
            width = float(tracks.boxes[row, 2] - tracks.boxes[row, 0])
            self._go(ids[row], feet[row], line, self._margin * width, now)
        return [
            crossed
            for row in np.flatnonzero(tracks.seen & called).tolist()
            for crossed in self._tell(row, self._paths[ids[row]])
        ]

    def _go(self, track: int, foot: Floats, line: Floats, margin: float, now: float) -> None:
        path = self._paths.setdefault(track, _Path(foot))
        passed = crossings(line, path.foot, foot)
        path.foot = foot
        if passed:
            path.net, path.moment = path.net + passed, now
        if path.net and distance(line, foot) >= margin:
            path.crossed.setdefault(Direction.IN if path.net > 0 else Direction.OUT, path.moment)
            path.net = 0

    def _tell(self, row: int, path: _Path) -> list[Crossed]:
        due = [way for way in path.crossed if way in self._ways and way not in path.told]
        path.told.update(due)
        return [Crossed(row, way, path.crossed[way]) for way in due]


def crossings(line: Floats, start: Floats, end: Floats) -> int:
    """How often the way from start to end goes over the line from left to right, less the other way round.

    line: [N, 2]; start, end: [2]; px, x to the right, y down; left and right for who walks along the line. Adds
    up over the pieces of a way: there and back is nothing, and a way cut in two is the same way.
    """
    start, end = start + _ASIDE, end + _ASIDE
    along = line[1:] - line[:-1]
    corner_right = _cross(end - start, line - start) > 0  # of each corner: to the right of the way
    from_right, to_right = (_cross(along, foot - line[:-1]) > 0 for foot in (start, end))
    meets = (corner_right[1:] != corner_right[:-1]) & (from_right != to_right)
    return int(np.where(to_right, 1, -1)[meets].sum())


def distance(line: Floats, point: Floats) -> float:
    """From a point [2] to the nearest of the line [N, 2]."""
    start, along = line[:-1], line[1:] - line[:-1]
    square = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((point - start) * along).sum(axis=1) / square, 0, 1)
    gap: Floats = point - (start + share[:, None] * along)
    return float(np.sqrt((gap**2).sum(axis=1)).min())


def _cross(a: Floats, b: Floats) -> Floats:
    """Positive where b points to the right of a, y being down."""
    product: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product
