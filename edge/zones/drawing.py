"""A stream's outlines drawn into its picture. Loads OpenCV."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.zones.outlines import Kind, Outline

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]

_COLOURS = {  # BGR
    Kind.ZONE: (0, 200, 255),
    Kind.LINE: (255, 160, 0),
    Kind.IGNORE: (150, 150, 150),
    Kind.WATCH: (80, 200, 80),
}
_INK = (255, 255, 255)
_FILL = 0.25  # how much of a mask's colour lies over the picture
_ARROW = 0.04  # of the picture's width


def drawn(picture: Picture, outlines: Sequence[Outline], ground: Sequence[tuple[float, float]]) -> Picture:
    """A copy of uint8 [h, w, 3] BGR: zones amber, land's green, ignored areas grey and filled, lines blue with an arrow
    in the direction `in`, ground points as crosses with their numbers. Outlines carry the number of their row in the
    table, since OpenCV writes no Chinese, and their name where it is ASCII."""
    result = _filled(picture, [each for each in outlines if each.kind is Kind.IGNORE])
    thick = max(1, round(picture.shape[1] / 640))
    for number, each in enumerate(outlines, 1):
        _outline(result, number, each, thick)
    for number, point in enumerate(ground, 1):
        spot = _pixels(result, np.array([point]))[0]
        cv2.drawMarker(result, spot.tolist(), _INK, cv2.MARKER_CROSS, 10 * thick, thick, cv2.LINE_AA)
        _write(result, str(number), spot + np.array([6 * thick, -6 * thick], np.int32), thick)
    return result


def _filled(picture: Picture, masks: list[Outline]) -> Picture:
    paint = picture.copy()
    for each in masks:
        cv2.fillPoly(paint, [_pixels(picture, each.points)], _COLOURS[Kind.IGNORE])
    mixed = cv2.addWeighted(paint, _FILL, picture, 1 - _FILL, 0)
    return np.asarray(mixed, np.uint8)


def _outline(picture: Picture, number: int, each: Outline, thick: int) -> None:
    corners, colour = _pixels(picture, each.points), _COLOURS[each.kind]
    cv2.polylines(picture, [corners], each.kind is not Kind.LINE, colour, 2 * thick, cv2.LINE_AA)
    if each.kind is Kind.LINE:
        _arrow(picture, each.points, thick)
    name = f" {each.name}" if each.name.isascii() else ""
    # Of a line at its beginning: the arrow is in its middle.
    where = corners[0] if each.kind is Kind.LINE else corners.mean(axis=0).astype(np.int32)
    _write(picture, f"{number}{name}", where, thick)


def _arrow(picture: Picture, points: Floats, thick: int) -> None:
    """From the line's left to its right as one goes along it (inference.findings.Direction.IN), y down."""
    height, width = picture.shape[:2]
    half = len(points) // 2
    start, end = points[half - 1] * [width, height], points[half] * [width, height]
    along = (end - start) / max(1.0, float(np.linalg.norm(end - start)))
    middle, across = (start + end) / 2, np.array([-along[1], along[0]]) * _ARROW * width
    tip = np.rint(middle + across).astype(int).tolist()
    tail = np.rint(middle - across).astype(int).tolist()
    cv2.arrowedLine(picture, tail, tip, _COLOURS[Kind.LINE], 2 * thick, cv2.LINE_AA, tipLength=0.3)


def _pixels(picture: Picture, points: Floats) -> NDArray[np.int32]:
    return np.rint(points * [picture.shape[1], picture.shape[0]]).astype(np.int32)


def _write(picture: Picture, text: str, where: NDArray[np.int32], thick: int) -> None:
    scale = 0.5 * thick
    (wide, high), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    x = int(np.clip(where[0], 0, max(0, picture.shape[1] - wide)))
    y = int(np.clip(where[1], high, picture.shape[0] - below))
    cv2.rectangle(picture, (x - 2, y - high - 2), (x + wide + 2, y + below), (0, 0, 0), cv2.FILLED)
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, _INK, thick, cv2.LINE_AA)
