"""From a camera's settings to its rules, built for one model's classes."""

import numpy as np

from edge.worker.job import CameraJob
from inference.rule import Rule, Scene
from streams import kinds


def scene(camera: CameraJob, classes: tuple[str, ...], time_zone: str) -> Scene:
    zones = {name: np.asarray(corners, np.float64) for name, corners in camera.zones.items()}
    return Scene(zones=zones, classes=classes, time_zone=time_zone, period=1 / camera.fps)


def rules_for(camera: CameraJob, scene: Scene) -> tuple[Rule, ...]:
    """Build each rule by its kind's file. Raises ValueError where a spec does not fit the model's classes."""
    return tuple(kinds.load("inference.rules", spec.kind).build(spec, scene) for spec in camera.rules)
