"""sandwatch replay: the same pipeline over a recorded clip or a folder of pictures, as fast as it goes."""

import contextlib
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from edge.casebook import CaseBook
from edge.envelope import ModelRef, Occurrence, new_event_id, occurrence
from edge.worker.analysis import pipeline
from edge.worker.cadastre import Cadastre
from edge.worker.job import CameraJob
from edge.worker.places import Places
from edge.worker.rules import scene
from edge.worker.surveyed import Surveyed
from inference.detections import Detector
from inference.findings import Finding, Phase
from inference.geodesy.layer import LayerSpec
from inference.manifest import Model
from inference.pipeline import Step
from inference.stages import Stages
from inference.tracks import Tracks
from inference.watcher import Watcher
from streams import kinds
from streams.cadence import Cadence
from streams.camera import WatchedSink
from streams.errors import Unreadable
from streams.eye import Eye, Gaze
from streams.frame import Frame
from streams.packet import Packet
from streams.ring import Ring
from streams.source import NullSink, Source, StreamInfo

if TYPE_CHECKING:
    from edge.worker.land import Land

log = structlog.get_logger()


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


class _OnTheSpot:
    """A slot whose pictures are analysed as they are put in."""

    empty = True

    def __init__(self, analyse: Callable[[Frame], None]) -> None:
        self.put = analyse

    def put_when_free(self, item: Frame, patience: float) -> None:
        self.put(item)


class Replay(NullSink):
    """A sink that analyses every due frame on the spot: no thread, no drops, the clip's own clock.

    attention: decode as a live camera is decoded, key frames only while nothing happens; else everything.
    """

    def __init__(
        self,
        camera: CameraJob,
        detector: Detector,
        model: Model,
        time_zone: str,
        emit: Callable[[Occurrence], None],
        stages: Stages | None = None,
        *,
        attention: bool = False,
        position: tuple[float, float] | None = None,
        parcels: tuple[LayerSpec, ...] = (),
    ) -> None:
        self._camera = camera
        self._classes = detector.classes
        placed = scene(camera, detector.classes, time_zone, position)
        self._ring = Ring()
        gaze = Gaze(fps=camera.fps, threads=1 if attention else 0)
        self.eye = Eye(self._ring, _OnTheSpot(self._analyse), gaze)
        self._sink = WatchedSink(self._ring, self.eye, None)
        self._position, self._stages = position, stages
        on_earth = Cadastre.of(position, parcels) if camera.land or camera.ground else Cadastre()
        self._surveyed = Surveyed(camera, on_earth, position)
        self._places = Places(camera, self._surveyed)
        analysis = pipeline(camera, detector, placed, stages, self._surveyed.ground(None))
        self._watcher = Watcher(analysis, self.eye if attention else None, self._sink.calm)
        self._cadence = Cadence(camera.fps)
        self._cases = CaseBook(lambda: new_event_id(self._now))
        self._model = ModelRef(name=model.manifest.name, sha256=model.manifest.sha256)
        self._emit = emit
        self._land: Land | None = None
        self._first: float | None = None
        self._now = 0.0
        self._labels: dict[int, int] = {}
        self.summary = Summary()

    def run(self) -> Summary:
        """Raises StreamError where the recording cannot be read, DetectorFailed where the model fails."""
        source: Source = kinds.load("streams.sources", self._camera.source.kind).build(self._camera.source)
        with self._ground():
            source.run(self, threading.Event())
        if not self.summary.pictures:
            raise Unreadable(source.where)
        for finding in self._watcher.close(self._now):
            self._tell(finding)
        self.summary.tracks.update(self._classes[label] for label in self._labels.values())
        return self.summary

    def opened(self, info: StreamInfo) -> None:
        self._sink.opened(info)

    def packet(self, packet: Packet) -> None:
        self._sink.packet(packet)
        self._catch_up()

    def ended(self) -> None:
        self._ring.end()
        self._catch_up()
        if spoilt := self.eye.statistics().spoilt:
            log.warning("replay.spoilt_packets", camera=self._camera.name, packets=spoilt)

    def frame(self, frame: Frame) -> None:
        self.summary.pictures += 1
        self._pass(frame.time)
        if self._cadence.due(frame.time):
            self._analyse(frame)

    def _catch_up(self) -> None:
        while self.eye.turn(0.0):
            pass
        seen = self.eye.statistics()
        if seen.last is not None:
            self.summary.pictures = seen.pictures
            self._pass(seen.last)

    def _pass(self, time: float) -> None:
        self._now = time
        self._first = time if self._first is None else self._first
        self.summary.seconds = time - self._first

    def _analyse(self, frame: Frame) -> None:
        self._now = frame.time
        self._first = frame.time if self._first is None else self._first
        step = self._watcher.step(frame)
        if step is None:
            return
        self.summary.analysed += 1
        self.analysed(frame, step)
        self._remember(step.tracks)
        for finding in step.findings:
            self._tell(finding)
        for finding in self._land.look(frame, step).findings if self._land else ():
            self._tell(finding)

    @contextlib.contextmanager
    def _ground(self) -> Iterator[None]:
        """The watch over the ground, where it is asked for. It learns its references from the recording, and
        nothing of them is kept."""
        land = self._camera.land
        if land is None:
            yield
            return
        from edge.worker.land import Land  # noqa: PLC0415 (what compares pictures is not loaded for nothing)

        with tempfile.TemporaryDirectory(prefix="sandwatch-replay-") as folder:
            self._land = Land(
                self._camera, land, Path(folder), self._surveyed, self._classes, self._position, self._stages
            )
            yield

    def analysed(self, frame: Frame, step: Step) -> None:
        """Called after every analysed picture: a place for a bench or a test to look at the steps."""

    def _remember(self, tracks: Tracks) -> None:
        for track, label in zip(tracks.ids.tolist(), tracks.labels.tolist(), strict=True):
            self._labels[track] = label

    def _tell(self, finding: Finding) -> None:
        entry = self._cases.enter(finding)
        if finding.phase is Phase.NEW:
            seen = self.summary.events.setdefault(f"{finding.type}/{finding.rule}", Counter())
            seen.update([sighting.label for sighting in finding.objects] or ["ground"])
        self._emit(
            occurrence(
                camera=self._camera.name,
                finding=self._places.told(finding, None, None),
                event_id=entry.event_id,
                n=entry.number,
                model=self._model,
            )
        )
