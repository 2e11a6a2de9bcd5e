"""What every rule needs around it: a clock that never runs backwards, and sleep by its schedule."""

from dataclasses import replace

from inference import schedule
from inference.findings import Finding
from inference.rule import Rule, RuleSpec, Scene
from inference.tracks import Tracks


class SteadyClock:
    """Seconds that only grow. A clock that is set back stands still for that step: nothing remembered grows
    or shrinks by it."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._last: float | None = None

    def at(self, now: float) -> float:
        """Steady time of this moment of the frame clock."""
        if self._last is not None and now < self._last:
            self._offset += self._last - now
        self._last = now
        return now + self._offset

    def back(self, steady: float) -> float:
        """A steady time as the frame clock of now would have shown it, never later than now."""
        return steady - self._offset if self._last is None else min(steady - self._offset, self._last)


class Steady:
    """inference.rule.Rule around one that knows steady time only."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._clock = SteadyClock()

    @property
    def pending(self) -> bool:
        return self._rule.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        return self._told(self._rule.update(tracks, size, self._clock.at(now)), now)

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        return self._told(self._rule.close(self._clock.at(now), reason), now)

    def _told(self, findings: list[Finding], now: float) -> list[Finding]:
        return [replace(each, time=now, since=self._clock.back(each.since)) for each in findings]


class Scheduled:
    """inference.rule.Rule around another, which sees nothing while its schedule says so. Falling asleep ends
    what is open, with the reason "schedule"."""

    def __init__(self, rule: Rule, spec: RuleSpec, scene: Scene) -> None:
        """Raises ValueError where the schedule needs the site's position and the scene has none."""
        schedule.fit(spec.schedule, scene.position)
        self._rule, self._spec, self._scene = rule, spec, scene

    @property
    def pending(self) -> bool:
        return self._rule.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        if schedule.active(self._spec.schedule, now, self._scene.time_zone, self._scene.position):
            return self._rule.update(tracks, size, now)
        return self._rule.close(now, "schedule")

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        return self._rule.close(now, reason)
