"""From a checked site file to what the workers are told. All that can be refused is refused here, before
anything is started."""

import os
from dataclasses import dataclass
from pathlib import Path

from edge import assets
from edge.settings.model import Site, StreamSettings
from edge.worker.job import CameraJob, Job, shards
from edge.worker.rules import rules_for, scene
from inference.detector import DetectorSpec
from inference.manifest import Model, find, search_path
from streams.problem import Misconfigured, Problem, Text


class PlanRefused(Misconfigured):
    """The site file is sound but cannot be carried out here; `problem` says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One job per worker."""

    jobs: tuple[Job, ...]
    model: Model


def plan(site: Site) -> Plan:
    """Find and verify the model, fit the rules to its classes, deal the cameras out.

    Raises ModelRefused or PlanRefused.
    """
    model = model_for(site.detector)
    cameras = tuple(camera(stream) for stream in site.streams)
    for job in cameras:
        _check_rules(job, model, site.site.time_zone)
    cores = os.cpu_count() or 1
    dealt = shards(cameras, cores if site.workers == "auto" else site.workers)
    return Plan(tuple(_job(site, share, model, max(1, cores // len(dealt))) for share in dealt), model)


def model_for(detector: DetectorSpec) -> Model:
    """The verified model that a detector's settings name. Raises ModelRefused."""
    folders = search_path(
        getattr(detector, "models", None), os.environ.get("SANDWATCH_MODELS"), assets.models()
    )
    return find(str(getattr(detector, "model", "")), folders)


def camera(stream: StreamSettings) -> CameraJob:
    return CameraJob(
        name=stream.name,
        source=stream.source_spec(),
        fps=stream.fps,
        zones=dict(stream.zones),
        rules=stream.rules,
    )


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


def _check_rules(camera: CameraJob, model: Model, time_zone: str) -> None:
    try:
        rules_for(camera, scene(camera, model.manifest.classes, time_zone))
    except ValueError as error:
        raise PlanRefused(
            Problem(
                "rule.unfit",
                Text(f"camera {camera.name}: {error}", f"摄像机 {camera.name}：{error}"),
                Text("correct the rule in the site file", "请更正站点文件中的规则"),
            )
        ) from error
