"""What `sandwatch calibrate` is given: a camera of a site file, or a table of points; and the fit to it."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.plan import site_folder
from edge.settings.ground import grounds, pairs
from edge.settings.loader import load
from inference.geodesy.frame import LocalFrame
from inference.terrain.calibration import Calibration, calibrated
from inference.terrain.dem import Elevation, ElevationRefused
from inference.terrain.points import NOISE_PX, SIGMA_M, GroundRefused, Pair, misplaced
from inference.terrain.surface import Surface
from streams.problem import Problem, ProblemError, Text

_NUMBERS = ("x", "y", "lon", "lat", "east", "north", "height", "sigma_m")
_MOST_POINTS = 500  # a survey of a whole valley; beyond, it is another file
_PIXELS = 1.5  # a coordinate beyond it is a pixel, not a share of the picture


class CalibrationRefused(ProblemError):
    """There is nothing to calibrate; `problem` says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """points: a CSV file instead of the camera in the site file. near: latitude and longitude of the site, with it.
    size: of the picture in px, where known. noise_px: of a picture 1920 wide."""

    site: Path | None
    camera: str | None = None
    preset: str | None = None
    points: Path | None = None
    near: tuple[float, float] | None = None
    elevation: Path | None = None
    size: tuple[int, int] | None = None
    noise_px: float = NOISE_PX


@dataclass(frozen=True, slots=True)
class Measuring:
    """name: of the camera or the file. calibration: None where `refused` says why."""

    name: str
    pairs: tuple[Pair, ...]
    calibration: Calibration | None
    refused: GroundRefused | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """frame: whose metres the pairs are in, where known. elevation: a GeoTIFF of heights, which needs the frame."""

    name: str
    pairs: tuple[Pair, ...]
    frame: LocalFrame | None
    elevation: Path | None


def measuring(request: Request) -> Measuring:
    """Raises CalibrationRefused, SettingsError."""
    given = _from_file(request, request.points) if request.points else _from_site(request)
    aspect = request.size[0] / request.size[1] if request.size else 16 / 9
    return measured(given, surface_of(given), aspect, request.noise_px)


def surface_of(given: Given) -> Elevation | None:
    """Raises CalibrationRefused."""
    if given.elevation is None:
        return None
    if given.frame is None:
        raise _refused(given.name, _NOWHERE)
    try:
        return Elevation.read(given.elevation, given.frame.degrees)
    except ElevationRefused as refused:
        raise _refused(given.name, refused.text) from None


def measured(
    given: Given, surface: Surface | None, aspect: float = 16 / 9, noise_px: float = NOISE_PX
) -> Measuring:
    """The fit, or why there is none."""
    try:
        found = calibrated(given.pairs, aspect=aspect, noise_px=noise_px, surface=surface, thorough=True)
    except GroundRefused as refused:
        return Measuring(given.name, given.pairs, None, refused)
    return Measuring(given.name, given.pairs, found)


def _from_site(request: Request) -> Given:
    assert request.site is not None
    loaded = load(request.site)
    measured = [stream for stream in loaded.site.streams if stream.ground]
    stream = next((each for each in measured if request.camera in (None, each.name)), None)
    if stream is None:
        raise _refused(request.camera or str(request.site), _UNMEASURED)
    by_preset = grounds(stream.ground)
    preset = request.preset if request.preset is not None else next(iter(by_preset))
    if preset not in by_preset:
        raise _refused(f"{stream.name} ({preset})", _UNMEASURED)
    position, held = loaded.site.site.position, by_preset[preset]
    degrees = [point.lonlat for point in held if point.lonlat is not None]
    name = stream.name if preset is None else f"{stream.name} ({preset})"
    if (text := misplaced(degrees, position)) is not None:
        raise _refused(name, text)
    elevation = request.elevation or (site_folder(loaded) / stream.elevation if stream.elevation else None)
    return Given(name, pairs(held, position), LocalFrame(*position) if position else None, elevation)


def _from_file(request: Request, file: Path) -> Given:
    rows = _rows(file)
    frame = LocalFrame(*request.near) if request.near else None
    degrees = [(row["lon"], row["lat"]) for row in rows if "lon" in row and "lat" in row]
    if degrees and len(degrees) == len(rows):
        if (text := misplaced(degrees, request.near)) is not None:
            raise _refused(file.name, text)
        lon, lat = np.mean(degrees, axis=0).tolist()
        frame = frame or LocalFrame(lat, lon)
        metres = frame.metres(np.array(degrees)).tolist()
    elif all("east" in row and "north" in row for row in rows):
        metres = [(row["east"], row["north"]) for row in rows]
    else:
        raise _refused(file.name, _COLUMNS)
    scale = _scale(request, rows, file)
    found = tuple(
        Pair(
            (row["x"] * scale[0], row["y"] * scale[1]),
            (east, north),
            row.get("height"),
            row.get("sigma_m", SIGMA_M),
        )
        for row, (east, north) in zip(rows, metres, strict=True)
    )
    return Given(file.name, found, frame, request.elevation)


def _rows(file: Path) -> list[dict[str, float]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            rows = [_numbers(row) for row, _ in zip(reader, range(_MOST_POINTS), strict=False)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(file.name, _UNREADABLE) from error
    if not all("x" in row and "y" in row for row in rows) or not rows:
        raise _refused(file.name, _COLUMNS)
    return rows


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """The columns we know, as numbers; what is none becomes NaN, which the fit names with its pair."""
    found = {}
    for key, text in row.items():
        name = key.strip().lower() if isinstance(key, str) else ""
        if name in _NUMBERS and isinstance(text, str) and text.strip():
            try:
                found[name] = float(text)
            except ValueError:
                found[name] = math.nan
    return found


def _scale(request: Request, rows: list[dict[str, float]], file: Path) -> tuple[float, float]:
    """What turns its coordinates into shares of the picture."""
    if not any(abs(row[axis]) > _PIXELS for row in rows for axis in ("x", "y")):
        return 1.0, 1.0
    if request.size is None:
        raise _refused(file.name, _NO_SIZE)
    return 1 / request.size[0], 1 / request.size[1]


def _refused(name: str, text: Text) -> CalibrationRefused:
    return CalibrationRefused(Problem("ground.unfit", Text(f"{name}: {text.en}", f"{name}：{text.zh}"), _DO))


_DO = Text("mend it and calibrate again", "请修正后重新标定")
_NOWHERE = Text(
    "a map of heights needs the site's position (site.position, or --near)",
    "使用高程图需要站点位置（site.position 或 --near）",
)
_UNMEASURED = Text("has no ground: points in the site file", "站点文件中没有 ground 标定点")
_UNREADABLE = Text("cannot be read as CSV in UTF-8", "无法作为 UTF-8 编码的 CSV 读取")
_COLUMNS = Text(
    "needs the columns x, y, lon, lat (or east, north), and may have height and sigma_m, a number in each row",
    "须有列 x、y、lon、lat（或 east、north），可有 height、sigma_m，每行均为数字",
)
_NO_SIZE = Text(
    "x and y are in pixels, but of a picture of what size? Give --picture or --size",
    "x、y 为像素坐标，但不知画面尺寸：请给出 --picture 或 --size",
)
