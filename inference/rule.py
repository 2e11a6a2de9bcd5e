"""What a rule kind promises: tracks in, findings out; no clock, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from inference.findings import Finding, Severity, Whistle
from inference.schedule import Position, Schedule
from inference.tracks import Tracks
from streams.units import Duration

RuleName = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]


class RuleSpec(BaseModel):
    """The settings every rule kind has. Kinds derive from it and narrow `kind` to a literal.

    name: no two alike on one stream. objects: classes or groups of the vocabulary. schedule: when it is awake.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    name: RuleName = "rule"
    objects: Annotated[tuple[str, ...], Field(min_length=1)] = ("heavy_vehicle", "machine")
    schedule: Schedule = ()
    severity: Severity = Severity.HIGH
    whistle: Whistle | None = None


class AlarmSpec(RuleSpec):
    """And those of the kinds that make an event of each track.

    group: one event for all tracks that are in a zone, or over a line, at once.
    cooldown: an event whose tracks are all gone stays open for so long, and whatever comes meanwhile goes on
        with it: no second alarm, and its END that much later.
    """

    group: bool = False
    cooldown: Duration = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What a rule may know of its stream.

    zones: name -> float64 [N, 2] polygon, relative 0-1 of the picture, origin top left.
    lines: name -> float64 [N, 2] points of an open line, the same way.
    classes: the detector's class names; a label is an index into them.
    time_zone: IANA name ("Asia/Shanghai") that schedules are read in.
    period: seconds between two analysed pictures; minutes for time-lapse.
    position: of the site, latitude and longitude in degrees (WGS84), for schedules that go by the sun.
    """

    zones: Mapping[str, NDArray[np.float64]]
    classes: tuple[str, ...]
    time_zone: str
    period: float = 0.2
    lines: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    position: Position | None = None


class Rule(Protocol):
    """Pure state machine of one rule on one stream."""

    @property
    def pending(self) -> bool:
        """Whether it counts the seconds of something, and so needs to see every picture."""
        ...

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Finding]:
        """Findings of this step. size: picture width and height in px; now: seconds (frame clock)."""
        ...

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        """END for everything still open (the daemon stops, the camera turns away)."""
        ...
