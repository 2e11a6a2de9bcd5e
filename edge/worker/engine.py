"""The inference thread of a worker: newest picture of each camera in turn -> events."""

import threading
import time
from collections.abc import Mapping

from edge.casebook import CaseBook
from edge.envelope import ModelRef, Proof, new_event_id, occurrence
from edge.worker.job import CameraJob, Job
from edge.worker.link import Link
from edge.worker.messages import Found, Trouble
from edge.worker.rules import rules_for, scene
from inference import snapshot
from inference.detections import Detector
from inference.detector import DetectorFailed
from inference.findings import Finding, Phase
from inference.pipeline import Pipeline
from inference.snapshot import SnapshotFailed
from streams.frame import Frame
from streams.latest import Latest
from streams.problem import Problem

_IDLE = 0.5  # s: longest nap without a picture, so that a stop is noticed


class Watch:
    """One camera on the inference thread: its slot, its pipeline, its open cases."""

    def __init__(self, camera: CameraJob, job: Job, detector: Detector, slot: Latest[Frame]) -> None:
        self.camera = camera.name
        self.slot = slot
        self.snapshot_problem: Problem | None = None
        self._scene = scene(camera, detector.classes, job.time_zone)
        rules = rules_for(camera, self._scene)
        self._pipeline = Pipeline(detector, rules, period=self._scene.period)
        self._cases = CaseBook(lambda: new_event_id(time.time()))
        self._evidence = job.evidence
        self._model = ModelRef(name=job.model.manifest.name, sha256=job.model.manifest.sha256)

    def step(self, frame: Frame) -> list[Found]:
        """Raises DetectorFailed."""
        return [self._found(finding, frame) for finding in self._pipeline.step(frame).findings]

    def close(self) -> list[Found]:
        return [self._found(finding, None) for finding in self._pipeline.close(time.time())]

    def _found(self, finding: Finding, frame: Frame | None) -> Found:
        entry = self._cases.enter(finding)
        proof, problem = self._proof(finding, frame, f"{entry.event_id}-{entry.number}")
        if frame is not None and finding.phase is not Phase.END:
            self.snapshot_problem = problem
        return Found(
            occurrence=occurrence(
                camera=self.camera,
                finding=finding,
                event_id=entry.event_id,
                n=entry.number,
                proof=proof,
                proof_error=problem.say("en") if problem else None,
                model=self._model,
            )
        )

    def _proof(
        self, finding: Finding, frame: Frame | None, name: str
    ) -> tuple[tuple[Proof, ...], Problem | None]:
        if frame is None or finding.phase is Phase.END:
            return (), None
        day = time.strftime("%Y/%m/%d", time.gmtime(finding.time))
        stem = f"{self.camera}/{day}/{name}"
        try:
            written = snapshot.write(self._evidence, stem, frame, finding, self._scene.zones)
        except SnapshotFailed as failed:
            return (), failed.problem
        return tuple(
            Proof(kind=item.kind, uri=f"evidence/{item.path}", size=item.bytes, sha256=item.sha256)
            for item in written
        ), None


class Engine:
    """Takes turns over the cameras; sends what they lead to; says once when something starts or stops failing."""

    def __init__(self, watches: tuple[Watch, ...], bell: threading.Event, link: Link) -> None:
        self._watches = watches
        self._bell = bell
        self._link = link
        self._troubles: dict[tuple[str, str], Problem] = {}
        self.turned = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; then every open event gets its END. Raises OSError when the daemon is gone."""
        while not stop.is_set():
            self._bell.wait(_IDLE)
            self._bell.clear()
            for watch in self._watches:
                self._turn(watch)
            self.turned = time.monotonic()
        for watch in self._watches:
            self._send(watch, watch.close())

    def _turn(self, watch: Watch) -> None:
        frame = watch.slot.take()
        if frame is None:
            return
        try:
            found = watch.step(frame)
        except DetectorFailed as failed:
            self._trouble(watch.camera, "model", failed.problem)
            return
        self._trouble(watch.camera, "model", None)
        self._send(watch, found)

    def _send(self, watch: Watch, found: list[Found]) -> None:
        for message in found:
            self._link.send(message)
        self._trouble(watch.camera, "snapshot", watch.snapshot_problem)

    def _trouble(self, camera: str, code: str, problem: Problem | None) -> None:
        """Tell the daemon on a change only: a full disk is one line in the log, not one per truck."""
        if self._troubles.get((camera, code)) == problem:
            return
        if problem is None:
            del self._troubles[camera, code]
        else:
            self._troubles[camera, code] = problem
        self._link.send(Trouble(code=code, camera=camera, problem=problem))


def slots(cameras: tuple[CameraJob, ...], bell: threading.Event) -> Mapping[str, Latest[Frame]]:
    return {camera.name: Latest(bell) for camera in cameras}
