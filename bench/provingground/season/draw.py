"""Machines laid into a picture without the renderer: their faces from far to near, matt, and their shadows.

Small beside a rendering in its reflections and its ambient shade; exact in place, outline and shadow.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera
from bench.provingground.fleet.model import Model
from bench.provingground.ground import Ground
from bench.provingground.paint import DUST, Colour
from bench.provingground.transforms import Matrix, apply

Floats = NDArray[np.float32]
Polygons = list[NDArray[np.int32]]
Area = tuple[slice, slice]

_FINER = 2  # times larger than the picture, for soft edges
_BITS = 4  # binary places of a corner's position
_LONGEST = 40.0  # m; a longer shadow is too faint at its end to be seen


@dataclass(frozen=True, eq=False)
class Skin:
    """A model's faces. corners: indices into points, of each face. colours: linear RGB [n, 3]. glows: [n]."""

    points: NDArray[np.float64]
    corners: tuple[tuple[int, ...], ...]
    normals: NDArray[np.float64]
    middles: NDArray[np.float64]
    colours: Floats
    glows: Floats


def skin(model: Model, livery: tuple[Colour, Colour]) -> Skin:
    shape = model.shape
    middles = np.array([shape.points[list(face)].mean(0) for face in shape.faces])
    normals = np.array([_normal(shape.points[list(face)]) for face in shape.faces])
    colours = np.empty((len(shape.faces), 3), np.float32)
    for index, painted in enumerate(shape.painted):
        paint = shape.paints[painted]
        own = {"c1": livery[0], "c2": livery[1]}.get(paint.slot, paint.colour)
        low, high = paint.dirty
        share = paint.dirt * float(np.interp(middles[index, 2], (low, high), (1.0, 0.25)))
        colours[index] = (1 - share) * np.array(own) + share * np.array(DUST)
    glows = np.array([shape.paints[painted].glow for painted in shape.painted], np.float32)
    return Skin(shape.points, shape.faces, normals, middles, colours, glows)


def _normal(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Newell's: sound for polygons that are not quite flat."""
    following = np.roll(points, -1, axis=0)
    made = np.cross(points, following).sum(0)
    return np.asarray(made / max(1e-12, float(np.linalg.norm(made))))


@dataclass(frozen=True, eq=False)
class Drawn:
    """A machine in the picture's part `area`. colour: [h, w, 3], times cover; cover: [h, w] 0 to 1. depth: m."""

    area: Area
    colour: Floats
    cover: Floats
    depth: float


def drawn(
    skin_: Skin, frame: Matrix, camera: Camera, sky: Floats, sun: Floats, towards: Floats
) -> Drawn | None:
    """sky, sun: light RGB, as for the basis' passes. towards: [3], to the sun. None: it is not in the picture."""
    points = apply(frame, skin_.points)
    pixels, depth = camera.project(points)
    if (depth < 2).any():
        return None
    area = _area(pixels, camera.size)
    if area is None:
        return None
    normals = skin_.normals @ frame[:3, :3].T
    middles = apply(frame, skin_.middles)
    shown = np.flatnonzero(((middles - camera.place) * normals).sum(1) < 0)
    far_first = shown[np.argsort(-np.linalg.norm(middles[shown] - camera.place, axis=1))]
    lit = _lit(skin_, normals, sky, sun, towards)
    canvas = _canvas(area, 4)
    corners = _fixed(pixels, area)
    for face in far_first.tolist():
        red, green, blue = lit[face].tolist()
        cv2.fillConvexPoly(canvas, corners[list(skin_.corners[face])], (red, green, blue, 1.0), shift=_BITS)
    small = _reduced(canvas)
    return Drawn(area, small[..., :3], small[..., 3], float(depth.min()))


def _lit(skin_: Skin, normals: NDArray[np.float64], sky: Floats, sun: Floats, towards: Floats) -> Floats:
    facing = np.clip(normals @ towards, 0, None)[:, None]
    around = 0.45 + 0.4 * normals[:, 2:] + 0.12  # the sky above, the ground's reflection below
    return np.asarray(skin_.colours * (around * sky + facing * sun + skin_.glows[:, None]), np.float32)


def shadow(
    skin_: Skin, frame: Matrix, camera: Camera, towards: Floats, ground: Ground
) -> tuple[Area, Floats] | None:
    """The share of the sun that a machine takes from the ground behind it, [h, w] 0 to 1."""
    points = apply(frame, skin_.points)
    floor = float(ground.height(frame[0, 3], frame[1, 3]))
    run = np.minimum((points[:, 2] - floor) / max(float(towards[2]), 0.02), _LONGEST)
    fallen = points - run[:, None] * towards.astype(np.float64)
    fallen[:, 2] = ground.height(fallen[:, 0], fallen[:, 1])
    facing = np.flatnonzero(skin_.normals @ frame[:3, :3].T @ towards > 0)
    return _stain(fallen, [skin_.corners[face] for face in facing.tolist()], camera)


def contact(skin_: Skin, frame: Matrix, camera: Camera, ground: Ground) -> tuple[Area, Floats] | None:
    """The share of the sky that a machine takes from the ground it stands on."""
    points = apply(frame, skin_.points)
    hull = cv2.convexHull(points[:, :2].astype(np.float32))[:, 0].astype(np.float64)
    below = np.column_stack([hull, ground.height(hull[:, 0], hull[:, 1])])
    return _stain(below, [tuple(range(len(below)))], camera)


def _stain(
    points: NDArray[np.float64], faces: list[tuple[int, ...]], camera: Camera
) -> tuple[Area, Floats] | None:
    pixels, depth = camera.project(points)
    if (depth < 2).any():
        return None
    area = _area(pixels, camera.size)
    if area is None:
        return None
    canvas, corners = _canvas(area, 1), _fixed(pixels, area)
    for face in faces:
        cv2.fillConvexPoly(canvas, corners[list(face)], (1.0,), shift=_BITS)
    return area, _reduced(canvas)


def _area(pixels: NDArray[np.float64], size: tuple[int, int]) -> Area | None:
    left, top = np.floor(pixels.min(0) - 1).clip(0, size).astype(int).tolist()
    right, bottom = np.ceil(pixels.max(0) + 1).clip(0, size).astype(int).tolist()
    return (slice(top, bottom), slice(left, right)) if right - left > 1 and bottom - top > 1 else None


def _canvas(area: Area, bands: int) -> Floats:
    rows, cols = ((part.stop - part.start) * _FINER for part in area)
    return np.zeros((rows, cols, bands) if bands > 1 else (rows, cols), np.float32)


def _fixed(pixels: NDArray[np.float64], area: Area) -> NDArray[np.int32]:
    corner = np.array([area[1].start, area[0].start])
    return np.asarray(np.rint(((pixels - corner) * _FINER - 0.5) * 2**_BITS), np.int32)


def _reduced(canvas: Floats) -> Floats:
    size = canvas.shape[1] // _FINER, canvas.shape[0] // _FINER
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32)
