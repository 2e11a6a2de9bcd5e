"""A calibration drawn into its camera's picture: a grid on the ground, coloured by how sure it is. Loads OpenCV."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.terrain.area import spread
from inference.terrain.calibration import Calibration
from inference.terrain.points import Pair

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]

_SURE, _FAIR, _POOR = (80, 200, 80), (0, 180, 255), (40, 40, 230)  # BGR: green, amber, red
_WITHIN = (1.0, 5.0)  # m, 1 sigma: green up to the first, amber up to the second
_INK = (255, 255, 255)
_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)  # m between lines
_LINES = 16  # across what the picture shows of the ground, about
_PARTS = 8  # of a line between two others: each has its own colour
_FARTHEST = 1000.0  # m from the control points


def drawn(picture: Picture, calibration: Calibration, pairs: list[Pair]) -> Picture:
    """A copy of uint8 [h, w, 3] BGR with lines of constant east and north, numbered control points, and a line from
    each to where the fit puts it. Green: places are within 1 m (1 sigma); amber: 5 m; red: worse."""
    result = picture.copy()
    size = np.array([picture.shape[1], picture.shape[0]], np.float64)
    thick = max(1, round(size[0] / 960))
    metres = np.array([pair.metres for pair in pairs])
    step = _step(calibration, metres)
    for line in _grid(metres, step):
        _line(result, calibration, line, thick)
    for number, pair in enumerate(pairs, start=1):
        _point(result, calibration, number, pair, thick)
    text = f"grid {step:g} m; 1 sigma: green <= {_WITHIN[0]:g} m, amber <= {_WITHIN[1]:g} m, red beyond"
    _write(result, text, (10 * thick, 20 * thick), thick)
    return result


def _step(calibration: Calibration, metres: Floats) -> float:
    edge = np.array([[x, y] for x in (0.05, 0.5, 0.95) for y in (0.3, 0.5, 0.7, 0.95)])
    seen = np.concatenate([calibration.sight.metres(edge), metres])
    near = seen[np.linalg.norm(seen - metres.mean(axis=0), axis=1) < _FARTHEST]
    wanted = float(np.ptp(near, axis=0).max()) / _LINES
    return next((step for step in _STEPS if step >= wanted), _STEPS[-1])


def _grid(metres: Floats, step: float) -> list[Floats]:
    """Lines [N, 2] m, to as far round the points as they will be looked at."""
    middle = np.round(metres.mean(axis=0) / step) * step
    across = np.arange(-2 * _LINES, 2 * _LINES + 1) * step
    along = np.arange(-2 * _LINES * _PARTS, 2 * _LINES * _PARTS + 1) * step / _PARTS
    lines = [middle + np.stack([np.full_like(along, each), along], axis=1) for each in across]
    return lines + [line[:, ::-1] - middle[::-1] + middle for line in lines]


def _line(picture: Picture, calibration: Calibration, metres: Floats, thick: int) -> None:
    pixels = calibration.ground.pixels(metres)
    inside = np.asarray(((pixels > -0.1) & (pixels < 1.1)).all(axis=1), np.bool_)
    if not inside.any():
        return
    sigma = np.full(len(pixels), np.inf)
    sigma[inside] = spread(calibration.sight, pixels[inside], calibration.ground.aspect)
    spots = np.rint(np.nan_to_num(pixels) * [picture.shape[1], picture.shape[0]]).astype(int)
    for index in np.flatnonzero(inside[:-1] & inside[1:]):
        worst = max(sigma[index], sigma[index + 1])
        colour = _SURE if worst <= _WITHIN[0] else _FAIR if worst <= _WITHIN[1] else _POOR
        start, end = spots[index].tolist(), spots[index + 1].tolist()
        cv2.line(picture, start, end, colour, thick, cv2.LINE_AA)


def _point(picture: Picture, calibration: Calibration, number: int, pair: Pair, thick: int) -> None:
    size = np.array([picture.shape[1], picture.shape[0]])
    seen = np.rint(np.array(pair.pixel) * size).astype(int)
    if calibration.camera is not None and pair.height is not None:
        put = calibration.camera.pixels(np.array([[*pair.metres, pair.height]]))
    else:
        put = calibration.ground.pixels(np.array([pair.metres]))
    cv2.circle(picture, seen.tolist(), 5 * thick, _INK, thick, cv2.LINE_AA)
    if np.isfinite(put).all():
        cv2.line(
            picture, seen.tolist(), np.rint(put[0] * size).astype(int).tolist(), _INK, thick, cv2.LINE_AA
        )
    _write(picture, str(number), (int(seen[0]) + 7 * thick, int(seen[1]) - 7 * thick), thick)


def _write(picture: Picture, text: str, where: tuple[int, int], thick: int) -> None:
    scale, width = 0.5 * thick, thick
    (wide, high), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, width)
    x, y = where
    cv2.rectangle(picture, (x - 2, y - high - 2), (x + wide + 2, y + below), (0, 0, 0), cv2.FILLED)
    cv2.putText(picture, text, where, cv2.FONT_HERSHEY_SIMPLEX, scale, _INK, width, cv2.LINE_AA)
