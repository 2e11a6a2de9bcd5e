"""How an excavation looks: its surface as heights on a grid, the pixels that see it, and the light that reaches it.

The empty scene was rendered without it, so its pixels are traced here: rays from the camera against the heights, a
matt surface, the sky by how much of it the surface sees, the sun by marching over the heights towards it. Shadows of
trees and houses are taken from the empty scene's own pass.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.ground import Earthwork
from bench.provingground.noise import fractal
from bench.provingground.outline import signed_distance
from bench.provingground.season.basis import Basis, Floats
from bench.provingground.season.script import Dig, Part
from bench.provingground.shadow import sun_direction

_CELLS = 224  # of the grid at most, along a side
_MARGIN = 14.0  # m round the outlines: room for a heap's shadow
_SLOPES = {"heap": 0.70, "pit": 1.1}  # as ground.Ground's
_STEPS = 56  # along a ray
_FAR = 24.0  # m over which a shadow is followed
_LUMP = 0.2  # m per px of the field of lumps
_BOUNCED = 0.05  # share of the sun's light on level ground that shadows inside a dig get from its walls
_DAMP = 0.93  # share of its colour that earth a metre down has: it is damp


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of `step` m, [rows, cols]; row 0 is the south edge. west, south: m of the first cell's middle."""

    west: float
    south: float
    step: float
    rows: int
    cols: int

    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x = self.west + self.step * np.arange(self.cols)
        y = self.south + self.step * np.arange(self.rows)
        across, along = np.meshgrid(x, y)
        return across, along

    def sampled(self, field: Floats, x: Floats, y: Floats) -> Floats:
        """Bilinear, the border's value beyond it."""
        across = ((x - self.west) / self.step).astype(np.float32)
        down = ((y - self.south) / self.step).astype(np.float32)
        taken = cv2.remap(field, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(taken, np.float32)


@dataclass(frozen=True, eq=False)
class Cut:
    """A dig at one size, in the part of the picture `rows`, `cols` it may change. cover: share of each pixel it fills,
    behind what stands before it; whole: the same as if nothing did. x, y: m of the surface seen. heights: the grid's."""

    works: tuple[Earthwork, ...]
    rows: slice
    cols: slice
    cover: Floats
    whole: Floats
    ground: NDArray[np.bool_]
    x: Floats
    y: Floats
    albedo: Floats
    normal: Floats
    open: Floats
    heights: Floats

    @property
    def box(self) -> tuple[slice, slice]:
        return self.rows, self.cols


class Earth:
    """One dig before one camera; keeps the last size it was asked for."""

    def __init__(self, basis: Basis, dig: Dig) -> None:
        self._basis, self.dig = basis, dig
        self._parts = dig.parts()
        self.grid = _grid(self._parts)
        self._kept: tuple[float, Cut] | None = None

    @cached_property
    def _natural(self) -> Floats:
        return self._basis.ground.height(*self.grid.places()).astype(np.float32)

    @cached_property
    def _distances(self) -> list[Floats]:
        """m inside each complete outline, on the grid."""
        return [signed_distance(p.work.outline, *self.grid.places()).astype(np.float32) for p in self._parts]

    @cached_property
    def _lumps(self) -> Floats:
        """-0.5 to 0.5, on the grid, fixed to the place: clods and the marks of a bucket."""
        field = fractal(512, 9, self.dig.seed + 900, 4)
        x, y = self.grid.places()
        return _tiled(field, x.astype(np.float32) / _LUMP, y.astype(np.float32) / _LUMP) - 0.5

    @cached_property
    def _grit(self) -> Floats:
        """Of unit spread, on the grid: stones and crumbs."""
        chance = np.random.default_rng(self.dig.seed)
        return chance.standard_normal((self.grid.rows, self.grid.cols), np.float32)

    def at(self, time: float) -> Cut | None:
        """The dig at a moment of the season, s; None before it begins or where the camera does not look."""
        share = self.dig.share(time)
        if not share:
            return None
        if self._kept is None or self._kept[0] != share:
            made = self._cut(math.sqrt(share), self.dig.works(time))
            self._kept = None if made is None else (share, made)
        return self._kept[1] if self._kept else None

    def sunlit(self, cut: Cut, angles: tuple[float, float]) -> tuple[Floats, Floats]:
        """What the sun gives the dug surface [h, w, 3] and the share of it that falls on the ground beside it [h, w]."""
        towards = sun_direction(*angles)
        dug = _reached(cut.heights, self.grid.step, towards)
        before = _reached(self._natural, self.grid.step, towards)
        facing = np.clip(cut.normal @ towards.astype(np.float32), 0, None)
        on_dug = self.grid.sampled(dug, cut.x, cut.y) * facing + _BOUNCED * max(0.0, float(towards[2]))
        beside = self.grid.sampled(np.clip(1 - (before - dug), 0, 1), cut.x, cut.y)
        return np.asarray(cut.albedo * on_dug[..., None], np.float32), np.where(cut.ground, beside, 1)

    def lamplit(self, cut: Cut) -> Floats:
        """[h, w] how much more a lamp beside the camera gives the dug surface than level ground there."""
        place = self._basis.camera.place.astype(np.float32)
        z = self.grid.sampled(cut.heights, cut.x, cut.y)
        towards = np.dstack([place[0] - cut.x, place[1] - cut.y, place[2] - z])
        facing = np.clip((cut.normal * towards).sum(-1), 0, None) / np.maximum(towards[..., 2], 1.0)
        return np.asarray(np.clip(facing, 0, 4), np.float32)

    def _cut(self, scale: float, works: tuple[Earthwork, ...]) -> Cut | None:
        inside = [self._scaled(*each, scale) for each in zip(self._parts, self._distances, strict=True)]
        heights = self._natural.copy()
        for work, distance in zip(works, inside, strict=True):
            heights += _change(work, distance, self._lumps)
        box = self._box(heights)
        if box is None:
            return None
        x, y, depth = _traced(self._basis, box, self.grid, heights)
        nearest = np.maximum.reduce(inside)
        return self._seen(works, box, (x, y, depth), heights, nearest, inside)

    def _scaled(self, part: Part, distance: Floats, scale: float) -> Floats:
        """The distance inside the outline shrunk about the part's middle."""
        x, y = (each.astype(np.float32) for each in self.grid.places())
        across = (x - part.middle[0]) / scale + part.middle[0]
        along = (y - part.middle[1]) / scale + part.middle[1]
        return scale * self.grid.sampled(distance, across, along)

    def _box(self, heights: Floats) -> tuple[slice, slice] | None:
        x, y = self.grid.places()
        camera = self._basis.camera
        corners = [np.column_stack([x.ravel(), y.ravel(), z.ravel()])[::7] for z in (self._natural, heights)]
        seen, depth = camera.project(np.concatenate(corners))
        seen = seen[depth > 2]
        if not len(seen):
            return None
        left, top = np.floor(seen.min(0)).clip(0, camera.size).astype(int).tolist()
        right, bottom = np.ceil(seen.max(0) + 1).clip(0, camera.size).astype(int).tolist()
        return (slice(top, bottom), slice(left, right)) if right - left > 1 and bottom - top > 1 else None

    def _seen(
        self,
        works: tuple[Earthwork, ...],
        box: tuple[slice, slice],
        hit: tuple[Floats, Floats, Floats],
        heights: Floats,
        nearest: Floats,
        inside: list[Floats],
    ) -> Cut:
        x, y, depth = hit
        basis, grid = self._basis, self.grid
        footprint = depth / basis.camera.focal
        whole = np.clip(0.5 + grid.sampled(nearest, x, y) / footprint, 0, 1).astype(np.float32)
        in_front = basis.depth[box] < depth - 0.5
        ground = basis.bare[box]
        cover = np.where(ground | ~in_front, whole, 0).astype(np.float32)
        earth = np.zeros((*heights.shape, 3), np.float32)
        for work, distance in zip(works, inside, strict=True):
            earth[distance > -grid.step] = work.colour or (0.26, 0.20, 0.135)
        tone = 1.02 + 0.5 * self._lumps + 0.14 * self._grit
        damp = _DAMP ** np.clip(self._natural - heights, 0, 3)
        albedo = np.dstack([grid.sampled(earth[..., band] * tone * damp, x, y) for band in range(3)])
        normal = np.dstack([grid.sampled(part, x, y) for part in _normals(heights, grid.step)])
        sky = grid.sampled(_open(heights, grid.step), x, y)
        return Cut(works, *box, cover, whole, ground, x, y, albedo, normal, sky, heights)


def _grid(parts: tuple[Part, ...]) -> Grid:
    corners = np.concatenate([part.work.outline for part in parts])
    low, high = corners.min(0) - _MARGIN, corners.max(0) + _MARGIN
    step = max(0.2, float((high - low).max()) / _CELLS)
    cols, rows = (np.ceil((high - low) / step).astype(int) + 1).tolist()
    return Grid(float(low[0]), float(low[1]), step, rows, cols)


def _change(work: Earthwork, inside: Floats, lumps: Floats) -> Floats:
    """m up or down, on the grid."""
    step = np.minimum(np.clip(inside, 0, None) * _SLOPES[work.kind], work.depth * (1 + 0.15 * lumps))
    rough = np.where(inside > 0, lumps * min(0.4, 0.1 + 0.12 * work.depth), 0)
    return np.asarray((step if work.kind == "heap" else -step) + rough, np.float32)


def _traced(
    basis: Basis, box: tuple[slice, slice], grid: Grid, heights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where each pixel's ray meets the heights: x, y in m and depth along the camera's axis; [h, w] each."""
    camera = basis.camera
    rows, cols = np.mgrid[box].astype(np.float32)
    ahead = np.stack(
        [
            (cols + 0.5 - camera.size[0] / 2) / camera.focal,
            (rows + 0.5 - camera.size[1] / 2) / camera.focal,
            np.ones_like(rows),
        ],
        -1,
    )
    ray = (ahead @ camera.rotation.astype(np.float32)).astype(np.float32)
    start = camera.place.astype(np.float32)
    falling = np.minimum(ray[..., 2], -1e-3)
    first = (float(heights.max()) + 0.1 - start[2]) / falling
    last = (float(heights.min()) - 0.1 - start[2]) / falling
    met, above = last.copy(), np.full(first.shape, 0.1, np.float32)
    open_ = np.ones(first.shape, bool)
    for step in range(1, _STEPS + 1):
        depth = first + (last - first) * (step / _STEPS)
        x, y = start[0] + depth * ray[..., 0], start[1] + depth * ray[..., 1]
        over = start[2] + depth * ray[..., 2] - grid.sampled(heights, x, y)
        crossed = open_ & (over <= 0)
        back = np.where(crossed, over / np.minimum(over - above, -1e-6), 0)
        met = np.where(crossed, depth - back * (last - first) / _STEPS, met)
        open_ &= ~crossed
        above = over
        if not open_.any():
            break
    x, y = start[0] + met * ray[..., 0], start[1] + met * ray[..., 1]
    return x.astype(np.float32), y.astype(np.float32), met.astype(np.float32)


def _reached(heights: Floats, step: float, towards: NDArray[np.float64]) -> Floats:
    """Share of the sun's disc that reaches each cell."""
    flat = math.hypot(towards[0], towards[1])
    rise = max(0.02, float(towards[2])) / max(flat, 1e-6)
    east, north = towards[0] / max(flat, 1e-6), towards[1] / max(flat, 1e-6)
    lit = np.ones_like(heights)
    far = min(_FAR, float(np.ptp(heights)) / rise + step)
    for away in np.arange(step, far + step, max(step, far / 40)):
        shift = np.array([[1, 0, away * east / step], [0, 1, away * north / step]], np.float32)
        size = heights.shape[1], heights.shape[0]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        there = cv2.warpAffine(heights, shift, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        over = there - heights - away * rise
        lit = np.minimum(lit, np.clip(1 - over / (0.05 + 0.01 * away), 0, 1))
    return np.asarray(lit, np.float32)


def _normals(heights: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    """x, y and z of the surface's unit normal."""
    across = cv2.Sobel(heights, cv2.CV_32F, 1, 0, ksize=3) / (8 * step)
    along = cv2.Sobel(heights, cv2.CV_32F, 0, 1, ksize=3) / (8 * step)
    length = np.sqrt(1 + across**2 + along**2)
    return -across / length, -along / length, 1 / length


def _open(heights: Floats, step: float) -> Floats:
    """Share of the sky that each cell sees: less in a hollow, less on a slope."""
    hollow = np.asarray(cv2.GaussianBlur(heights, (0, 0), 1.8 / step)) - heights
    upright = _normals(heights, step)[2]
    return np.asarray(np.clip(1 - 0.3 * np.clip(hollow, 0, None), 0.3, 1) * (0.5 + 0.5 * upright), np.float32)


def _tiled(field: Floats, across: Floats, down: Floats) -> Floats:
    """The field repeated without end, sampled at px places."""
    return np.asarray(
        cv2.remap(field, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32
    )
