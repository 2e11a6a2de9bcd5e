"""From a checked site file to what the workers are told. All that can be refused is refused here, before
anything is started."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge import assets
from edge.settings.finding import Finding, SettingsError
from edge.settings.loader import Loaded
from edge.settings.model import Site, StreamSettings
from edge.worker.care import Care
from edge.worker.job import CameraJob, ClipJob, Job, shards
from edge.worker.rules import rules_for, scene
from inference.detector import DetectorSpec
from inference.manifest import Model, ModelRefused, find, search_path
from streams.networks import Cidr
from streams.problem import Text
from streams.source import SourceSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """One job per worker."""

    jobs: tuple[Job, ...]
    model: Model


def plan(loaded: Loaded) -> Plan:
    """Find and verify the model, fit the rules to its classes, deal the cameras out.

    Raises SettingsError with everything that does not fit, each with its place in the site file.
    """
    site = loaded.site
    try:
        model = model_for(site.detector)
    except ModelRefused as refused:
        words = Text(refused.problem.say("en"), refused.problem.say("zh"))
        raise SettingsError([loaded.finding(("detector", "model"), words)]) from None
    cameras = tuple(camera(stream, site.allow_networks) for stream in site.streams)
    if unfit := list(_unfit(loaded, cameras, model)):
        raise SettingsError(unfit)
    cores = os.cpu_count() or 1
    dealt = shards(cameras, cores if site.workers == "auto" else site.workers)
    return Plan(tuple(_job(site, share, model, max(1, cores // len(dealt))) for share in dealt), model)


def model_for(detector: DetectorSpec) -> Model:
    """The verified model that a detector's settings name. Raises ModelRefused."""
    folders = search_path(
        getattr(detector, "models", None), os.environ.get("SANDWATCH_MODELS"), assets.models()
    )
    return find(str(getattr(detector, "model", "")), folders)


def camera(stream: StreamSettings, networks: tuple[Cidr, ...] = ()) -> CameraJob:
    """networks: where cameras may be, unless the stream says so itself."""
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
        care=Care(stream.health.picture, stream.health.offline_after, still=stream.telemetry is None),
        presets=dict(stream.presets),
        telemetry=stream.telemetry,
    )


def _placed(source: SourceSpec, networks: tuple[Cidr, ...]) -> SourceSpec:
    if "allow_networks" not in type(source).model_fields or "allow_networks" in source.model_fields_set:
        return source
    return source.model_copy(update={"allow_networks": networks})


def _job(site: Site, share: tuple[CameraJob, ...], model: Model, threads: int) -> Job:
    return Job(
        cameras=share,
        detector=site.detector,
        model=model,
        threads=threads,
        evidence=Path(site.storage.evidence).absolute(),
        time_zone=site.site.time_zone,
        log_level=site.log.level,
        log_format=site.log.format,
    )


def _unfit(loaded: Loaded, cameras: tuple[CameraJob, ...], model: Model) -> Iterator[Finding]:
    """Rules that ask for what this model cannot see."""
    time_zone = loaded.site.site.time_zone
    for number, job in enumerate(cameras):
        for turn, rule in enumerate(job.rules):
            try:
                rules_for(replace(job, rules=(rule,)), scene(job, model.manifest.classes, time_zone))
            except ValueError as error:
                path = ("streams", number, "rules", turn, "objects")
                yield loaded.finding(path, Text(str(error), f"规则与模型不符：{error}"))
