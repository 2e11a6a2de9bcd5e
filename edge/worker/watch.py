"""One camera on the inference thread: from its newest picture to what is published."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from edge.casebook import CaseBook, Entry
from edge.envelope import ModelRef, new_event_id, occurrence
from edge.worker.analysis import pipeline
from edge.worker.cadastre import Cadastre
from edge.worker.clips import Clipped, Clips
from edge.worker.farewell import STOPPED, Farewell
from edge.worker.job import CameraJob, Job
from edge.worker.memory import Memory
from edge.worker.messages import Found, LandCounts, Look, Point
from edge.worker.places import Places
from edge.worker.portraits import Portraits
from edge.worker.proofs import Kept, Proofs
from edge.worker.recorder import Recorder
from edge.worker.rules import at_preset, scene
from edge.worker.spoilt import spoilt
from edge.worker.station import Station
from edge.worker.surveyed import Surveyed
from edge.worker.wellbeing import Wellbeing
from inference.asking import Asking, answered
from inference.detections import Detector
from inference.findings import Finding, Phase
from inference.pipeline import Pipeline, Step
from inference.plates import PlateReader
from inference.watcher import Watcher
from streams.frame import Frame
from streams.problem import Problem
from streams.reader import CameraState
from streams.spoilage import Spoilage

if TYPE_CHECKING:
    from edge.worker.grounded import Grounded

_NO_PICTURES: Mapping[str, Path] = MappingProxyType({})


class Watch:
    """Its streams, its pipeline, its health, its open cases."""

    def __init__(
        self,
        camera: CameraJob,
        job: Job,
        detector: Detector,
        station: Station,
        recorder: Recorder,
        reader: PlateReader | None = None,
        cadastre: Cadastre | None = None,
    ) -> None:
        """reader: where the camera asks for number plates. cadastre: of the site."""
        self.camera = camera.name
        self.snapshot_problem: Problem | None = None
        self.clip_problem: Problem | None = None
        self._job, self._detector, self._station = camera, detector, station
        self._root, self._room = job.evidence, job.room
        self._scene = scene(camera, detector.classes, job.time_zone, job.position)
        self._preset: str | None = None
        self._surveyed = Surveyed(camera, cadastre or Cadastre(), job.position)
        eye = station.camera.eye if camera.attention else None
        every = camera.land.every if camera.land else None
        self._watcher = Watcher(self._pipeline(None), eye, station.camera.sink.calm, every)
        memory = Memory(job.evidence.parent / "references", camera.name)
        self._wellbeing = Wellbeing(camera.name, camera.care, memory)
        self._spoilage = Spoilage()
        self._cases = CaseBook(lambda: new_event_id(time.time()))
        self._land = self._grounded(camera, job)
        self._places = Places(camera, self._surveyed)
        apart = camera.record is not None
        self._proofs = Proofs(job.evidence, self._scene.zones, station.ring, apart=apart)
        self._clips = Clips(recorder, station.ring, camera.clip)
        self._portraits = Portraits(
            job.evidence,
            self._scene.zones,
            detector.classes,
            self._proofs.better,
            reader if camera.plates else None,
        )
        self._model = ModelRef(name=job.model.manifest.name, sha256=job.model.manifest.sha256)

    @property
    def model_problem(self) -> Problem | None:
        """What the detector goes on in spite of."""
        return self._detector.problem

    @property
    def goes_on(self) -> tuple[str, ...]:
        """Ids of the open cases that outlast a restart."""
        return self._cases.open

    @property
    def land_counts(self) -> LandCounts | None:
        return self._land.counts if self._land else None

    @property
    def ground_problem(self) -> Problem | None:
        """Why places, areas or parcels are not told."""
        return self._surveyed.problem

    @property
    def land_problem(self) -> Problem | None:
        """Why the ground has not been judged for long."""
        return self._land.problem if self._land else None

    @property
    def picture_problem(self) -> Problem | None:
        """What is wrong with the picture now."""
        return self._wellbeing.problem

    @property
    def stream_problem(self) -> Problem | None:
        """What is wrong with the stream that is live all the same."""
        seen = self._station.camera.eye.statistics()
        if not self._spoilage.update(seen.spoilt, seen.pictures, time.monotonic()):
            return None
        return spoilt(self.camera)

    def take(self) -> Frame | None:
        """The newest picture, if there is one that nobody has looked at."""
        return self._station.slot.take()

    def step(self, frame: Frame) -> list[Found]:
        """Raises DetectorFailed."""
        return answered(self.steps(frame), self._detector)

    def steps(self, frame: Frame) -> Asking[list[Found]]:
        """The same, for a driver that asks the detector for several cameras at once."""
        found = self._unwell(self._wellbeing.look(frame), frame) if self._known else []
        if self._wellbeing.well():
            self._proofs.remember(frame)
        self._places.size = frame.size
        step = yield from self._watcher.steps(frame)
        if step is None:
            return found
        # The picture that began a case may be its best one, and its END may come with it.
        problem = self._portraits.look(frame, step)
        found += self._seen(step.findings, frame)
        found += self._ground(frame, step)
        self.snapshot_problem = self.snapshot_problem or problem
        return found

    def tick(self) -> list[Found]:
        """What became ready beside the pictures: clips, and a camera that is gone or back."""
        state = self._station.camera.state
        live = state is not None and state.state in {CameraState.LIVE, CameraState.FINISHED}
        found = self._unwell(self._wellbeing.presence(live, time.time(), time.monotonic()), None)
        if self._land:
            found += self._seen(self._land.obey(time.time()), None)
        return found + self._clipped(self._clips.ready())

    def obey(self, order: Look | Point) -> list[Found]:
        match order:
            case Look():
                self.look_round()
                return []
            case Point(preset=preset):
                return [] if preset == self._preset else self._turned(preset, time.time())

    def look_round(self) -> None:
        """It is new on a connection that may stand: nothing of what is there has been seen by these rules."""
        self._station.camera.eye.wake(time.time())

    def cut(self) -> None:
        """No more is coming: clips end with what there is."""
        self._clips.cut()

    def close(self, deadline: float, why: Farewell = STOPPED) -> list[Found]:
        """Everything open is ended, with its clip if that is done by then (s of time.monotonic())."""
        now, reason = time.time(), why.reason
        found = self._unwell(self._wellbeing.close(now, reason), None)
        found += self._seen(self._watcher.close(now, reason), None)
        if self._land:
            found += self._seen(() if why.ground_goes_on else self._land.leave(now, reason), None)
            self._land.close(now)
        return found + self._clipped(self._clips.rest(deadline))

    @property
    def _known(self) -> bool:
        """Whether the camera points where its picture can be judged."""
        return not self._job.presets or self._preset is not None

    def _pipeline(self, preset: str | None) -> Pipeline | None:
        """With the rules that hold while the camera points there; None: it can be turned, and is nowhere known."""
        if self._job.presets and preset is None:
            return None
        held = at_preset(self._job, preset)
        return pipeline(held, self._detector, self._scene, ground=self._surveyed.ground(preset))

    def _turned(self, preset: str | None, now: float) -> list[Found]:
        self._preset = preset
        if self._land:
            self._land.turn(preset)
        left = self._unwell(self._wellbeing.turn(preset, now), None)
        return left + self._seen(self._watcher.turn(self._pipeline(preset), now), None)

    def _grounded(self, camera: CameraJob, job: Job) -> "Grounded | None":
        if camera.land is None:
            return None
        from edge.worker.grounded import Grounded  # noqa: PLC0415 (what compares pictures is not loaded for nothing)

        return Grounded(camera, camera.land, job, self._surveyed, self._detector.classes, self._cases)

    def _ground(self, frame: Frame, step: Step) -> list[Found]:
        """What became of the ground."""
        if self._land is None or not self._known:
            return []
        told = self._land.look(frame, step, well=self._wellbeing.well())
        return self._seen(told.findings, frame, told.before)

    def _seen(
        self, findings: Iterable[Finding], frame: Frame | None, before: Mapping[str, Path] = _NO_PICTURES
    ) -> list[Found]:
        """What rules found, and what became of the ground. before: pictures to go with findings, by their keys."""
        found = []
        for finding in findings:
            if finding.phase is Phase.END:
                found += self._over(finding, read=frame is not None)
                continue
            entry = self._cases.enter(finding)
            kept = self._kept(finding, entry, frame, before.get(finding.key))
            found.append(self._message(finding, entry, kept))
        return found

    def _kept(self, finding: Finding, entry: Entry, frame: Frame | None, before: Path | None) -> Kept:
        """The proof that goes with a NEW or an UPDATE; a NEW also begins the clip."""
        if not finding.pictured:
            return (), None
        self._clips.follow(finding)
        full = self._room.for_picture(self._root) if frame is not None else None
        shown = None if full else frame
        proof, problem = self._proofs.seen(finding, shown, self._stem(finding, entry), before)
        problem = full or problem
        if frame is not None:
            self.snapshot_problem = problem
        if finding.phase is Phase.NEW:
            name = f"{self._folder(finding.time)}/{entry.event_id}.mp4"
            missing = self._room.for_clip(self._root) or self._clips.begin(finding, name)
            self.clip_problem = missing or self.clip_problem
            problem = problem or missing
        return proof, problem

    def _over(self, finding: Finding, *, read: bool) -> list[Found]:
        """An END, with the best picture there was; it may have to wait for its clip. read: number plates, which
        takes longer than a worker has that is told to go."""
        waits = self._clips.follow(finding)
        entry = self._cases.enter(finding)
        full = self._room.for_picture(self._root)
        told, kept = self._portraits.last(finding, self._stem(finding, entry), read=read, full=full)
        if waits:
            self._clips.keep(told, entry, kept)
            return []
        return [self._message(told, entry, kept)]

    def _unwell(self, findings: Iterable[Finding], frame: Frame | None) -> list[Found]:
        """What befell the camera itself."""
        found = []
        for finding in findings:
            entry = self._cases.enter(finding)
            full = self._room.for_picture(self._root)
            kept = ((), full) if full else self._proofs.health(finding, frame, self._stem(finding, entry))
            found.append(self._message(finding, entry, kept))
        return found

    def _clipped(self, ready: Iterable[Clipped]) -> list[Found]:
        found = []
        for clip in ready:
            self.clip_problem = clip.kept[1]
            entry = clip.entry or self._cases.enter(clip.finding)
            found.append(self._message(clip.finding, entry, clip.kept))
        return found

    def _message(self, finding: Finding, entry: Entry, kept: Kept) -> Found:
        proof, problem = kept
        fix = self._station.poses.at(finding.time) if self._station.poses else None
        if self._land:
            self._land.note(finding, entry)
        return Found(
            occurrence=occurrence(
                camera=self.camera,
                finding=self._places.told(finding, self._preset, fix),
                event_id=entry.event_id,
                n=entry.number,
                proof=proof,
                proof_error=problem.say("en") if problem else None,
                model=self._model,
                fix=fix,
            )
        )

    def _folder(self, moment: float) -> str:
        return f"{self.camera}/{time.strftime('%Y/%m/%d', time.gmtime(moment))}"

    def _stem(self, finding: Finding, entry: Entry) -> str:
        return f"{self._folder(finding.time)}/{entry.event_id}-{entry.number}"
