"""A camera's pipeline, as its settings want it: live and in a replay alike."""

import numpy as np

from edge.worker.job import CameraJob
from edge.worker.rules import rules_for
from inference.detections import Detector
from inference.ground import Ground
from inference.pipeline import Pipeline
from inference.rule import Scene
from inference.stages import Stages


def pipeline(
    camera: CameraJob,
    detector: Detector,
    scene: Scene,
    stages: Stages | None = None,
    ground: Ground | None = None,
) -> Pipeline:
    """With its rules, masks and pace. ground: where speed is taken. Raises ValueError where a rule does not fit the
    model's classes."""
    ignore = [np.asarray(corners, np.float64) for corners in camera.ignore]
    rules = rules_for(camera, scene)
    return Pipeline(detector, rules, stages, period=scene.period, ignore=ignore, ground=ground)
