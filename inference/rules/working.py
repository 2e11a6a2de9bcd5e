"""A machine works: it stays about where it is, and parts of it move."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from inference.cast import Cast, Mask, Zones
from inference.findings import Finding
from inference.geometry import Anchor, anchor_points
from inference.grouping import shared
from inference.rule import Rule, RuleName, Scene
from inference.stays import Stays, StaySpec
from inference.tracks import Tracks
from streams.units import Duration

EVENT = "machine.working"

_SETTLE = 5.0  # s in one place before it counts as staying: half its width in less is walking pace, it drives


class Spec(StaySpec):
    """See StaySpec: present is who works in the zone.

    still: box widths that it may move about its place. moving: least share of its box in which something moves
        for it to be at work (Tracks.stir). pause: time without that which still counts as work: waiting for the
        next lorry.
    """

    kind: Literal["working"] = "working"
    name: RuleName = "working"
    objects: Annotated[tuple[str, ...], Field(min_length=1)] = ("machine",)
    dwell: Duration = 180.0
    leave: Duration = 60.0
    repeat: Duration = 300.0
    gap: Duration = 10.0
    still: Annotated[float, Field(gt=0, le=5)] = 0.5
    moving: Annotated[float, Field(gt=0, le=1)] = 0.02
    pause: Duration = 30.0


@dataclass(slots=True)
class _Place:
    """Where a track stays, px; since when; and when a part of it last moved there."""

    foot: NDArray[np.float64]
    since: float
    stirred: float = -np.inf


class WorkingRule:
    """inference.rule.Rule for one stream, in steady time.

    A machine is present while it is seen in the zone, has stayed within `still` of one place for some seconds,
    and something in its box moved at most `pause` ago. Driving off ends its work like standing idle.
    """

    def __init__(self, spec: Spec, scene: Scene) -> None:
        """Raises ValueError on an unknown zone or object."""
        self._spec = spec
        self._zones, self._cast = Zones(spec.zones, spec.anchor, scene), Cast(spec.objects, scene)
        self._stays = Stays(spec, self._cast, EVENT, scene.period, over="idle")
        self._places: dict[int, _Place] = {}

    @property
    def pending(self) -> bool:
        return self._stays.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        at_work = self._cast.wanted(tracks) & self._at_work(tracks, now)
        held = ((zone, at_work & inside) for zone, inside in self._zones.inside(tracks, size))
        return self._stays.update(tracks, size, now, held)

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        return self._stays.close(now, reason)

    def _at_work(self, tracks: Tracks, now: float) -> Mask:
        """bool [N]; false where it was not seen."""
        ids = tracks.ids.tolist()
        self._places = {track: self._places[track] for track in ids if track in self._places}
        feet = anchor_points(tracks.boxes, Anchor.CENTER)
        stirs = stir(tracks) >= self._spec.moving  # false where it was not measured
        working = np.zeros(len(tracks), np.bool_)
        for row in np.flatnonzero(tracks.seen).tolist():
            place = self._placed(ids[row], feet[row], float(tracks.boxes[row, 2] - tracks.boxes[row, 0]), now)
            if stirs[row]:
                place.stirred = now
            working[row] = now - place.since >= _SETTLE and now - place.stirred <= self._spec.pause
        return working

    def _placed(self, track: int, foot: NDArray[np.float64], width: float, now: float) -> _Place:
        place = self._places.get(track)
        if place is None or np.hypot(*(foot - place.foot)) > self._spec.still * width:
            place = self._places[track] = _Place(foot, now)
        return place


def stir(tracks: Tracks) -> NDArray[np.float32]:
    """float32 [N]: the share of each box in which something moved in this picture (inference.motion), NaN where
    nobody measured it."""
    return np.full(len(tracks), np.nan, np.float32) if tracks.stir is None else tracks.stir


def build(spec: Spec, scene: Scene) -> Rule:
    """Raises ValueError where the spec names a zone or an object that the scene does not know."""
    return shared(WorkingRule(spec, scene), spec, scene, spec.repeat)
