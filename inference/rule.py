"""What a rule kind promises: tracks in, findings out; no clock, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from inference.findings import Finding
from inference.tracks import Tracks


class RuleSpec(BaseModel):
    """The settings every rule kind has. Kinds derive from it and narrow `kind` to a literal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a rule may know of its stream.

    zones: name -> float64 [N, 2] polygon, relative 0-1 of the picture, origin top left.
    classes: the detector's class names; a label is an index into them.
    time_zone: IANA name ("Asia/Shanghai") that schedules are read in.
    period: seconds between two analysed pictures; minutes for time-lapse.
    """

    zones: Mapping[str, NDArray[np.float64]]
    classes: tuple[str, ...]
    time_zone: str
    period: float = 0.2


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
