"""From a checked site file to what the workers are told. All that can be refused is refused here, before
anything is started."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from edge import assets
from edge.evidence.room import Room
from edge.settings.finding import Finding, SettingsError
from edge.settings.land import LandSettings
from edge.settings.loader import Loaded
from edge.settings.model import Site, StreamSettings
from edge.worker.care import Care
from edge.worker.job import CameraJob, ClipJob, Job, LandJob, Shares, dealt
from edge.worker.rules import rules_for, scene
from inference.detector import DetectorSpec
from inference.geodesy.layer import LayerSpec
from inference.land.settings import LandSettings as WatchSettings
from inference.manifest import Model, ModelRefused, find, search_path
from streams.networks import Cidr
from streams.problem import Text
from streams.source import SourceSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """One job per worker, by its number; one without cameras is not run."""

    jobs: tuple[Job, ...]
    model: Model


def plan(loaded: Loaded, held: Shares = ()) -> Plan:
    """Find and verify the model, fit the rules to its classes, deal the cameras out. held: who watches which camera now.

    Raises SettingsError with everything that does not fit, each with its place in the site file.
    """
    site = loaded.site
    try:
        model = model_for(site.detector)
    except ModelRefused as refused:
        words = Text(refused.problem.say("en"), refused.problem.say("zh"))
        raise SettingsError([loaded.finding(("detector", "model"), words)]) from None
    folder = site_folder(loaded)
    cameras = tuple(camera(stream, site.allow_networks, folder) for stream in site.streams)
    if unfit := list(_unfit(loaded, cameras, model)):
        raise SettingsError(unfit)
    enabled = {stream.name for stream in site.streams if stream.enabled}
    watched = tuple(each for each in cameras if each.name in enabled)
    return Plan(_jobs(site, watched, model, layers_of(site, folder), held), model)


def _jobs(
    site: Site, cameras: tuple[CameraJob, ...], model: Model, layers: tuple[LayerSpec, ...], held: Shares
) -> tuple[Job, ...]:
    cores = os.cpu_count() or 1
    workers = cores if site.workers == "auto" else site.workers
    shares = dealt([camera.name for camera in cameras], workers, held)
    threads = max(1, cores // max(1, sum(bool(share) for share in shares)))
    of_share = (tuple(camera for camera in cameras if camera.name in share) for share in shares)
    return tuple(_job(site, share, model, threads, layers) for share in of_share)


def site_folder(loaded: Loaded) -> Path:
    """What relative paths of files in a site file count from."""
    return Path(loaded.file).resolve().parent


def layers_of(site: Site, folder: Path) -> tuple[LayerSpec, ...]:
    """Of the site's parcels; folder: of the site file."""
    return tuple(layer.spec(folder) for layer in site.parcels)


def placed(detector: DetectorSpec, storage: Path) -> DetectorSpec:
    """With what `auto` measures with, where it remembers, and where INT8 forms may lie, unless the site says it."""
    given = {"calibration": assets.folder() / "demo" / "clip.mp4", "state": storage}
    if elsewhere := os.environ.get("SANDWATCH_MODELS"):
        given["models"] = Path(elsewhere)
    known = type(detector).model_fields
    missing = {key: path for key, path in given.items() if key in known and getattr(detector, key) is None}
    return detector.model_copy(update=missing) if missing else detector


def model_for(detector: DetectorSpec) -> Model:
    """The verified model that a detector's settings name, with its fallback. Raises ModelRefused."""
    folders = search_path(
        getattr(detector, "models", None), os.environ.get("SANDWATCH_MODELS"), assets.models()
    )
    model = find(str(getattr(detector, "model", "")), folders, served=detector.served)
    fallback = getattr(detector, "fallback", None)
    return model.model_copy(update={"fallback": find(fallback, folders)}) if fallback else model


def camera(stream: StreamSettings, networks: tuple[Cidr, ...] = (), folder: Path = Path()) -> CameraJob:
    """networks: where cameras may be, unless the stream says so itself. folder: of the site file."""
    source, clip = _placed(stream.source_spec(), networks), stream.clip
    return CameraJob(
        name=stream.name,
        source=source,
        fps=stream.fps,
        zones=dict(stream.zones),
        rules=stream.rules,
        record=source.recorded(),
        attention=stream.attention == "auto",
        acceleration=stream.hwaccel,
        ring=stream.ring.seconds,
        ring_limit=round(stream.ring.megabytes * 1_000_000),
        clip=ClipJob(clip.before, clip.after) if clip.keep else None,
        ignore=tuple(stream.ignore.values()),
        lines=dict(stream.lines),
        ground=stream.ground,
        elevation=folder / stream.elevation if stream.elevation else None,
        land=_land(stream.land) if stream.land else None,
        plates=stream.plates,
        care=Care(stream.health.picture, stream.health.offline_after, still=stream.telemetry is None),
        presets=dict(stream.presets),
        telemetry=stream.telemetry,
    )


def _land(land: LandSettings) -> LandJob:
    told = WatchSettings(
        severity=land.severity,
        whistle=land.whistle,
        least_m2=land.least_m2,
        watch={name: np.asarray(corners, np.float64) for name, corners in land.watch.items()},
    )
    return LandJob(told, land.every, None if land.freeze == "manual" else land.freeze)


def _placed(source: SourceSpec, networks: tuple[Cidr, ...]) -> SourceSpec:
    if "allow_networks" not in type(source).model_fields or "allow_networks" in source.model_fields_set:
        return source
    return source.model_copy(update={"allow_networks": networks})


def _job(
    site: Site, share: tuple[CameraJob, ...], model: Model, threads: int, parcels: tuple[LayerSpec, ...]
) -> Job:
    return Job(
        cameras=share,
        detector=placed(site.detector, Path(site.storage.path).absolute()),
        model=model,
        threads=threads,
        evidence=Path(site.storage.evidence).absolute(),
        time_zone=site.site.time_zone,
        log_level=site.log.level,
        log_format=site.log.format,
        position=site.site.position,
        parcels=parcels,
        room=Room.of(site.evidence.free_gigabytes),
    )


def _unfit(loaded: Loaded, cameras: tuple[CameraJob, ...], model: Model) -> Iterator[Finding]:
    """Rules that ask for what this model cannot see, or nobody knows; and plates where nothing can read them."""
    where = loaded.site.site
    for number, job in enumerate(cameras):
        if job.plates and find_spec("rapidocr") is None:
            yield loaded.finding(("streams", number, "plates"), _NO_READER)
        placed = scene(job, model.manifest.classes, where.time_zone, where.position)
        for turn, rule in enumerate(job.rules):
            try:
                rules_for(replace(job, rules=(rule,)), placed)
            except ValueError as error:
                path = ("streams", number, "rules", turn, "objects")
                yield loaded.finding(path, Text(str(error), f"规则与模型不符：{error}"))


_NO_READER = Text(
    "needs the reader for number plates: install sandwatch[plates]",
    "需要车牌识别组件：请安装 sandwatch[plates]",
)
