"""sandwatch replay: the same pipeline over a recorded clip or a folder of pictures, as fast as it goes."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edge.casebook import CaseBook
from edge.envelope import ModelRef, Occurrence, new_event_id, occurrence
from edge.worker.job import CameraJob
from edge.worker.rules import rules_for, scene
from inference.detections import Detector
from inference.findings import Finding, Phase
from inference.manifest import Model
from inference.pipeline import Pipeline, Step
from inference.stages import Stages
from inference.tracks import Tracks
from streams import kinds
from streams.cadence import Cadence
from streams.frame import Frame
from streams.source import StreamInfo


@dataclass(slots=True)
class Summary:
    """What a replay saw. tracks: confirmed tracks by class (the last vote). events: `new` phases, by type and
    rule ("vehicle.zone/zone"), then by class. seconds: of the recording, first to last picture."""

    pictures: int = 0
    analysed: int = 0
    seconds: float = 0.0
    tracks: Counter[str] = field(default_factory=Counter)
    events: dict[str, Counter[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pictures": self.pictures,
            "analysed": self.analysed,
            "seconds": round(self.seconds, 3),
            "tracks": dict(self.tracks),
            "events": {rule: dict(seen) for rule, seen in self.events.items()},
        }


class Replay:
    """A sink that analyses every due frame on the spot: no thread, no drops, the clip's own clock."""

    def __init__(
        self,
        camera: CameraJob,
        detector: Detector,
        model: Model,
        time_zone: str,
        emit: Callable[[Occurrence], None],
        stages: Stages | None = None,
    ) -> None:
        self._camera = camera
        self._classes = detector.classes
        rules = rules_for(camera, scene(camera, detector.classes, time_zone))
        self._pipeline = Pipeline(detector, rules, stages, period=1 / camera.fps)
        self._cadence = Cadence(camera.fps)
        self._cases = CaseBook(lambda: new_event_id(self._now))
        self._model = ModelRef(name=model.manifest.name, sha256=model.manifest.sha256)
        self._emit = emit
        self._first: float | None = None
        self._now = 0.0
        self._labels: dict[int, int] = {}
        self.summary = Summary()

    def run(self) -> Summary:
        """Raises StreamError where the recording cannot be read, DetectorFailed where the model fails."""
        source = kinds.load("streams.sources", self._camera.source.kind).build(self._camera.source)
        source.run(self, threading.Event())
        for finding in self._pipeline.close(self._now):
            self._tell(finding)
        self.summary.tracks.update(self._classes[label] for label in self._labels.values())
        return self.summary

    def opened(self, info: StreamInfo) -> None:
        """Nothing to prepare: sizes come with each frame."""

    def frame(self, frame: Frame) -> None:
        self._now = frame.time
        self._first = frame.time if self._first is None else self._first
        self.summary.pictures += 1
        self.summary.seconds = frame.time - self._first
        if self._cadence.due(frame.time):
            self.summary.analysed += 1
            step = self._pipeline.step(frame)
            self.analysed(frame, step)
            self._remember(step.tracks)
            for finding in step.findings:
                self._tell(finding)

    def analysed(self, frame: Frame, step: Step) -> None:
        """Called after every analysed picture: a place for a bench or a test to look at the steps."""

    def _remember(self, tracks: Tracks) -> None:
        for track, label in zip(tracks.ids.tolist(), tracks.labels.tolist(), strict=True):
            self._labels[track] = label

    def _tell(self, finding: Finding) -> None:
        entry = self._cases.enter(finding)
        if finding.phase is Phase.NEW:
            seen = self.summary.events.setdefault(f"{finding.type}/{finding.rule}", Counter())
            seen.update(sighting.label for sighting in finding.objects)
        self._emit(
            occurrence(
                camera=self._camera.name,
                finding=finding,
                event_id=entry.event_id,
                n=entry.number,
                model=self._model,
            )
        )
