"""The ground of one camera, beside its pipeline: when it is looked at, and what people ask of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.casebook import Entry
from edge.land.folders import view
from edge.worker.job import CameraJob, LandJob
from edge.worker.landview import LandView
from edge.worker.ledger import Ledger
from edge.worker.messages import LandCounts
from edge.worker.silence import Silence
from edge.worker.surveyed import Surveyed
from inference.findings import Finding, Phase, Severity
from inference.land.patches import LandStep
from inference.pipeline import Step
from inference.stages import Stages
from inference.tracks import Tracks
from inference.vocabulary import GROUPS, plain
from streams.frame import Frame
from streams.problem import Problem

_WORKING = "machine.working"  # the type of what the rule `working` finds
# Score from which a thing hides the ground below it. Detectors see weak vehicles in fresh soil itself (0.2 to 0.42 on
# drawn digs), picture after picture: masked by those, a dig would never be told.
_SURE = 0.5
_ORDER = tuple(Severity)  # from info to critical

Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Told:
    """before: by the finding's key, the kept picture of what it was compared with."""

    findings: tuple[Finding, ...] = ()
    before: Mapping[str, Path] = field(default_factory=dict)


class Land:
    """One camera's; one thread."""

    def __init__(
        self,
        camera: CameraJob,
        land: LandJob,
        storage: Path,
        surveyed: Surveyed,
        labels: tuple[str, ...],
        position: tuple[float, float] | None = None,
        stages: Stages | None = None,
    ) -> None:
        """labels: the classes of the detector. position: of the site, for what the sun does."""
        self._camera, self._job, self._storage = camera, land, storage
        self._surveyed, self._position = surveyed, position
        self._machines = [number for number, label in enumerate(labels) if plain(label) in GROUPS["machine"]]
        self._stages = stages or Stages()
        self._ledger = Ledger(storage, camera.name, camera.presets)
        self._views: dict[str | None, LandView] = {}
        self._preset: str | None = None
        self._looked: float | None = None
        self._at_work: dict[str, Boxes] = {}
        self._silence = Silence(camera.name)
        self._looks = self._judged = 0

    @property
    def problem(self) -> Problem | None:
        """What keeps it from judging for so long that somebody has to look after it."""
        broken = (each.problem for each in self._views.values())
        return self._silence.problem or next(filter(None, broken), None)

    @property
    def counts(self) -> LandCounts:
        spent, timed = self._stages.seconds["land"], self._stages.counts["land"]
        return LandCounts(
            looks=self._looks,
            judged=self._judged,
            milliseconds=round(1000 * spent / timed, 1) if timed else 0.0,
            condition=self._silence.condition,
            since=self._silence.since,
        )

    @property
    def ledger(self) -> Ledger:
        return self._ledger

    def at(self, preset: str | None) -> LandView | None:
        """The view that was looked at there, since the worker started."""
        return self._views.get(preset)

    @property
    def seen(self) -> dict[str | None, LandView]:
        """By preset, what was looked at since the worker started."""
        return self._views

    def turn(self, preset: str | None) -> None:
        """It points elsewhere. That ends no case: the ground goes on being what it was."""
        self._preset = preset
        self._looked = None
        self._at_work.clear()

    def note(self, finding: Finding, step: Entry) -> None:
        """A message that is about to be told."""
        self._ledger.note(finding, step, self._preset)

    def look(self, frame: Frame, step: Step) -> Told:
        """step: what the pipeline says of this picture."""
        self._follow(step.findings)
        land = _held(self._camera, self._job, self._preset)
        if land is None or (self._looked is not None and 0 <= frame.time - self._looked < land.every):
            return Told()
        self._looked = frame.time
        boxes = np.asarray(step.tracks.boxes / (step.canvas * 2), np.float32).reshape(-1, 4)
        with self._stages.timed("land"):
            place, lost = self._view(land, frame)
            sure = boxes[step.tracks.scores >= _SURE]
            seen = place.look(_pixels(frame), frame.time, sure, self._working(step.tracks, boxes))
        self._looks += 1
        self._judged += seen.condition is None
        self._silence.heard(seen.condition, seen.told, frame.time)
        return self._told(place, seen, lost, frame.time)

    def unwell(self, time: float) -> None:
        """The camera's own health forbids to judge by this picture."""
        self._silence.heard("unwell", None, time)

    def close(self, now: float) -> None:
        """Nothing is ended: what is open goes on after the restart."""
        for each in self._views.values():
            each.keep(now)

    def _view(self, land: LandJob, frame: Frame) -> tuple[LandView, list[Finding]]:
        """With the cases whose patch it does not know, when it is met for the first time."""
        preset = self._preset
        if preset in self._views:
            return self._views[preset], []
        folder = view(self._storage, self._camera.name, preset).folder
        aspect = frame.size[0] / frame.size[1]
        placing, sight = self._surveyed.placing(preset, aspect), self._surveyed.sight(preset, aspect)
        made = self._views[preset] = LandView(folder, land, self._position, placing, sight)
        known = {finding.key for finding in made.open}
        return made, self._ledger.lost(preset, known, frame.time)

    def _told(self, place: LandView, step: LandStep, lost: list[Finding], time: float) -> Told:
        """A pair of pictures that comes later than its message goes out with an update."""
        said = {finding.key for finding in step.findings}
        late = {pair.key for pair in step.keep} - said
        again = [replace(each, phase=Phase.UPDATE, time=time) for each in place.open if each.key in late]
        before = {pair.key: path for pair in step.keep if (path := place.picture(pair.before.light))}
        return Told(tuple(map(self._weighed, (*lost, *step.findings, *again))), before)

    def _weighed(self, finding: Finding) -> Finding:
        """As grave as the gravest layer of parcels that it touches, at least."""
        ground = finding.change.place if finding.change else None
        layer = self._surveyed.cadastre.severity(ground.overlaps) if ground else None
        return (
            finding
            if layer is None
            else replace(finding, severity=max(finding.severity, layer, key=_ORDER.index))
        )

    def _follow(self, findings: Iterable[Finding]) -> None:
        """Which machines work now, by the rule that says so."""
        for finding in findings:
            if finding.type != _WORKING:
                continue
            if finding.phase is Phase.END:
                self._at_work.pop(finding.key, None)
            else:
                boxes = [sighting.box for sighting in finding.objects]
                self._at_work[finding.key] = np.array(boxes, np.float32).reshape(-1, 4)

    def _working(self, tracks: Tracks, boxes: Boxes) -> Boxes:
        """float32 [N, 4], relative: machines that are seen, and those that the rule said work."""
        seen = boxes[np.isin(tracks.labels, self._machines)]
        return np.concatenate([seen, *self._at_work.values()]).astype(np.float32)


def _held(camera: CameraJob, land: LandJob, preset: str | None) -> LandJob | None:
    """What is watched at a preset: polygons hold at their own alone; None: nothing is watched there."""
    named = land.settings.watch
    if preset is None or not named:
        return land
    held = {name: named[name] for name in camera.presets.get(preset, ()) if name in named}
    return replace(land, settings=replace(land.settings, watch=held)) if held else None


def _pixels(frame: Frame) -> NDArray[np.uint8]:
    return np.ascontiguousarray(frame.picture.to_ndarray(format="bgr24"), np.uint8)
