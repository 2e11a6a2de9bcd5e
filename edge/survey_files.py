"""Pictures, clips, orthophotos and their telemetry, as `sandwatch survey` is given them. Loads OpenCV and PyAV."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import av
import cv2
import numpy as np
from av import error as av_error
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from edge.pose import PoseData
from inference.geodesy.frame import LocalFrame
from inference.survey.georeferenced import Georeferenced, Precision, Surroundings, placed
from inference.survey.heights import Level
from inference.survey.refusal import NO_POSE, NotPlaced
from inference.terrain.dem import Elevation, ElevationRefused
from streams.errors import StreamError
from streams.problem import Problem, ProblemError, Text
from streams.telemetry.book import Fix, PoseBook, Reason
from streams.telemetry.kinds.dji_srt import Spec, SrtFile
from streams.telemetry.pose import Attitude, Datum, Fov, Gimbal, Heights, Pose, position
from streams.units import Instant

Picture = NDArray[np.uint8]

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
MAPS = frozenset({".tif", ".tiff"})
_RTK = Precision(place_m=0.05, up_m=0.1, yaw=1.5, pitch=0.3, roll=0.3, fov=0.01)
_MOST_FRAMES = 40  # of a clip: a flight of a minute and a half, a look every 2 s
_INSTANT: TypeAdapter[float] = TypeAdapter(Instant)
_BEGINNING = "1970-01-01T00:00:00Z"  # of a clip: its pictures and its subtitles both count from there


class SurveyRefused(ProblemError):
    """What was given cannot be used; `problem` says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the person says of the flight. msl, geoid, takeoff, datum: as in Level. elevation: a GeoTIFF of heights
    above sea level. rtk: positions come from RTK. pose: a file of one pose, for one picture. zone: of the drone's
    clock."""

    fov: float | None = None
    msl: float | None = None
    geoid: float | None = None
    takeoff: float | None = None
    datum: Datum = "unknown"
    elevation: Path | None = None
    rtk: bool = False
    pose: Path | None = None
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture on the ground. taken: s since 1970, as well as it is known. sha256: of its file."""

    name: str
    picture: Picture
    place: Georeferenced
    taken: float
    sha256: str


def shots(text: str, given: Given, frame: LocalFrame | None, every: float) -> Iterator[Shot | Problem]:
    """A picture; one of a clip (CLIP@SECONDS); or a clip, looked at every so many seconds. What has no place on the
    ground is a Problem. frame: whose metres; without it the first placed picture's own. Raises SurveyRefused."""
    file, at = _split(text)
    sha256 = sha256_of(file)
    if file.suffix.lower() in PICTURES:
        pictures: Iterator[tuple[str, Picture, Fix]] = iter(
            [(file.name, _picture(file), _beside(file, given))]
        )
    else:
        pictures = _clip(file, at, every, given)
    for name, picture, fix in pictures:
        try:
            place = _placed(fix, picture, given, frame)
        except NotPlaced as refused:
            yield _of(name, refused.problem)
            continue
        frame = place.frame
        yield Shot(name, picture, place, _taken(fix, file), sha256)


def told(data: Mapping[str, Any]) -> Fix:
    """A pose in the words of an event's `pose` (docs of the event). Raises ValueError, pydantic's among them."""
    pose = PoseData.model_validate({"fresh": True, "basis": Reason.EXACT.value, **data})
    here = None if pose.lat is None or pose.lon is None else position(pose.lat, pose.lon)
    heights = Heights()
    match pose.datum:
        case "wgs84_ellipsoid":
            heights = Heights(ellipsoid=pose.altitude)
        case "msl" | "takeoff" | "unknown":
            heights = replace(heights, **{pose.datum: pose.altitude})
        case _:
            raise ValueError("datum: wgs84_ellipsoid, msl, takeoff or unknown")
    made = Pose(
        time=_seconds(pose.time),
        source=pose.source or "",
        position=here,
        heights=heights,
        attitude=Attitude(pose.yaw, pose.pitch, pose.roll),
        gimbal=_gimbal(pose),
        fov=Fov(pose.fov_horizontal, pose.fov_vertical),
    )
    return Fix(made, pose.age, pose.fresh, Reason(pose.basis))


def _gimbal(pose: PoseData) -> Gimbal | None:
    match pose.gimbal_frame:
        case None:
            return None
        case "airframe" | "heading" | "earth" as frame:
            return Gimbal(frame, pose.gimbal_yaw, pose.gimbal_pitch, pose.gimbal_roll)
        case _:
            raise ValueError("gimbal_frame: airframe, heading or earth")


def _seconds(text: str | None) -> float:
    return 0.0 if text is None else _INSTANT.validate_python(text)


def _split(text: str) -> tuple[Path, float | None]:
    file, mark, seconds = text.rpartition("@")
    if mark and not Path(text).exists():
        try:
            return Path(file), float(seconds)
        except ValueError:
            pass
    return Path(text), None


