"""What `sandwatch replay` does around the replay itself: which camera, which rules, and what is printed."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from edge.envelope import Occurrence, seal
from edge.plan import camera as camera_job
from edge.plan import layers_of, model_for, site_folder
from edge.replay import Replay, Summary
from edge.settings.loader import load
from edge.settings.model import Site, StreamSettings
from edge.site_id import SiteId
from edge.worker.job import CameraJob
from inference.detector import DetectorSpec
from inference.geodesy.layer import LayerSpec
from inference.rule import RuleSpec
from streams import kinds
from streams.errors import StreamError
from streams.problem import Language, Problem, ProblemError, Text
from streams.source import SourceSpec

NOWHERE = SiteId("000000", "000000", "000000", "replay")

Say = Callable[[str], None]


class ReplayRefused(ProblemError):
    """The recording cannot be replayed; `problem` says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. every: as written ("60s"), for folders. start: ISO time, or None for the recording's own."""

    path: Path
    site: Path | None = None
    stream: str | None = None
    every: str = "60s"
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the recording is taken to come from."""

    where: SiteId
    time_zone: str
    detector: DetectorSpec
    camera: CameraJob
    position: tuple[float, float] | None = None
    parcels: tuple[LayerSpec, ...] = ()


def replay(request: Request, language: Language, as_json: bool, say: Say) -> Summary:
    """Print events as JSON lines and then the summary. Raises ReplayRefused, SettingsError, ModelRefused,
    DetectorFailed."""
    setting = _setting(request)
    model = model_for(setting.detector)
    detector = kinds.load("inference.detectors", setting.detector.kind).build(setting.detector, model, 0)
    boot_id = uuid.uuid4().hex
    sequence = 0

    def emit(occurrence: Occurrence) -> None:
        nonlocal sequence
        sequence += 1
        say(seal(setting.where, boot_id, occurrence, sequence).payload.decode())

    try:
        played = Replay(
            setting.camera,
            detector,
            model,
            setting.time_zone,
            emit,
            position=setting.position,
            parcels=setting.parcels,
        )
        summary = played.run()
    except StreamError as error:
        raise ReplayRefused(error.problem(str(request.path))) from None
    say(
        json.dumps({"summary": summary.as_dict()}, ensure_ascii=False) if as_json else told(summary, language)
    )
    return summary


def _setting(request: Request) -> Setting:
    source = _source(request)
    if request.site is None:
        detector = kinds.load("inference.detectors", "onnx").Spec()
        rules: tuple[RuleSpec, ...] = (kinds.load("inference.rules", "zone").Spec(),)
        job = CameraJob(name=_name(request.path), source=source, fps=_fps(source, 5.0), zones={}, rules=rules)
        return Setting(NOWHERE, "Asia/Shanghai", detector, job)
    loaded = load(request.site)
    site, folder = loaded.site, site_folder(loaded)
    job = camera_job(_stream(site, request.stream), folder=folder)
    job = replace(job, source=source, fps=_fps(source, job.fps))
    who = site.site
    where = SiteId(who.province, who.city, who.county, who.id)
    return Setting(where, who.time_zone, site.detector, job, who.position, layers_of(site, folder))


def _fps(source: SourceSpec, usual: float) -> float:
    """Every picture of a folder is looked at; a clip at the camera's rate. Hz."""
    every = getattr(source, "every", None)
    return usual if every is None else 1 / every


def _source(request: Request) -> SourceSpec:
    wanted: dict[str, object] = {"path": str(request.path)}
    if request.start is not None:
        wanted["start"] = request.start
    kind = "file"
    if request.path.is_dir():
        kind = "folder"
        wanted["every"] = request.every
    try:
        spec: SourceSpec = kinds.load("streams.sources", kind).Spec.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        option = str(first["loc"][0]) if first["loc"] else "path"
        raise ReplayRefused(_bad_option(option, first["msg"])) from None
    return spec


def _stream(site: Site, name: str | None) -> StreamSettings:
    if name is None:
        return site.streams[0]
    for stream in site.streams:
        if stream.name == name:
            return stream
    known = ", ".join(stream.name for stream in site.streams)
    raise ReplayRefused(_bad_option("stream", f"no stream {name!r}; the site has {known}"))


def _name(path: Path) -> str:
    """The recording's name as a camera's: what an event's subject is."""
    return path.resolve().stem or "recording"


def told(summary: Summary, language: Language) -> str:
    """For people: what was seen."""
    lines = Text(
        f"{summary.analysed} of {summary.pictures} pictures analysed, {summary.seconds:.1f} s of recording",
        f"共 {summary.pictures} 帧，分析 {summary.analysed} 帧，录像 {summary.seconds:.1f} 秒",
    ).say(language)
    tracks = ", ".join(f"{label} {count}" for label, count in sorted(summary.tracks.items())) or "-"
    lines += "\n" + Text(f"tracks: {tracks}", f"目标：{tracks}").say(language)
    for rule, classes in sorted(summary.events.items()):
        seen = ", ".join(f"{label} {count}" for label, count in sorted(classes.items()))
        lines += "\n" + Text(f"events of {rule}: {seen}", f"事件 {rule}：{seen}").say(language)
    return lines if summary.events else lines + "\n" + Text("events: none", "事件：无").say(language)


def _bad_option(option: str, why: str) -> Problem:
    return Problem(
        "replay.option",
        Text(f"--{option}: {why}", f"--{option}:{why}"),
        Text("see sandwatch replay --help", "参见 sandwatch replay --help"),
    )
