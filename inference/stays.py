"""Tracks that stay: each in each place begins, goes on and ends as an event of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np

from inference.cast import Cast, Mask
from inference.findings import Finding, Phase, Sighting
from inference.geometry import Anchor
from inference.rule import AlarmSpec
from inference.tracks import Tracks
from streams.units import Duration

_PATIENCE = 2.5  # periods of the pictures: one may be missing, or show the object hidden
ROUNDING = 1e-3  # s: pictures carry milliseconds; fifteen steps of 0.2 s are three seconds


class StaySpec(AlarmSpec):
    """zones: names on this stream; none = the whole picture. anchor: the point of the box that counts.

    dwell: time present before NEW. leave: time away before END. repeat: time between UPDATEs, 0 = none.
    gap: the longest time between two sightings that still counts as having stayed; at least two and a half
        times the distance of the pictures, so that time-lapse can tell a stay at all.
    """

    zones: tuple[str, ...] = ()
    anchor: Anchor = Anchor.BOTTOM_CENTER
    dwell: Duration = 3.0
    leave: Duration = 2.0
    repeat: Duration = 60.0
    gap: Duration = 2.0


class _State(Enum):
    WAITING = auto()
    OPEN = auto()
    OVER = auto()


@dataclass(slots=True)
class _Stay:
    """One track in one place. It outlives its END, so that the same track never begins twice."""

    key: str
    zone: str | None
    sighting: Sighting
    since: float
    present: float  # last sighting there
    dwell: float = 0.0
    away: float | None = None  # first sighting elsewhere after the last one there
    reported: float = 0.0
    state: _State = _State.WAITING


class Stays:
    """State machine over the presence of tracks. Steady time only (inference.steady).

    Presence adds up only between two sightings that are both present and at most `gap` apart. Being away
    counts only once it lasts for `leave`: the vote over the track's life and that grace keep a flickering
    label or a box on the border from ending an event. A lost track is neither present nor away until it is
    seen again or dropped by the tracker ("lost").
    """

    def __init__(self, spec: StaySpec, cast: Cast, event: str, period: float, over: str = "left") -> None:
        """event: type of the findings. period: s between two pictures. over: reason of an END after `leave`."""
        self._spec, self._cast, self._event, self._over = spec, cast, event, over
        self._gap = max(spec.gap, _PATIENCE * period)
        self._stays: dict[tuple[int, str | None], _Stay] = {}

    def update(
        self, tracks: Tracks, size: tuple[int, int], now: float, places: Iterable[tuple[str | None, Mask]]
    ) -> list[Finding]:
        """places: for each zone bool [N], which tracks are present there; those not seen do not count."""
        findings = self._forget(tracks, now)
        for row, zone, present in self._sightings(tracks, places):
            stay = self._stays.get((int(tracks.ids[row]), zone))
            if present:
                findings += self._present(stay, zone, self._cast.sighting(tracks, row, size), now)
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

    def close(self, now: float, reason: str) -> list[Finding]:
        return [finding for stay in list(self._stays.values()) for finding in self._end(stay, reason, now)]

    def __len__(self) -> int:
        """Stays remembered: bounded by tracks alive x zones."""
        return len(self._stays)

    def _sightings(
        self, tracks: Tracks, places: Iterable[tuple[str | None, Mask]]
    ) -> Iterator[tuple[int, str | None, bool]]:
        """Row, zone and presence of each seen track that is there, or was."""
        ids, seen = tracks.ids.tolist(), np.flatnonzero(tracks.seen).tolist()
        for zone, held in places:
            for row in seen:
                if held[row] or (ids[row], zone) in self._stays:
                    yield row, zone, bool(held[row])

    def _present(self, stay: _Stay | None, zone: str | None, sighting: Sighting, now: float) -> list[Finding]:
        if stay is None:
            key = f"{self._spec.name}/{zone or '*'}/{sighting.track}"
            stay = self._stays[sighting.track, zone] = _Stay(key, zone, sighting, since=now, present=now)
        elif stay.away is None and now - stay.present <= self._gap:
            stay.dwell += now - stay.present
        # The officer reads how sure we ever were of it, not how well the last picture happened to show it.
        sure = replace(sighting, score=max(sighting.score, stay.sighting.score))
        stay.sighting, stay.present, stay.away = sure, now, None
        if stay.state is _State.WAITING and stay.dwell >= self._spec.dwell - ROUNDING:
            stay.state, stay.reported = _State.OPEN, now
            return [self._finding(stay, Phase.NEW, now)]
        repeat = self._spec.repeat
        if stay.state is _State.OPEN and repeat and now - stay.reported >= repeat - ROUNDING:
            stay.reported = now
            return [self._finding(stay, Phase.UPDATE, now)]
        return []

    def _away(self, stay: _Stay, now: float) -> list[Finding]:
        if stay.away is None:
            stay.away = now
        if now - stay.away < self._spec.leave - ROUNDING:
            return []
        return self._end(stay, self._over, now)

    def _end(self, stay: _Stay, reason: str, now: float) -> list[Finding]:
        """An open stay is over for good; one that never became an event may begin anew."""
        if stay.state is _State.WAITING:
            del self._stays[stay.sighting.track, stay.zone]
        if stay.state is not _State.OPEN:
            return []
        stay.state = _State.OVER
        return [replace(self._finding(stay, Phase.END, now), reason=reason)]

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
            type=self._event,
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
