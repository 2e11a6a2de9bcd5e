"""Whether a camera is there and shows what it should, as events."""

from collections.abc import Iterable
from dataclasses import replace

from edge.worker.care import Care
from edge.worker.memory import Memory
from inference.findings import Finding, Phase, Severity
from inference.views import luma
from streams.frame import Frame
from streams.health.condition import Condition
from streams.health.health import Health, Verdict
from streams.health.measures import measure
from streams.health.outage import Change, Outage
from streams.problem import Problem, Text

TAMPERED, OFFLINE = "camera.tampered", "camera.offline"
_KEEP = 600.0  # s between two copies on disk: an SD card lives long on one write in ten minutes
_EVERY = 1.0  # s between two judgements: they cost as much as two comparisons of motion


class Wellbeing:
    """One camera's. `look` for every picture, `presence` now and then; both give findings of its own health.

    Each preset has a usual picture of its own; while the camera points nowhere known nothing is judged.
    """

    def __init__(self, camera: str, care: Care, memory: Memory | None = None) -> None:
        """memory: where usual pictures are kept over a restart."""
        self._camera, self._care, self._memory = camera, care, memory
        self._kept: dict[str | None, tuple[float, int]] = {}
        self._healths: dict[str | None, Health] = {}
        self._preset: str | None = None
        self._judged = float("-inf")
        self._tampered: Finding | None = None
        self._offline: Finding | None = None
        self._outage = Outage(after=care.offline_after)
        self.problem: Problem | None = None
        """What is wrong with the picture now, for people."""

    def turn(self, preset: str | None, now: float) -> list[Finding]:
        """The camera points elsewhere: nothing that was said of the old view holds there."""
        self._preset = preset
        return self._became((), now, "turned")

    def well(self) -> bool:
        return self._tampered is None and self.problem is None

    def look(self, frame: Frame) -> list[Finding]:
        if not self._care.picture or 0 <= frame.time - self._judged < _EVERY:
            return []
        self._judged = frame.time
        health = self._healths.get(self._preset) or self._met()
        look = measure(luma(frame.picture))
        verdict = health.update(look, frame.time, key=bool(frame.picture.key_frame))
        if not verdict.conditions:
            self._remember(health, frame.time)
        if not verdict.changed:
            return []
        self.problem = _problem(self._camera, verdict)
        wrong = tuple(each for each in verdict.conditions if each.tampering)
        since = min((verdict.since[each] for each in wrong), default=frame.time)
        return self._became(wrong, frame.time, "recovered", since)

    def _met(self) -> Health:
        """A view seen for the first time in this process."""
        known = self._memory.recall(self._preset) if self._memory else None
        health = self._healths[self._preset] = Health(known, still=self._care.still)
        return health

    def _remember(self, health: Health, now: float) -> None:
        """As soon as something was learned, and every few minutes."""
        count = len(health.reference.appearances)
        last, known = self._kept.get(self._preset, (now, 0))
        if self._memory is None or not count or (count == known and 0 <= now - last < _KEEP):
            return
        self._memory.keep(self._preset, health.reference)
        self._kept[self._preset] = (now, count)

    def presence(self, live: bool, now: float, ticks: float) -> list[Finding]:
        """live: pictures come. now: s since 1970. ticks: s of a clock that nobody sets, which durations go by."""
        match self._outage.update(live, ticks):
            case Change.BEGAN:
                since = now - (ticks - (ticks if self._outage.since is None else self._outage.since))
                self._offline = _finding(OFFLINE, Phase.NEW, Severity.MEDIUM, since, now)
                return [self._offline]
            case Change.ENDED if self._offline is not None:
                ended = replace(self._offline, phase=Phase.END, time=now, reason="recovered")
                self._offline = None
                return [ended]
            case _:
                return []

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        """END of what is open."""
        open_now = [each for each in (self._tampered, self._offline) if each is not None]
        self._tampered = self._offline = None
        return [replace(each, phase=Phase.END, time=now, reason=reason) for each in open_now]

    def _became(
        self, wrong: Iterable[Condition], now: float, reason: str, since: float | None = None
    ) -> list[Finding]:
        """One event from the first condition to the last, however they follow each other."""
        names, before = tuple(each.value for each in wrong), self._tampered
        if before is None:
            if names:
                fresh = _finding(TAMPERED, Phase.NEW, Severity.HIGH, since or now, now, names)
                self._tampered = fresh
                return [fresh]
            return []
        if names == before.conditions:
            return []
        if not names:
            self._tampered = None
            return [replace(before, phase=Phase.END, time=now, reason=reason)]
        self._tampered = replace(before, phase=Phase.UPDATE, time=now, conditions=names)
        return [self._tampered]


def _finding(
    kind: str, phase: Phase, severity: Severity, since: float, now: float, conditions: tuple[str, ...] = ()
) -> Finding:
    return Finding(
        type=kind,
        phase=phase,
        key=kind,
        rule="health",
        zone=None,
        severity=severity,
        whistle=None,
        objects=(),
        since=since,
        time=now,
        conditions=conditions,
    )


def _problem(camera: str, verdict: Verdict) -> Problem | None:
    if verdict.worst is None:
        return None
    words = [each.words for each in verdict.conditions]
    return Problem(
        f"camera.{verdict.worst.value}",
        Text(
            f"{camera}: {', '.join(text.en for text in words)}",
            f"{camera}：{'，'.join(text.zh for text in words)}",
        ),
        Text(
            "look at its picture; clean, turn or focus the camera, or restart it if the picture is frozen",
            "请查看画面；清洁、复位或重新对焦摄像机；画面冻结时请重启摄像机",
        ),
    )
