"""Where on the earth the objects of an event are."""

from dataclasses import replace

import numpy as np
import structlog

from edge.worker.job import CameraJob
from edge.worker.surveyed import Surveyed, attached
from inference.findings import Finding, Sighting
from streams.telemetry.book import Fix

log = structlog.get_logger()


class Places:
    """Of one camera: by its measured ground, or by the pose of one that moves about. size: width and height of its
    last picture, px."""

    def __init__(self, camera: CameraJob, surveyed: Surveyed) -> None:
        self._camera, self._surveyed = camera.name, surveyed
        self.size: tuple[int, int] | None = None
        self._refusal: str | None = None

    def told(self, finding: Finding, preset: str | None, fix: Fix | None) -> Finding:
        """With lon, lat and sigma_m of its objects where they can be told. fix: of a camera that moves."""
        if not finding.objects:
            return finding
        if fix is None:
            return _with(finding, self._surveyed.located(finding.objects, preset))
        return finding if self.size is None else self._by_pose(finding, fix, self.size)

    def _by_pose(self, finding: Finding, fix: Fix, size: tuple[int, int]) -> Finding:
        from inference.survey.georeferenced import Surroundings, placed  # noqa: PLC0415 (pyproj)
        from inference.survey.refusal import NotPlaced  # noqa: PLC0415

        try:
            view = placed(fix, size, Surroundings())
        except NotPlaced as refused:
            if refused.problem.code != self._refusal:
                self._refusal = refused.problem.code
                log.info("places.not_told", camera=self._camera, why=refused.problem.code)
            return finding
        self._refusal = None
        boxes = np.array([each.box for each in finding.objects], np.float64)
        lon, lat, sigma = view.places(boxes)
        return _with(finding, attached(finding.objects, np.column_stack([lon, lat]), sigma))


def _with(finding: Finding, objects: tuple[Sighting, ...]) -> Finding:
    return replace(finding, objects=objects)
