"""One camera's way from pictures to findings: look -> track -> judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.asking import Asking, answered
from inference.courses import Course, Courses
from inference.detections import Detector
from inference.findings import Finding
from inference.geometry import Anchor, anchor_points
from inference.ground import Ground
from inference.look import Look
from inference.motion import Polygon
from inference.rule import Rule
from inference.sheets import Sheet
from inference.stages import Stages
from inference.tracker import Tracker, TrackerSettings
from inference.tracks import Tracks
from streams.frame import Frame

_WOBBLE = 0.05  # of a box's side: how far its foot jumps from picture to picture, 1 sigma


@dataclass(frozen=True, slots=True)
class Step:
    """What one picture led to: the sheets looked at (views in px of the picture), whether anything moved, the
    tracks after it (px of the first picture of this camera, whose width and height are the canvas), and what the
    rules say of them."""

    sheets: tuple[Sheet, ...]
    moving: bool
    tracks: Tracks
    findings: tuple[Finding, ...]
    canvas: tuple[int, int]


class Pipeline:
    """Holds all that is remembered of one camera between pictures. One thread at a time."""

    def __init__(
        self,
        detector: Detector,
        rules: Sequence[Rule],
        stages: Stages | None = None,
        *,
        period: float = 0.2,
        ignore: Sequence[Polygon] = (),
        ground: Ground | None = None,
    ) -> None:
        """period: seconds between two pictures, as far as it is known. ignore: polygons, relative 0-1, in which
        motion means nothing. ground: where it is calibrated."""
        self._stages = stages or Stages()
        self.detector = detector
        self._look = Look(detector, self._stages, ignore)
        self._tracker = Tracker(TrackerSettings.paced(detector.classes, period))
        self._tracks = Tracks.none()
        self._rules = tuple(rules)
        self._courses = None if ground is None else Courses(ground)
        self._canvas: tuple[int, int] | None = None

    def step(self, frame: Frame) -> Step:
        """Frames in order of time. Raises DetectorFailed; the next frame may be tried all the same."""
        return answered(self.steps(frame), self.detector)

    def steps(self, frame: Frame) -> Asking[Step]:
        """The same, for a driver that asks the detector for several cameras at once."""
        # A camera that changes its resolution goes on in the px of its first picture: no track is lost by it.
        canvas = self._canvas = self._canvas or frame.size
        glance = yield from self._look.at(frame.picture, frame.time, self._tracks, canvas)
        with self._stages.timed("track"):
            self._tracks = self._tracker.update(glance.found, frame.time, canvas)
        with self._stages.timed("rules"):
            grow = np.array([frame.size[0] / canvas[0], frame.size[1] / canvas[1]] * 2, np.float32)
            tracks = replace(
                self._tracks,
                stir=self._look.stir(self._tracks.boxes * grow),
                attributes=self._driven(canvas, frame.time),
            )
            findings = [
                finding for rule in self._rules for finding in rule.update(tracks, canvas, frame.time)
            ]
        return Step(glance.sheets, glance.moving, tracks, tuple(findings), canvas)

    def _driven(self, canvas: tuple[int, int], time: float) -> tuple[Mapping[str, float], ...]:
        """How fast each track goes, and where to, as far as it is known."""
        if self._courses is None:
            return ()
        ids, boxes = self._tracks.ids.tolist(), self._tracks.boxes
        feet = anchor_points(boxes, Anchor.BOTTOM_CENTER) / canvas
        noise = _WOBBLE * (boxes[:, 2:] - boxes[:, :2]) / canvas
        courses = self._courses.update(ids, feet, noise, self._tracks.seen.tolist(), time)
        return tuple(_told(courses.get(each)) for each in ids)

    def moved(self, frame: Frame) -> bool:
        """Whether anything moved since the last picture. A picture that shows it teaches nothing: it is to be
        stepped through with all that came before it."""
        return self._look.moved(frame.picture, frame.time)

    @property
    def busy(self) -> bool:
        """Whether a rule counts the seconds of something: it needs every picture."""
        return any(rule.pending for rule in self._rules)

    @property
    def holds(self) -> bool:
        """Whether anything is followed, if only because it stands there."""
        return len(self._tracks) > 0

    def close(self, now: float, reason: str = "stopped") -> tuple[Finding, ...]:
        """The END of everything still open."""
        return tuple(finding for rule in self._rules for finding in rule.close(now, reason))


def _told(course: Course | None) -> dict[str, float]:
    """By the names of inference.findings.Sighting; no heading of what stands."""
    if course is None:
        return {}
    told = {"speed_kmh": round(3.6 * course.speed, 1)}
    return told if course.heading is None else {**told, "heading": round(course.heading)}
