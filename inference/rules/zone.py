"""Something of the wanted kind stays in a zone for longer than its dwell."""

from typing import Literal

from inference.cast import Cast, Zones
from inference.findings import Finding
from inference.grouping import shared
from inference.rule import Rule, RuleName, Scene
from inference.stays import Stays, StaySpec
from inference.tracks import Tracks

EVENT = "vehicle.zone"


class Spec(StaySpec):
    """See StaySpec: present is who stands in the zone."""

    kind: Literal["zone"] = "zone"
    name: RuleName = "zone"


class ZoneRule:
    """inference.rule.Rule for one stream, in steady time.

    A track is present in a zone while it is seen, its voted label is wanted and its anchor is inside. Being
    outside and being under a label no longer wanted are the same: away.
    """

    def __init__(self, spec: Spec, scene: Scene) -> None:
        """Raises ValueError on an unknown zone or object."""
        self._zones = Zones(spec.zones, spec.anchor, scene)
        self._cast = Cast(spec.objects, scene)
        self._stays = Stays(spec, self._cast, EVENT, scene.period)

    @property
    def pending(self) -> bool:
        return self._stays.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        wanted = self._cast.wanted(tracks)
        held = ((zone, wanted & inside) for zone, inside in self._zones.inside(tracks, size))
        return self._stays.update(tracks, size, now, held)

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        return self._stays.close(now, reason)


def build(spec: Spec, scene: Scene) -> Rule:
    """Raises ValueError where the spec names a zone or an object that the scene does not know."""
    return shared(ZoneRule(spec, scene), spec, scene, spec.repeat)
