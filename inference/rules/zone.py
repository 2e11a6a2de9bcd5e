"""Something of the wanted kind stays in a zone for longer than its dwell."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from inference.findings import Finding, Phase, Severity, Sighting, Whistle
from inference.geometry import Anchor, anchor_points, inside
from inference.rule import RuleSpec, Scene
from inference.schedule import Schedule, active
from inference.tracks import Tracks
from inference.vocabulary import expand
from streams.units import Duration

EVENT = "vehicle.zone"

_PATIENCE = 2.5  # periods of the pictures: one may be missing, or show the object hidden
_ROUNDING = 1e-3  # s: pictures carry milliseconds; fifteen steps of 0.2 s are three seconds


class Spec(RuleSpec):
    """zones: names on this stream; none = the whole picture. objects: classes or groups of the vocabulary.

    dwell: time inside before NEW. leave: time away before END. repeat: time between UPDATEs, 0 = none.
    gap: the longest time between two sightings that still counts as having stayed inside; at least two and
        a half times the distance of the pictures, so that time-lapse can tell a stay at all.
    """

    kind: Literal["zone"] = "zone"
    name: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")] = "zone"
    zones: tuple[str, ...] = ()
    objects: Annotated[tuple[str, ...], Field(min_length=1)] = ("heavy_vehicle", "machine")
    anchor: Anchor = Anchor.BOTTOM_CENTER
    dwell: Duration = 3.0
    leave: Duration = 2.0
    repeat: Duration = 60.0
    gap: Duration = 2.0
    schedule: Schedule = ()
    severity: Severity = Severity.HIGH
    whistle: Whistle | None = None


class _State(Enum):
    WAITING = auto()
    OPEN = auto()
    OVER = auto()


@dataclass(slots=True)
class _Stay:
    """One track in one zone. It outlives its END, so that the same track never begins twice."""

    key: str
    zone: str | None
    sighting: Sighting
    since: float
    present: float  # last sighting inside
    dwell: float = 0.0
    away: float | None = None  # first sighting outside after the last one inside
    reported: float = 0.0
    state: _State = _State.WAITING

    def shift(self, step: float) -> None:
        self.since += step
        self.present += step
        self.reported += step
        self.away = None if self.away is None else self.away + step


class ZoneRule:
    """inference.rule.Rule for one stream.

    A track is present in a zone while it is seen, its voted label is wanted and its anchor is inside.
    Presence adds up only between two sightings that are both inside and at most `gap` apart. Being away,
    whether outside or under a label no longer wanted, counts only once it lasts for `leave`: the vote over
    the track's life and that grace keep a flickering label or a box on the border from ending an event. A
    lost track is neither present nor away until it is seen again or dropped by the tracker ("lost").
    """

    def __init__(self, spec: Spec, scene: Scene) -> None:
        """Raises ValueError on an unknown zone or object."""
        self._spec = spec
        self._scene = scene
        self._gap = max(spec.gap, _PATIENCE * scene.period)
        self._zones = _chosen(spec.zones, scene.zones)
        wanted = expand(spec.objects, scene.classes)
        self._wanted = np.array([label in wanted for label in range(len(scene.classes))], np.bool_)
        self._stays: dict[tuple[int, str | None], _Stay] = {}
        self._now: float | None = None

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        self._pass_time(now)
        findings = self._forget(tracks, now)
        if not active(self._spec.schedule, now, self._scene.time_zone):
            return findings + self._suspend("schedule", now)
        for row, zone, present in self._sightings(tracks, size):
            stay = self._stays.get((int(tracks.ids[row]), zone))
            if present:
                findings += self._present(stay, zone, self._sighting(tracks, row, size), now)
            elif stay is not None:
                findings += self._away(stay, now)
        return findings

    @property
    def pending(self) -> bool:
        return any(
            (stay.state is _State.WAITING and stay.away is None)
            or (stay.state is _State.OPEN and stay.away is not None)
            for stay in self._stays.values()
        )

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        self._pass_time(now)
        return self._suspend(reason, now)

    def _pass_time(self, now: float) -> None:
        """A clock that was set back moves every remembered time along: no stay grows or shrinks by it."""
        if self._now is not None and now < self._now:
            for stay in self._stays.values():
                stay.shift(now - self._now)
        self._now = now

    def _sightings(self, tracks: Tracks, size: tuple[int, int]) -> Iterable[tuple[int, str | None, bool]]:
        """Row, zone and presence of each seen track that is in a zone, or was."""
        # A box may reach over the edge of the picture, a zone cannot: the anchor is brought back in.
        points = np.clip(anchor_points(tracks.boxes, self._spec.anchor) / size, 0, 1)
        wanted = self._wanted[tracks.labels]
        ids = tracks.ids.tolist()
        for zone, polygon in self._zones.items():
            held = wanted if polygon is None else wanted & inside(points, polygon)
            for row in np.flatnonzero(tracks.seen).tolist():
                if held[row] or (ids[row], zone) in self._stays:
                    yield row, zone, bool(held[row])

    def _sighting(self, tracks: Tracks, row: int, size: tuple[int, int]) -> Sighting:
        x1, y1, x2, y2 = np.clip(tracks.boxes[row] / np.tile(size, 2), 0, 1).tolist()
        label = self._scene.classes[int(tracks.labels[row])]
        return Sighting(int(tracks.ids[row]), label, float(tracks.scores[row]), (x1, y1, x2, y2))

    def _present(self, stay: _Stay | None, zone: str | None, sighting: Sighting, now: float) -> list[Finding]:
        if stay is None:
            key = f"{self._spec.name}/{zone or '*'}/{sighting.track}"
            stay = self._stays[sighting.track, zone] = _Stay(key, zone, sighting, since=now, present=now)
        elif stay.away is None and now - stay.present <= self._gap:
            stay.dwell += now - stay.present
        # The officer reads how sure we ever were of it, not how well the last picture happened to show it.
        sure = replace(sighting, score=max(sighting.score, stay.sighting.score))
        stay.sighting, stay.present, stay.away = sure, now, None
        if stay.state is _State.WAITING and stay.dwell >= self._spec.dwell - _ROUNDING:
            stay.state, stay.reported = _State.OPEN, now
            return [self._finding(stay, Phase.NEW, now)]
        repeat = self._spec.repeat
        if stay.state is _State.OPEN and repeat and now - stay.reported >= repeat - _ROUNDING:
            stay.reported = now
            return [self._finding(stay, Phase.UPDATE, now)]
        return []

    def _away(self, stay: _Stay, now: float) -> list[Finding]:
        if stay.away is None:
            stay.away = now
        if now - stay.away < self._spec.leave - _ROUNDING:
            return []
        return self._end(stay, "left", now)

    def _end(self, stay: _Stay, reason: str, now: float) -> list[Finding]:
        """An open stay is over for good; one that never became an event may begin anew."""
        if stay.state is _State.WAITING:
            del self._stays[stay.sighting.track, stay.zone]
        if stay.state is not _State.OPEN:
            return []
        stay.state = _State.OVER
        return [replace(self._finding(stay, Phase.END, now), reason=reason)]

    def _suspend(self, reason: str, now: float) -> list[Finding]:
        return [finding for stay in list(self._stays.values()) for finding in self._end(stay, reason, now)]

    def _forget(self, tracks: Tracks, now: float) -> list[Finding]:
        """Tracks that the tracker dropped; their ids never come back."""
        alive = set(tracks.ids.tolist())
        findings = list[Finding]()
        for place in [place for place in self._stays if place[0] not in alive]:
            findings += self._end(self._stays[place], "lost", now)
            self._stays.pop(place, None)
        return findings

    def _finding(self, stay: _Stay, phase: Phase, now: float) -> Finding:
        return Finding(
            type=EVENT,
            phase=phase,
            key=stay.key,
            rule=self._spec.name,
            zone=stay.zone,
            severity=self._spec.severity,
            whistle=self._spec.whistle,
            objects=(stay.sighting,),
            since=stay.since,
            time=now,
        )


def build(spec: Spec, scene: Scene) -> ZoneRule:
    """Raises ValueError where the spec names a zone or an object that the scene does not know."""
    return ZoneRule(spec, scene)


def _chosen(
    names: tuple[str, ...], zones: Mapping[str, NDArray[np.float64]]
) -> dict[str | None, NDArray[np.float64] | None]:
    """Name -> polygon; None -> None stands for the whole picture."""
    for name in names:
        if name not in zones:
            near = difflib.get_close_matches(name, zones, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(zones) or 'none'}"
            raise ValueError(f"no zone {name!r} on this stream; {hint}")
    return {name: zones[name] for name in names} or {None: None}