def _placed(fix: Fix, picture: Picture, given: Given, frame: LocalFrame | None) -> Georeferenced:
    height, width = picture.shape[:2]
    level = Level(given.msl, given.geoid, given.takeoff, given.datum)
    if given.elevation is not None and fix.pose is not None and fix.pose.position is not None:
        frame = frame or LocalFrame(fix.pose.position.lat, fix.pose.position.lon)
        level = replace(level, elevation=_elevation(given.elevation, frame))
    around = Surroundings(given.fov, level, _RTK if given.rtk else Precision())
    return placed(fix, (width, height), around, frame)


def _elevation(file: Path, frame: LocalFrame) -> Elevation:
    try:
        return Elevation.read(file, frame.degrees)
    except ElevationRefused as refused:
        raise SurveyRefused(_unusable(file.name, refused.text)) from None


def _beside(file: Path, given: Given) -> Fix:
    """The pose of a picture: the given one, else that of the same name."""
    pose = given.pose or file.with_suffix(".json")
    if not pose.exists():
        raise SurveyRefused(
            _unusable(file.name, Text(f"no pose: {pose.name} is not there", f"缺少姿态文件 {pose.name}"))
        )
    try:
        return told(json.loads(pose.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        words = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, ValueError, TypeError) as error:
        words = str(error).splitlines()[0][:200] or type(error).__name__
    raise SurveyRefused(_unusable(pose.name, Text(f"no pose: {words}", f"姿态无法读取：{words}")))


def _clip(file: Path, at: float | None, every: float, given: Given) -> Iterator[tuple[str, Picture, Fix]]:
    book = _book(file, given)
    wanted = iter([at]) if at is not None else (step * every for step in count())
    for seconds, picture in _frames(file, wanted):
        yield f"{file.name}@{seconds:.1f}", picture, book.at(seconds)


def _book(file: Path, given: Given) -> PoseBook:
    """Of the subtitles beside the clip; where `pose` is given, of that file."""
    beside = (given.pose or file.with_suffix(suffix) for suffix in (".SRT", ".srt"))
    found = next((path for path in beside if path.exists()), None)
    if found is None:
        raise SurveyRefused(_of(file.name, NO_POSE))
    try:
        spec = Spec.model_validate({"path": found, "zone": given.zone, "start": _BEGINNING})
    except ValidationError:
        raise SurveyRefused(_unusable(given.zone, Text("no such time zone", "没有该时区"))) from None
    book = spec.book()
    try:
        SrtFile(spec, found, file.name).run(book.add, Event())
    except StreamError as error:
        raise SurveyRefused(error.problem(file.name)) from None
    return book


def _frames(file: Path, wanted: Iterator[float]) -> Iterator[tuple[float, Picture]]:
    """The picture at or after each moment, s from the beginning; 40 at most. Raises SurveyRefused."""
    due, number = next(wanted), 0
    try:
        with av.open(f"file:{file}") as clip:
            begin: float | None = None
            for frame in clip.decode(video=0):
                if frame.time is None:  # a damaged packet: no pose belongs to it
                    continue
                begin = frame.time if begin is None else begin
                seconds = frame.time - begin
                if seconds < due - 1e-3:
                    continue
                yield seconds, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                number += 1
                following = next(wanted, None)
                if following is None or number >= _MOST_FRAMES:
                    return
                due = following
    except (av_error.FFmpegError, IndexError) as error:
        raise SurveyRefused(_unusable(file.name, _no_picture(error))) from None
    if number == 0:
        raise SurveyRefused(_unusable(file.name, Text("it has no picture that late", "没有该时刻的画面")))


def _picture(file: Path) -> Picture:
    try:
        picture = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):  # not there, empty, or larger than any camera's
        picture = None
    if picture is None:
        raise SurveyRefused(_unusable(file.name, Text("it is no picture", "不是图片文件")))
    return np.asarray(picture, np.uint8)


def sha256_of(file: Path) -> str:
    """Raises SurveyRefused where it cannot be read."""
    try:
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except FileNotFoundError:
        why = Text("there is no such file", "没有这个文件")
    except OSError as error:
        why = Text(f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}")
    raise SurveyRefused(_unusable(str(file), why))


def _taken(fix: Fix, file: Path) -> float:
    """By the drone's own clock, else when the file was written."""
    pose = fix.pose
    device = None if pose is None else pose.device_time or pose.time
    return device if device is not None and device > 86_400 * 366 else file.stat().st_mtime


def _no_picture(error: Exception) -> Text:
    name = type(error).__name__
    return Text(f"no picture comes out of it ({name})", f"解不出画面（{name}）")


def _of(name: str, problem: Problem) -> Problem:
    what = Text(f"{name}: {problem.what.en}", f"{name}：{problem.what.zh}")
    return replace(problem, what=what)


def _unusable(name: str, why: Text) -> Problem:
    return Problem(
        "survey.file",
        Text(f"{name}: {why.en}", f"{name}：{why.zh}"),
        Text("see sandwatch survey --help for what is needed", "所需文件参见 sandwatch survey --help"),
    )
