"""What a rule says: something began, goes on, or is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from inference.change import Change


class Phase(StrEnum):
    NEW = "new"
    UPDATE = "update"
    END = "end"


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Whistle(StrEnum):
    """吹哨 level: quick 快捷哨, joint 攻坚哨, emergency 应急哨."""

    QUICK = "quick"
    JOINT = "joint"
    EMERGENCY = "emergency"


class Direction(StrEnum):
    """Over a line, for who walks along it from its first point to its last: `in` is from left to right.

    Over a line drawn from the left of the picture to its right, `in` is downwards, towards the camera.
    """

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tracked object as a rule saw it.

    score: 0 to 1, the best of its sightings so far. box: x1 y1 x2 y2 of the last one, relative 0-1 of the
    picture, origin top left. attributes: what else is known of it, by name: "load" (empty, loaded, covered),
    "speed_kmh", "heading" (degrees clockwise from north), "direction" (in, out), "plate" and "plate_score".
    """

    track: int
    label: str
    score: float
    box: tuple[float, float, float, float]
    attributes: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """So many different tracks of one class. direction: where a line was crossed."""

    label: str
    number: int
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One step in the life of an event. The same `key` ties new, updates and end of one rule together.

    type: event type ("vehicle.zone"). rule: the rule's name on this stream. zone: or the line.
    since, time: seconds (frame clock): when the condition began, and now.
    objects: at most 32. counts: of all tracks of the event, more than 32 perhaps; where it is about several.
    reason: only on END: "left", "lost", "passed" (over a line), "quiet" (no more of a convoy came), "idle" (a
    machine works no more), "schedule", "turned", "recovered" or "stopped"; of changed ground "restored", "allowed",
    "merged" (into an older patch), "forgotten" (its references were given up) or "lost" (what was known of it is).
    conditions: of a camera's own health, what is wrong with it ("covered", "moved"), the gravest first.
    pictured: whether it is worth a snapshot and a clip.
    change: of land.disturbance: the patch as it is now.
    """

    type: str
    phase: Phase
    key: str
    rule: str
    zone: str | None
    severity: Severity
    whistle: Whistle | None
    objects: tuple[Sighting, ...]
    since: float
    time: float
    reason: str | None = None
    conditions: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    pictured: bool = True
    change: Change | None = None
