"""One camera's way from pictures to findings: look -> track -> judge."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.detections import Detector
from inference.findings import Finding
from inference.look import Look
from inference.motion import Polygon
from inference.rule import Rule
from inference.stages import Stages
from inference.tracker import Tracker, TrackerSettings
from inference.tracks import Tracks
from inference.views import View
from streams.frame import Frame


@dataclass(frozen=True, slots=True)
class Step:
    """What one picture led to: the views looked at (px of the picture), whether anything moved, the tracks after
    it (px of the first picture of this camera), and what the rules say of them."""

    views: tuple[View, ...]
    moving: bool
    tracks: Tracks
    findings: tuple[Finding, ...]


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
    ) -> None:
        """period: seconds between two pictures, as far as it is known. ignore: polygons, relative 0-1, in which
        motion means nothing."""
        self._stages = stages or Stages()
        self._look = Look(detector, self._stages, ignore)
        self._tracker = Tracker(TrackerSettings.paced(detector.classes, period))
        self._tracks = Tracks.none()
        self._rules = tuple(rules)
        self._canvas: tuple[int, int] | None = None

    def step(self, frame: Frame) -> Step:
        """Frames in order of time. Raises DetectorFailed; the next frame may be tried all the same."""
        # A camera that changes its resolution goes on in the px of its first picture: no track is lost by it.
        canvas = self._canvas = self._canvas or frame.size
        glance = self._look.at(frame.picture, frame.time, self._tracks, canvas)
        with self._stages.timed("track"):
            self._tracks = self._tracker.update(glance.found, frame.time, canvas)
        with self._stages.timed("rules"):
            findings = [
                finding for rule in self._rules for finding in rule.update(self._tracks, canvas, frame.time)
            ]
        return Step(glance.views, glance.moving, self._tracks, tuple(findings))

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
