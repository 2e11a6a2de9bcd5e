"""From a camera's settings to its rules, built for one model's classes."""

from dataclasses import replace
from functools import partial

import numpy as np

from edge.worker.job import CameraJob
from inference.rule import Rule, RuleSpec, Scene
from streams import kinds


def scene(
    camera: CameraJob,
    classes: tuple[str, ...],
    time_zone: str,
    position: tuple[float, float] | None = None,
) -> Scene:
    zones, lines = (
        {name: np.asarray(points, np.float64) for name, points in drawn.items()}
        for drawn in (camera.zones, camera.lines)
    )
    return Scene(zones, classes, time_zone, period=1 / camera.fps, lines=lines, position=position)


def at_preset(camera: CameraJob, preset: str | None) -> CameraJob:
    """The job as it is while a camera points there: a zone or a line holds at its own presets only, and a
    rule that is left without one is not applied; points drawn in a rule hold everywhere. Cameras that cannot be
    turned have no presets."""
    if preset is None:
        return camera
    held = camera.presets.get(preset, ())
    rules = tuple(rule for rule in map(partial(_held, held), camera.rules) if rule)
    return replace(camera, rules=rules)


def _held(held: tuple[str, ...], rule: RuleSpec) -> RuleSpec | None:
    zones: tuple[str, ...] = getattr(rule, "zones", ())
    kept = tuple(zone for zone in zones if zone in held)
    if (zones and not kept) or _lost_its_line(held, rule):
        return None
    return rule.model_copy(update={"zones": kept}) if zones else rule


def _lost_its_line(held: tuple[str, ...], rule: RuleSpec) -> bool:
    line = getattr(rule, "line", None)
    return isinstance(line, str) and line not in held


def rules_for(camera: CameraJob, scene: Scene) -> tuple[Rule, ...]:
    """Build each rule by its kind's file. Raises ValueError where a spec does not fit the model's classes."""
    return tuple(kinds.load("inference.rules", spec.kind).build(spec, scene) for spec in camera.rules)
