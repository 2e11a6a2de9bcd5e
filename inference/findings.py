"""What a rule says: something began, goes on, or is over."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tracked object as a rule saw it.

    score: 0 to 1, the best of its sightings so far. box: x1 y1 x2 y2 of the last one, relative 0-1 of the
    picture, origin top left.
    """

    track: int
    label: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """One step in the life of an event. The same `key` ties new, updates and end of one rule together.

    type: event type ("vehicle.zone"). rule: the rule's name on this stream.
    since, time: seconds (frame clock): when the condition began, and now.
    reason: only on END: "left", "lost", "schedule", "turned", "recovered" or "stopped".
    conditions: of a camera's own health, what is wrong with it ("covered", "moved"), the gravest first.
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
