"""A camera's last seconds through one rule: which tracks would have raised an event, and why the others would not.

`edge.aside` runs this.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from edge import aside, logs
from edge.plan import camera as camera_job
from edge.plan import model_for, site_folder
from edge.replay import Replay
from edge.settings.loader import Loaded, load_text
from edge.worker.job import CameraJob
from edge.worker.rules import scene
from edge.zones.outlines import stream_of
from inference import schedule
from inference.cast import Cast, Zones
from inference.detections import Detector
from inference.manifest import Model
from inference.pipeline import Step
from inference.rule import RuleSpec
from streams import kinds
from streams.errors import StreamError
from streams.frame import Frame
from streams.problem import Problem, ProblemError, Text
from streams.sources.file import Spec as FileSpec

_GAP = 2.0  # s between two sightings that still count as having stayed (inference.stays)


class Question(BaseModel):
    """text: of the site file as it would be. clip: the recording; began: s since 1970 of its first
    picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    file: str
    camera: str
    rule: str
    clip: Path
    began: float


@dataclass(slots=True)
class Seen:
    """Of one track. first, last: s of the recording. inside: s that its anchor was in a zone of the rule."""

    label: int
    first: float
    last: float
    inside: float = 0.0
    entered: float | None = None
    wanted: bool = False
    reached: bool = False


class Trial(Replay):
    """A replay with one rule, that remembers every track."""

    def __init__(self, camera: CameraJob, loaded: Loaded, detector: Detector, model: Model) -> None:
        who = loaded.site.site
        self.raised = set[int]()
        self.seen: dict[int, Seen] = {}
        (self._rule,) = camera.rules
        placed = scene(camera, detector.classes, who.time_zone, who.position)
        self._cast = Cast(self._rule.objects, placed)
        anchor = getattr(self._rule, "anchor", None)
        zones = getattr(self._rule, "zones", None)
        self._held = Zones(zones, anchor, placed) if zones is not None and anchor is not None else None
        super().__init__(camera, detector, model, who.time_zone, lambda _: None, position=who.position)

    def analysed(self, frame: Frame, step: Step) -> None:
        tracks, now = step.tracks, frame.time
        wanted = self._cast.wanted(tracks)
        inside = wanted & False
        for _, held in self._held.inside(tracks, step.canvas) if self._held else ():
            inside = inside | held
        for row, ident in enumerate(tracks.ids.tolist()):
            if not tracks.seen[row]:
                continue
            each = self.seen.setdefault(ident, Seen(int(tracks.labels[row]), now, now))
            if inside[row]:
                each.inside += now - each.last if each.entered is not None and now - each.last <= _GAP else 0
                each.entered = now
            else:
                each.entered = None
            each.label, each.last = int(tracks.labels[row]), now
            each.wanted = bool(wanted[row])
            each.reached = each.reached or bool(inside[row])
        for finding in step.findings:
            self.raised |= {sighting.track for sighting in finding.objects}


def work(question: bytes) -> aside.Answer:
    """Raises ProblemError."""
    logs.configure("error")
    asked = Question.model_validate_json(question)
    loaded = load_text(asked.text, asked.file)
    _, stream = stream_of(loaded, asked.camera)
    job = camera_job(stream, folder=site_folder(loaded))
    rule = next((each for each in job.rules if each.name == asked.rule), None)
    if rule is None:
        raise ProblemError(_NO_RULE)
    awake = replace(
        job, source=FileSpec(path=asked.clip), rules=(rule.model_copy(update={"schedule": ()}),), land=None
    )
    model = model_for(loaded.site.detector)
    detector = kinds.load("inference.detectors", loaded.site.detector.kind).build(
        loaded.site.detector, model, 1
    )
    trial = Trial(awake, loaded, detector, model)
    try:
        summary = trial.run()
    except StreamError as error:
        raise ProblemError(error.problem(asked.camera)) from None
    who = loaded.site.site
    asleep = not schedule.active(rule.schedule, asked.began, who.time_zone, who.position)
    tracks = [_told(ident, each, trial, rule, detector, asleep) for ident, each in trial.seen.items()]
    return {"seconds": summary.seconds, "tracks": [*tracks]}


def _told(
    ident: int, each: Seen, trial: Trial, rule: RuleSpec, detector: Detector, asleep: bool
) -> JsonValue:
    would = ident in trial.raised
    why = _why(each, rule, detector.classes[each.label], would=would, asleep=asleep)
    start = min(other.first for other in trial.seen.values())
    return {
        "label": detector.classes[each.label],
        "from": round(each.first - start, 2),
        "to": round(each.last - start, 2),
        "wanted": each.wanted or would,
        "raised": would and not asleep,
        "why": {"en": why.en, "zh": why.zh},
    }


def _why(each: Seen, rule: RuleSpec, label: str, *, would: bool, asleep: bool) -> Text:
    """Pure."""
    if would:
        return _ASLEEP if asleep else _RAISED
    if not each.wanted:
        names = ", ".join(rule.objects)
        return Text(f"taken for: {label}; the rule asks for {names}", f"目标为 {label}；规则要求 {names}")
    dwell = getattr(rule, "dwell", None)
    if dwell is None:
        return _NOT_OVER
    if not each.reached:
        anchor = str(getattr(rule, "anchor", "")).replace("_", " ")
        return Text(f"its {anchor} was never in the zone", f"目标的锚点（{anchor}）从未进入区域")
    return Text(
        f"it stayed {each.inside:.1f} s; the rule asks for {dwell:g} s",
        f"停留 {each.inside:.1f} 秒；规则要求 {dwell:g} 秒",
    )


_RAISED = Text("an event", "产生事件")
_ASLEEP = Text("an event, but the rule sleeps at this time", "会产生事件，但规则此时不在生效时段")
_NOT_OVER = Text("it did not do what the rule asks for", "未满足规则条件")
_NO_RULE = Problem(
    "zones.no_rule",
    Text("there is no such rule", "没有该规则"),
    Text("check its name", "请核对名称"),
)


if __name__ == "__main__":
    aside.answers(work)
