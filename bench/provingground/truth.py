"""What a picture truly shows, from the renderer's index pass: visible boxes, how much is hidden, and the labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera, Json
from bench.provingground.fleet.model import Model
from bench.provingground.transforms import Matrix, apply

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

PLANT = 1000  # number of every plant in the index pass; things count from 1

_SILHOUETTE = 220  # px, long side of the drawing on which a silhouette's area is counted
_SMALLEST = 8  # px, long side below which a thing is not labelled
_HIDDEN = 0.25  # share of the silhouette below which it is not labelled
_FAINT = {True: 8.0, False: 4.0}  # grey levels by which it must stand out at night, by day


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """Something in the scene. number: its index in the renderer's index pass, from 1. frame: in the world."""

    number: int
    model: Model
    frame: Matrix

    @property
    def ground(self) -> tuple[float, float]:
        return float(self.frame[0, 3]), float(self.frame[1, 3])


@dataclass(frozen=True, slots=True)
class Sighting:
    """A thing in a picture. box: of its visible part. pixels: visible. visible: share of the whole silhouette.
    contrast: grey levels by which it stands out, None where the picture was not looked at."""

    thing: Thing
    box: Box
    pixels: int
    visible: float
    contrast: float | None = None

    @property
    def long_side(self) -> int:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


def sightings(
    things: Iterable[Thing], ids: NDArray[np.floating], camera: Camera, least: int = 6
) -> list[Sighting]:
    """Everything with at least `least` px in the index pass [h, w]."""
    found = []
    numbers = np.rint(ids).astype(np.int32)
    for thing in things:
        mask = numbers == thing.number
        pixels = int(mask.sum())
        if pixels >= least:
            found.append(Sighting(thing, box_of(mask), pixels, _visible(thing, pixels, camera)))
    return found


def box_of(mask: Mask) -> Box:
    """x1 y1 x2 y2 round all true pixels, of which there must be one."""
    rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1


def _visible(thing: Thing, pixels: int, camera: Camera) -> float:
    whole = silhouette(thing, camera)
    return round(min(1.0, pixels / whole), 3) if whole else 0.0


def silhouette(thing: Thing, camera: Camera) -> float | None:
    """px^2 of the whole thing, unhidden and not cut off by the frame; None if part of it is behind the camera."""
    shape = thing.model.shape
    seen, depth = camera.project(apply(thing.frame, shape.points))
    if depth.min() < 0.3:
        return None
    corner = seen.min(0)
    scale = _SILHOUETTE / max(8e-3, float((seen.max(0) - corner).max()))
    drawn = np.rint((seen - corner) * scale).astype(np.int32) + 2
    canvas = np.zeros((int(drawn[:, 1].max()) + 3, int(drawn[:, 0].max()) + 3), np.uint8)
    for face in shape.faces:
        cv2.fillPoly(canvas, [drawn[list(face)]], (1,))
    return float(canvas.sum()) / scale**2


def contrasted(sighting: Sighting, ids: NDArray[np.floating], picture: NDArray[np.uint8]) -> Sighting:
    """The same sighting with its contrast in the final picture [h, w, 3] measured."""
    left, top, right, bottom = sighting.box
    reach = max(3, int((right - left) * 0.25))
    part = slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach)
    sharp = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[part].astype(np.float32)
    grey = cv2.GaussianBlur(sharp, (0, 0), 0.8 + min(2.0, 0.03 * sighting.long_side))
    mask = np.rint(ids[part]) == sighting.thing.number
    kernel = np.ones((2 * min(reach, 12) + 1,) * 2, np.uint8)
    around = cv2.dilate(mask.astype(np.uint8), kernel).astype(bool) & ~mask
    against = abs(float(grey[mask].mean() - grey[around].mean())) if around.any() else 99.0
    within = float(np.percentile(grey[mask], 95) - np.percentile(grey[mask], 10)) * 0.6
    return Sighting(
        sighting.thing, sighting.box, sighting.pixels, sighting.visible, round(max(against, within), 1)
    )


def why_unlabelled(sighting: Sighting, night: bool) -> str | None:
    """ "other" (no class of ours), "hidden", "small", "dark"; None: it is labelled."""
    if sighting.thing.model.number is None:
        return "other"
    if sighting.visible < _HIDDEN:
        return "hidden"
    if sighting.long_side < _SMALLEST:
        return "small"
    if sighting.contrast is not None and sighting.contrast < _FAINT[night]:
        return "dark"
    return None


def described(sighting: Sighting) -> Json:
    """Its entry in a picture's JSON."""
    thing = sighting.thing
    return {
        "cls": thing.model.number,
        "class": thing.model.label,
        "kind": thing.model.kind,
        "load": thing.model.load,
        "box": list(sighting.box),
        "vis": sighting.visible,
        "px": sighting.pixels,
        "contrast": sighting.contrast,
        "ground": [round(value, 2) for value in thing.ground],
    }


def yolo(sighted: Sequence[Sighting], size: tuple[int, int]) -> str:
    """Lines "class x y w h": the box's middle and size as shares of the picture."""
    width, height = size
    lines = []
    for each in sighted:
        left, top, right, bottom = each.box
        x, y = (left + right) / 2 / width, (top + bottom) / 2 / height
        wide, high = (right - left) / width, (bottom - top) / height
        lines.append(f"{each.thing.model.number} {x:.6f} {y:.6f} {wide:.6f} {high:.6f}\n")
    return "".join(lines)
