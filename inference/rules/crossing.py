"""Something of the wanted kind goes over a line: NEW and END at once, unless it is grouped or cools down."""

from dataclasses import replace
from typing import Literal

from inference.arrivals import Arrival, Passages
from inference.cast import tally
from inference.findings import Finding, Phase
from inference.geometry import Anchor
from inference.grouping import shared
from inference.lines import LineSpec
from inference.rule import AlarmSpec, Rule, RuleName, Scene
from inference.tracks import Tracks

EVENT = "vehicle.crossing"


class Spec(AlarmSpec, LineSpec):
    """See LineSpec. With `group` and a cooldown, what follows within the cooldown is one event, with its counts
    by class and direction."""

    kind: Literal["crossing"] = "crossing"
    name: RuleName = "crossing"
    anchor: Anchor = Anchor.BOTTOM_CENTER


class CrossingRule:
    """inference.rule.Rule for one stream, in steady time. Each track once per direction."""

    pending = False  # whoever drives moves, and so is looked at anyway

    def __init__(self, spec: Spec, scene: Scene) -> None:
        """Raises ValueError on an unknown line or object, and without a line."""
        self._spec = spec
        self._passages = Passages(spec, spec, spec.anchor, scene)

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        findings = list[Finding]()
        for arrival in self._passages.update(tracks, size, now):
            new = self._finding(arrival, now)
            findings += [new, replace(new, phase=Phase.END, reason="passed")]
        return findings

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        return []  # nothing stays open

    def _finding(self, arrival: Arrival, now: float) -> Finding:
        spec, sighting = self._spec, arrival.sighting
        return Finding(
            type=EVENT,
            phase=Phase.NEW,
            key=f"{spec.name}/{arrival.place or '*'}/{sighting.track}/{arrival.direction}",
            rule=spec.name,
            zone=arrival.place,
            severity=spec.severity,
            whistle=spec.whistle,
            objects=(sighting,),
            since=arrival.since,
            time=now,
            counts=tally({(sighting.label, arrival.direction): 1}),
        )


def build(spec: Spec, scene: Scene) -> Rule:
    """Raises ValueError where the spec names a line or an object that the scene does not know, or no line."""
    return shared(CrossingRule(spec, scene), spec, scene)
