"""Several of the wanted kind come into one zone, or over one line, within a short time: one alarm."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from inference.arrivals import Arrival, ArrivalSpec, arrivals
from inference.cast import MOST, tally
from inference.findings import Direction, Finding, Phase, Sighting
from inference.rule import Rule, RuleName, Scene
from inference.stays import ROUNDING
from inference.steady import Scheduled, Steady
from inference.tracks import Tracks
from streams.units import Duration

EVENT = "vehicle.convoy"


class Spec(ArrivalSpec):
    """least: vehicles that are a convoy when they arrive within `window`. quiet: END once none came for so long."""

    kind: Literal["convoy"] = "convoy"
    name: RuleName = "convoy"
    objects: Annotated[tuple[str, ...], Field(min_length=1)] = ("heavy_vehicle",)
    least: Annotated[int, Field(ge=2, le=MOST)] = 3
    window: Annotated[Duration, Field(gt=0)] = 120.0
    quiet: Annotated[Duration, Field(gt=0)] = 60.0


@dataclass(slots=True)
class _Convoy:
    """tracks: in it, and not dropped yet. seen: the first MOST of all that ever were. counted: all of them."""

    key: str
    since: float
    last: float
    tracks: set[int] = field(default_factory=set)
    seen: dict[int, Sighting] = field(default_factory=dict)
    counted: Counter[tuple[str, Direction | None]] = field(default_factory=Counter)

    def join(self, arrival: Arrival, now: float) -> bool:
        """Whether it is a new one."""
        self.last = now
        track = arrival.sighting.track
        if track in self.tracks:
            return False
        self.tracks.add(track)
        self.counted[arrival.sighting.label, arrival.direction] += 1
        if len(self.seen) < MOST:
            self.seen[track] = arrival.sighting
        return True


class ConvoyRule:
    """inference.rule.Rule for one stream, in steady time. One convoy at a time in each place."""

    def __init__(self, spec: Spec, scene: Scene) -> None:
        """Raises ValueError on an unknown zone, line or object."""
        self._spec = spec
        self._arrivals = arrivals(spec, scene)
        # As many as are a convoy: fewer are none, and what came before them is told by its window anyway.
        self._recent = {place: deque[Arrival](maxlen=spec.least) for place in self._arrivals.places}
        self._open: dict[str | None, _Convoy] = {}
        self._begun = 0

    @property
    def pending(self) -> bool:
        return self._arrivals.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        findings = self._ended(now)
        alive = set(tracks.ids.tolist())
        for convoy in self._open.values():
            convoy.tracks &= alive  # ids never come back
        told = dict[str | None, Phase]()
        for arrival in self._arrivals.update(tracks, size, now):
            phase = self._took(arrival, now)
            if phase is not None:
                told.setdefault(arrival.place, phase)
        return findings + [self._finding(place, phase, now) for place, phase in told.items()]

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        for recent in self._recent.values():
            recent.clear()
        return [self._end(place, now, reason) for place in list(self._open)]

    def _took(self, arrival: Arrival, now: float) -> Phase | None:
        """What has to be said now that it has come."""
        convoy = self._open.get(arrival.place)
        if convoy is not None:
            return Phase.UPDATE if convoy.join(arrival, now) else None
        recent = self._recent[arrival.place]
        if any(earlier.sighting.track == arrival.sighting.track for earlier in recent):
            return None  # back over the line: still the same vehicle
        recent.append(arrival)
        if len(recent) < self._spec.least or arrival.since - recent[0].since > self._spec.window + ROUNDING:
            return None
        self._begin(arrival.place, now)
        return Phase.NEW

    def _begin(self, place: str | None, now: float) -> None:
        self._begun += 1
        recent = self._recent[place]
        key = f"{self._spec.name}/{place or '*'}/{self._begun}"
        convoy = self._open[place] = _Convoy(key, since=recent[0].since, last=now)
        for arrival in recent:
            convoy.join(arrival, now)
        recent.clear()

    def _ended(self, now: float) -> list[Finding]:
        over = [place for place, each in self._open.items() if now - each.last >= self._spec.quiet - ROUNDING]
        return [self._end(place, now, "quiet") for place in over]

    def _end(self, place: str | None, now: float, reason: str) -> Finding:
        finding = self._finding(place, Phase.END, now, reason)
        del self._open[place]
        return finding

    def _finding(self, place: str | None, phase: Phase, now: float, reason: str | None = None) -> Finding:
        convoy, spec = self._open[place], self._spec
        return Finding(
            type=EVENT,
            phase=phase,
            key=convoy.key,
            rule=spec.name,
            zone=place,
            severity=spec.severity,
            whistle=spec.whistle,
            objects=tuple(convoy.seen.values()),
            since=convoy.since,
            time=now,
            reason=reason,
            counts=tally(convoy.counted),
        )


def build(spec: Spec, scene: Scene) -> Rule:
    """Raises ValueError where the spec names a zone, line or object that the scene does not know."""
    return Scheduled(Steady(ConvoyRule(spec, scene)), spec, scene)
