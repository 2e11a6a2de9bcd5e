"""Solid shapes from boxes, prisms, tubes and sheets, without a renderer."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.provingground.paint import Paint
from bench.provingground.transforms import IDENTITY, Matrix, Points, apply, move, turn_y, turn_z, unit

Corner = Sequence[float]  # x, y, z in m
Profile = Sequence[tuple[float, float]]  # x, z in m
Face = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A mesh. points: float64 [n, 3] m. faces: indices into points. painted, smooth: one entry per face."""

    points: Points
    faces: tuple[Face, ...]
    paints: tuple[Paint, ...]
    painted: NDArray[np.int32]
    smooth: NDArray[np.bool_]


@dataclass(slots=True)
class _Store:
    points: list[Points] = field(default_factory=list)
    count: int = 0
    faces: list[Face] = field(default_factory=list)
    paints: dict[Paint, int] = field(default_factory=dict)
    painted: list[int] = field(default_factory=list)
    smooth: list[bool] = field(default_factory=list)


class Body:
    """Collects parts; `at` gives the same body in another frame, for what hinges on it."""

    def __init__(self, frame: Matrix = IDENTITY, store: _Store | None = None) -> None:
        self.frame = frame
        self._store = store if store is not None else _Store()

    def at(self, frame: Matrix) -> "Body":
        """Parts added to the result land in this body, moved by `frame` first."""
        return Body(self.frame @ frame, self._store)

    def shape(self) -> Shape:
        store = self._store
        points = np.concatenate(store.points) if store.points else np.zeros((0, 3))
        painted, smooth = np.array(store.painted, np.int32), np.array(store.smooth, bool)
        return Shape(points, tuple(store.faces), tuple(store.paints), painted, smooth)

    def add(
        self, points: Points | Sequence[Corner], faces: Iterable[Face], paint: Paint, smooth: bool = False
    ) -> None:
        store = self._store
        moved = apply(self.frame, points)
        index = store.paints.setdefault(paint, len(store.paints))
        for face in faces:
            store.faces.append(tuple(store.count + corner for corner in face))
            store.painted.append(index)
            store.smooth.append(smooth)
        store.points.append(moved)
        store.count += len(moved)

    def box(self, centre: Corner, size: Corner, paint: Paint, pitch: float = 0.0, yaw: float = 0.0) -> None:
        frame = move(*centre) @ turn_z(yaw) @ turn_y(pitch)
        signs = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
        self.add(apply(frame, np.array(signs) * np.asarray(size)), _BOX, paint)

    def span(self, low: Corner, high: Corner, paint: Paint) -> None:
        """The box between two opposite corners."""
        first, second = np.asarray(low, float), np.asarray(high, float)
        self.box(((first + second) / 2).tolist(), np.abs(second - first).tolist(), paint)

    def prism(self, profile: Profile, low: float, high: float, paint: Paint, smooth: bool = False) -> None:
        """An outline in x and z, drawn out from y = low to y = high."""
        count = len(profile)
        ring = list(profile) if _clockwise(profile) == (high > low) else list(profile)[::-1]
        points = [(x, low, z) for x, z in ring] + [(x, high, z) for x, z in ring]
        self.add(points, [tuple(range(count))[::-1], tuple(range(count, 2 * count))], paint)
        self.add(
            points,
            [(i, (i + 1) % count, (i + 1) % count + count, i + count) for i in range(count)],
            paint,
            smooth,
        )

    def tube(
        self,
        start: Corner,
        end: Corner,
        radius: float,
        paint: Paint,
        sides: int = 8,
        end_radius: float | None = None,
        smooth: bool = True,
    ) -> None:
        """A closed cylinder, or a cone with end_radius."""
        axis = unit(np.asarray(end, float) - np.asarray(start, float))
        across = unit(np.cross(axis, (0.0, 0.0, 1.0) if abs(axis[2]) < 0.9 else (1.0, 0.0, 0.0)))
        other = np.cross(axis, across)
        angles = np.arange(sides) * 2 * math.pi / sides
        ring = np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * other
        last = radius if end_radius is None else end_radius
        points = np.concatenate([np.asarray(start) + radius * ring, np.asarray(end) + last * ring])
        self.add(
            points,
            [(i, (i + 1) % sides, (i + 1) % sides + sides, i + sides) for i in range(sides)],
            paint,
            smooth,
        )
        self.add(points, [tuple(range(sides))[::-1], tuple(range(sides, 2 * sides))], paint)

    def patch(self, corners: Sequence[Corner], paint: Paint) -> None:
        """One flat polygon."""
        self.add(corners, [tuple(range(len(corners)))], paint)

    def sheet(self, xs: Points, ys: Points, height: Callable[[Points, Points], Points], paint: Paint) -> None:
        """A smooth surface z = height(x, y) over a grid; height takes arrays."""
        across, along = np.meshgrid(xs, ys)
        points = np.stack([across, along, height(across, along)], -1).reshape(-1, 3)
        wide, deep = len(xs), len(ys)
        cells = ((row * wide + col) for row in range(deep - 1) for col in range(wide - 1))
        self.add(points, [(c, c + 1, c + wide + 1, c + wide) for c in cells], paint, smooth=True)

    def lathe(
        self, profile: Sequence[tuple[float, float]], centre: Corner, side: int, paint: Paint, sides: int
    ) -> None:
        """A profile of (offset along y, radius) turned round an axis along y; side mirrors the offset."""
        offsets, radii = np.array(profile).T
        angles = np.arange(sides) * 2 * math.pi / sides
        x = centre[0] + np.outer(np.cos(angles), radii)
        z = centre[2] + np.outer(np.sin(angles), radii)
        y = np.broadcast_to(centre[1] + side * offsets, x.shape)
        count = len(profile)
        faces = [
            (i * count + j, (i + 1) % sides * count + j, (i + 1) % sides * count + j + 1, i * count + j + 1)
            for i in range(sides)
            for j in range(count - 1)
        ]
        self.add(np.stack([x, y, z], -1).reshape(-1, 3), faces, paint, smooth=True)


_BOX: tuple[Face, ...] = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def _clockwise(profile: Profile) -> bool:
    x, z = np.array(profile, float).T
    return bool(np.sum(x * np.roll(z, -1) - np.roll(x, -1) * z) < 0)
