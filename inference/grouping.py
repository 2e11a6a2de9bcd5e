"""Many tracks, one alarm: joins the events that a rule makes of single tracks."""

from collections import Counter
from dataclasses import dataclass, field, replace

from inference.cast import MOST, tally
from inference.findings import Direction, Finding, Phase, Sighting
from inference.rule import AlarmSpec, Rule, Scene
from inference.stays import ROUNDING
from inference.steady import Scheduled, Steady
from inference.tracks import Tracks


@dataclass(slots=True)
class _Joint:
    """One event of several tracks. first: the finding that began it. members: the findings of one track each
    that are open in it. seen: by their keys, the latest sightings, at most MOST."""

    first: Finding
    reported: float
    members: set[str] = field(default_factory=set)
    seen: dict[str, Sighting] = field(default_factory=dict)
    counted: Counter[tuple[str, Direction | None]] = field(default_factory=Counter)
    told: bool = False
    grown: bool = False
    fresh: bool = False  # a member was updated since the last message
    empty_since: float | None = None
    reason: str | None = None

    def join(self, finding: Finding) -> None:
        """A member begins. No member begins twice, so each is counted once."""
        self.members.add(finding.key)
        self.grown, self.empty_since = True, None
        for sighting in finding.objects:
            way = sighting.attributes.get("direction")
            self.counted[sighting.label, Direction(str(way)) if way else None] += 1
        self.show(finding)

    def show(self, finding: Finding) -> None:
        """The newest of the member's picture. Where there is no room, who has gone makes it."""
        gone = next((key for key in self.seen if key not in self.members), None)
        if finding.key not in self.seen and len(self.seen) >= MOST:
            if gone is None:
                return
            del self.seen[gone]
        self.seen[finding.key] = finding.objects[0]

    def leave(self, finding: Finding, now: float) -> None:
        self.members.discard(finding.key)
        if finding.key in self.seen:
            self.seen[finding.key] = finding.objects[0]
        if not self.members:
            self.empty_since, self.reason = now, finding.reason

    def say(self, phase: Phase, now: float, reason: str | None = None) -> Finding:
        self.told, self.grown, self.fresh, self.reported = True, False, False, now
        objects, counts = tuple(self.seen.values()), tally(self.counted)
        return replace(self.first, phase=phase, objects=objects, counts=counts, time=now, reason=reason)


class Grouping:
    """inference.rule.Rule around one whose findings are of one track each. Steady time only.

    With `group`, whatever begins in a zone while an event is open there joins it. Without, it joins only an
    event whose tracks have all gone, and which is open for its cooldown yet. An event is named by the finding
    that began it; as no track begins twice, no name is used twice.
    """

    def __init__(self, rule: Rule, spec: AlarmSpec, repeat: float) -> None:
        """repeat: s between UPDATEs that tell nothing but where the tracks are, 0 = none."""
        self._rule, self._group, self._cooldown, self._repeat = rule, spec.group, spec.cooldown, repeat
        self._joints: list[_Joint] = []

    @property
    def pending(self) -> bool:
        return self._rule.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        for finding in self._rule.update(tracks, size, now):
            self._take(finding, now)
        return [finding for joint in list(self._joints) for finding in self._said(joint, now)]

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        for finding in self._rule.close(now, reason):
            self._take(finding, now)
        ended = [joint.say(Phase.END, now, reason) for joint in self._joints if joint.told]
        self._joints.clear()
        return ended

    def _take(self, finding: Finding, now: float) -> None:
        if finding.phase is Phase.NEW:
            self._host(finding, now).join(finding)
            return
        joint = next((each for each in self._joints if finding.key in each.members), None)
        if joint is None:
            return
        if finding.phase is Phase.END:
            joint.leave(finding, now)
        else:
            joint.fresh = True
            joint.show(finding)

    def _host(self, finding: Finding, now: float) -> _Joint:
        for joint in self._joints:
            if joint.first.zone == finding.zone and (self._group or not joint.members):
                return joint
        self._joints.append(_Joint(finding, reported=now))
        return self._joints[-1]

    def _said(self, joint: _Joint, now: float) -> list[Finding]:
        said = list[Finding]()
        due = self._repeat and now - joint.reported >= self._repeat - ROUNDING
        if not joint.told:
            said.append(joint.say(Phase.NEW, now))
        elif joint.grown or (joint.fresh and due):
            said.append(joint.say(Phase.UPDATE, now))
        if joint.empty_since is not None and now - joint.empty_since >= self._cooldown - ROUNDING:
            self._joints.remove(joint)
            said.append(joint.say(Phase.END, now, joint.reason))
        return said


def shared(rule: Rule, spec: AlarmSpec, scene: Scene, repeat: float = 0.0) -> Rule:
    """A rule in steady time that makes an event of each track, with the options that all such kinds share.

    Raises ValueError where the schedule needs the site's position and the scene has none.
    """
    joined: Rule = Grouping(rule, spec, repeat) if spec.group or spec.cooldown else rule
    return Scheduled(Steady(joined), spec, scene)
