"""Cameras' ground, fitted as `sandwatch calibrate` fits it. Loads NumPy, pyproj."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue, TypeAdapter

from edge import calibrating_say
from edge.calibrating import Given, Measuring, measured, surface_of
from edge.ground.words import Fit, Point, Pointed
from inference.geodesy.crs import declared
from inference.geodesy.frame import LocalFrame
from inference.terrain.area import spread
from inference.terrain.calibration import Calibration
from inference.terrain.points import SIGMA_M, GroundRefused, Pair, misplaced
from inference.terrain.surface import Surface
from streams.problem import Text

Floats = NDArray[np.float64]
Json = dict[str, JsonValue]

JSON: TypeAdapter[Json] = TypeAdapter(Json)
_COLUMNS, _ROWS = 64, 36  # of the grid that uncertainty is told on
_SIDES, _STEPS = 24, 300  # of what is looked at to find the outline of a view: far away a row is many metres
_REACH = 400.0  # m: farther, a site's camera shows a truck as a few pixels
_DEGREE_DECIMALS = 8  # 1 mm


@dataclass(frozen=True, slots=True)
class Fitted:
    """surface: heights, where a map of them is used. frame: None: its metres are counted from nobody knows where."""

    measuring: Measuring
    points: tuple[Point, ...]
    frame: LocalFrame | None
    surface: Surface | None

    @property
    def calibration(self) -> Calibration | None:
        return self.measuring.calibration

    def pixels(self, metres: Floats) -> Floats:
        """float64 [N, 2], relative, of places [N, 2]; NaN behind the camera, and where no height is known."""
        found = self.calibration
        assert found is not None
        if self.surface is None or found.camera is None:
            return found.ground.pixels(metres)
        return found.camera.pixels(np.column_stack([metres, self.surface.height(metres)]))


def fitted(camera: Pointed, position: tuple[float, float] | None, crs: str | None = None) -> Fitted:
    """Raises CalibrationRefused, CrsRefused."""
    points = tuple(_converted(camera.points, crs))
    degrees = [point.lonlat for point in points if point.lonlat is not None]
    if (text := misplaced(degrees, position)) is not None:
        return _refused(camera, points, text)
    if degrees and len(degrees) < len(points):
        return _refused(camera, points, _MIXED)
    frame = LocalFrame(*position) if position else _about(degrees)
    given = Given(camera.name, tuple(_pairs(points, frame)), frame, camera.elevation)
    surface = surface_of(given)
    return Fitted(measured(given, surface, camera.aspect), points, frame, surface)


def told(found: Fitted, asked: Fit) -> Json:
    """As `sandwatch calibrate --json`, and: points as they would be saved, where places are how sure, what to do."""
    answer = calibrating_say.as_json(found.measuring)
    answer["points"] = [point.model_dump(mode="json", exclude_none=True) for point in found.points]
    calibration = found.calibration
    if calibration is not None:
        answer["advice"] = [{"en": each.en, "zh": each.zh} for each in calibrating_say.advice(calibration)]
        answer["sure"] = {"columns": _COLUMNS, "sigma_m": _sure(calibration, asked.camera.aspect)}
    return JSON.validate_python(answer)


def view(found: Fitted) -> Json | None:
    """Where a camera stands and what it sees, in degrees; None where nobody knows."""
    calibration, frame = found.calibration, found.frame
    if calibration is None or frame is None:
        return None
    outline = _outline(calibration)
    seen: Json = {"outline": _places(frame, outline) if len(outline) else None, "place": None}
    if calibration.camera is not None:
        stand = np.array([calibration.camera.place[:2]])
        [seen["place"]] = _places(frame, stand)
    return seen


def _converted(points: Sequence[Point], crs: str | None) -> Iterator[Point]:
    for point in points:
        if point.grid is None:
            yield point
            continue
        lon, lat = declared(crs or "").degrees(np.array([point.grid]))[0].tolist()
        place = round(lon, _DEGREE_DECIMALS), round(lat, _DEGREE_DECIMALS)
        yield point.model_copy(update={"grid": None, "lonlat": place})


def _pairs(points: Sequence[Point], frame: LocalFrame | None) -> Iterator[Pair]:
    for point in points:
        metres = point.metres
        if point.lonlat is not None:
            assert frame is not None
            east, north = frame.metres(np.array([point.lonlat]))[0].tolist()
            metres = east, north
        assert metres is not None
        yield Pair(point.pixel, metres, point.height, SIGMA_M if point.sigma_m is None else point.sigma_m)


def _about(degrees: Sequence[tuple[float, float]]) -> LocalFrame | None:
    if not degrees:
        return None
    lon, lat = np.mean(degrees, axis=0).tolist()
    return LocalFrame(lat, lon)


def _refused(camera: Pointed, points: tuple[Point, ...], text: Text) -> Fitted:
    return Fitted(Measuring(camera.name, (), None, GroundRefused(text)), points, None, None)


def _sure(calibration: Calibration, aspect: float) -> list[float | None]:
    """m, 1 sigma, row by row from the top left; None where there is no ground."""
    x, y = (np.arange(_COLUMNS) + 0.5) / _COLUMNS, (np.arange(_ROWS) + 0.5) / _ROWS
    pixels = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    sigma = spread(calibration.sight, pixels, aspect)
    lost = ~np.isfinite(calibration.sight.metres(pixels)).all(axis=1)
    sigma[lost] = np.inf
    return [round(each, 3) if np.isfinite(each) else None for each in sigma.tolist()]


def _outline(calibration: Calibration) -> Floats:
    """[N, 2] m: along the bottom of the picture, and back along the farthest ground that is seen and near."""
    x, y = np.linspace(0, 1, _SIDES), np.linspace(1, 0, _STEPS)
    pixels = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    ground = calibration.sight.metres(pixels.reshape(-1, 2)).reshape(_SIDES, _STEPS, 2)
    near, far = [], []
    for column in ground:
        there = np.asarray(np.isfinite(column).all(axis=1), np.bool_)
        if not there[0]:
            continue
        apart = np.linalg.norm(column - column[0], axis=1)
        within = there & (apart <= _REACH)
        beyond = len(within) - 1 if within.all() else int(within.argmin())
        last = beyond if there[beyond] else beyond - 1
        near.append(column[0])
        far.append(column[0] + (column[last] - column[0]) * min(1.0, _REACH / max(apart[last], _REACH)))
    return np.array([*near, *far[::-1]]).reshape(-1, 2)


def _places(frame: LocalFrame, metres: Floats) -> list[JsonValue]:
    return [[round(lon, 7), round(lat, 7)] for lon, lat in frame.degrees(metres).tolist()]


_MIXED = Text(
    "some points are in metres and some in longitude and latitude: choose one way for all",
    "部分点用米、部分点用经纬度：请统一",
)
