"""How many of each class came, period by period: over a line or into a zone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as midnight
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from inference.arrivals import ArrivalSpec, arrivals
from inference.cast import tally
from inference.findings import Direction, Finding, Phase, Severity
from inference.rule import Rule, RuleName, Scene
from inference.steady import Scheduled, SteadyClock
from inference.tracks import Tracks
from streams.units import Duration

EVENT = "traffic.count"


class Spec(ArrivalSpec):
    """period: s between two totals, counted from midnight on the site's clock."""

    kind: Literal["count"] = "count"
    name: RuleName = "count"
    objects: Annotated[tuple[str, ...], Field(min_length=1)] = ("any",)
    severity: Severity = Severity.INFO
    period: Annotated[Duration, Field(ge=60, le=86_400)] = 3600.0


@dataclass(slots=True)
class _Tally:
    """One place's event, and what it has counted since `since`."""

    key: str
    since: float
    counted: Counter[tuple[str, Direction | None]] = field(default_factory=Counter)


class CountRule:
    """inference.rule.Rule for one stream. One event in each place for as long as the rule is awake: NEW when it
    begins, an UPDATE with the totals of each period, whose `since` is the period's beginning, and the rest with
    its END. Each track once, over a line once per direction.
    """

    def __init__(self, spec: Spec, scene: Scene) -> None:
        """Raises ValueError on an unknown zone, line or object."""
        self._spec, self._zone = spec, ZoneInfo(scene.time_zone)
        self._arrivals = arrivals(spec, scene)
        # Periods go by the site's clock, also after it was set right; a stay in a zone must not.
        self._clock = SteadyClock()
        self._open: dict[str | None, _Tally] = {}
        self._begun = 0
        self._now = self._due = 0.0

    @property
    def pending(self) -> bool:
        return self._arrivals.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        findings = [] if self._open else list(self._begin(now))
        self._pass_time(now)
        if now >= self._due:
            findings += self._totals(now)
        for arrival in self._arrivals.update(tracks, size, self._clock.at(now)):
            self._open[arrival.place].counted[arrival.sighting.label, arrival.direction] += 1
        return findings

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        self._pass_time(now)
        ended = [self._finding(place, Phase.END, now, reason) for place in self._open]
        self._open.clear()
        return ended

    def _begin(self, now: float) -> Iterator[Finding]:
        self._begun += 1
        self._now, self._due = now, self._boundary(now)
        for place in self._arrivals.places:
            self._open[place] = _Tally(f"{self._spec.name}/{place or '*'}/{self._begun}", since=now)
            yield self._finding(place, Phase.NEW, now)

    def _pass_time(self, now: float) -> None:
        if now < self._now:
            self._due = self._boundary(now)
            for each in self._open.values():
                each.since = min(each.since, now)
        self._now = now

    def _totals(self, now: float) -> Iterator[Finding]:
        self._due = self._boundary(now)
        for place, each in self._open.items():
            yield self._finding(place, Phase.UPDATE, now)
            each.since, each.counted = now, Counter()

    def _boundary(self, now: float) -> float:
        """The end of the period that `now` is in; every midnight ends one, too."""
        day = datetime.fromtimestamp(now, self._zone).date()
        first, last = (
            datetime.combine(each, midnight(), self._zone).timestamp()
            for each in (day, day + timedelta(days=1))
        )
        return min(first + ((now - first) // self._spec.period + 1) * self._spec.period, last)

    def _finding(self, place: str | None, phase: Phase, now: float, reason: str | None = None) -> Finding:
        total, spec = self._open[place], self._spec
        return Finding(
            type=EVENT,
            phase=phase,
            key=total.key,
            rule=spec.name,
            zone=place,
            severity=spec.severity,
            whistle=spec.whistle,
            objects=(),
            since=total.since,
            time=now,
            reason=reason,
            counts=tally(total.counted),
            pictured=False,
        )


def build(spec: Spec, scene: Scene) -> Rule:
    """Raises ValueError where the spec names a zone, line or object that the scene does not know."""
    return Scheduled(CountRule(spec, scene), spec, scene)
