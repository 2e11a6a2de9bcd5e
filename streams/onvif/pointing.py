"""At which preset a camera looks now. Pure: time is an argument, s, of any one clock.

Zones and references belong to a preset: "at the preset" is said only when it is sure, and the tolerances are
as narrow as the cameras' own repeatability allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

# ONVIF's generic position spaces run from -1 to 1 over the whole travel, zoom from 0 to 1. Of a turn of 360
# degrees 0.005 is 0.9, some 10 px of a picture 640 px and 60 degrees wide; domes repeat within 0.1 to 0.5.
# There is no wrap: -1 and 1 are one direction on an endless dome and two on a camera with end stops.
PAN_TOLERANCE = 0.005
TILT_TOLERANCE = 0.01  # its travel is half as long
ZOOM_TOLERANCE = 0.01

# Resolvers flicker by this much on a camera that stands still.
JITTER = 0.001

# s from a command until a slow camera begins to move: until then "idle" is old news.
START = 2.0


@dataclass(frozen=True, slots=True)
class Position:
    """pan, tilt: -1 to 1; zoom: 0 to 1 (ONVIF's generic spaces)."""

    pan: float
    tilt: float
    zoom: float = 0.0

    def apart(self, other: "Position") -> float:
        """The largest of the three distances, in tolerances: up to 1 is "the same view"."""
        return max(
            abs(self.pan - other.pan) / PAN_TOLERANCE,
            abs(self.tilt - other.tilt) / TILT_TOLERANCE,
            abs(self.zoom - other.zoom) / ZOOM_TOLERANCE,
        )

    def steady(self, other: "Position") -> bool:
        pairs = ((self.pan, other.pan), (self.tilt, other.tilt), (self.zoom, other.zoom))
        return all(abs(one - two) <= JITTER for one, two in pairs)


@dataclass(frozen=True, slots=True)
class PtzStatus:
    """What GetStatus says. moving: None where the camera has no MoveStatus, or an unknown one."""

    position: Position | None
    moving: bool | None


@dataclass(frozen=True, slots=True)
class Pointing:
    """preset: where it points and stands still; None: elsewhere, moving or unknown. since: s, of this state.

    assumed: reckoned from our own commands; nobody has seen it.
    """

    preset: str | None
    moving: bool
    since: float
    assumed: bool = False

    def same(self, other: "Pointing") -> bool:
        return (self.preset, self.moving, self.assumed) == (other.preset, other.moving, other.assumed)


class Bearings(Protocol):
    """Keeps track of where a camera points."""

    @property
    def pointing(self) -> Pointing: ...

    def commanded(self, preset: str | None, now: float) -> None:
        """We sent it to a preset, or (None) anywhere else."""
        ...

    def seen(self, status: PtzStatus | None, now: float) -> None:
        """What it says of itself now; None: nothing usable."""
        ...


class Observed:
    """From what the camera says. A preset whose position it does not tell is learned on the first visit.

    presets: name -> position, None where it is not told. settle: s until a move has surely ended.
    """

    def __init__(self, presets: Mapping[str, Position | None], now: float, settle: float) -> None:
        self._presets = dict(presets)
        self._settle = settle
        self._last: Position | None = None
        self._ordered: tuple[str | None, float] | None = None
        self.pointing = Pointing(None, moving=False, since=now)

    def relearn(self, presets: Mapping[str, Position | None]) -> None:
        """The camera's presets, read anew; what was learned stays where it still does not tell."""
        known = self._presets
        self._presets = {name: place or known.get(name) for name, place in presets.items()}

    def commanded(self, preset: str | None, now: float) -> None:
        self._ordered, self._last = (preset, now), None
        self._become(None, moving=True, now=now)

    def seen(self, status: PtzStatus | None, now: float) -> None:
        here = status.position if status else None
        if status is None or here is None:
            self._last = None
            self._become(None, moving=False, now=now)
            return
        still = self._still(here, status.moving, now)
        self._last = here
        if still:
            self._learn(here, now)
        self._become(self._nearest(here) if still else None, moving=not still, now=now)

    def _still(self, here: Position, moving: bool | None, now: float) -> bool:
        if moving or (self._ordered is not None and now - self._ordered[1] < START):
            return False
        if moving is None:
            return self._last is not None and self._last.steady(here)
        # Some say "idle" all the way: what went far since the last look has not been idle.
        return self._last is None or self._last.apart(here) <= 1

    def _learn(self, here: Position, now: float) -> None:
        if self._ordered is None or now - self._ordered[1] < self._settle:
            return
        preset, _ = self._ordered
        if preset is not None and preset in self._presets and self._presets[preset] is None:
            self._presets[preset] = here
        self._ordered = None

    def _nearest(self, here: Position) -> str | None:
        known = ((place.apart(here), name) for name, place in self._presets.items() if place is not None)
        distance, name = min(known, default=(2.0, None))
        return name if distance <= 1 else None

    def _become(self, preset: str | None, *, moving: bool, now: float) -> None:
        after = Pointing(preset, moving, now)
        if not after.same(self.pointing):
            self.pointing = after


class Reckoned:
    """From our own commands alone, for cameras that do not say. Somebody else's joystick stays invisible."""

    def __init__(self, now: float, settle: float) -> None:
        self._settle = settle
        self._ordered: tuple[str | None, float] | None = None
        self.pointing = Pointing(None, moving=False, since=now, assumed=True)

    def commanded(self, preset: str | None, now: float) -> None:
        self._ordered = (preset, now)
        if not self.pointing.moving:
            self.pointing = Pointing(None, moving=True, since=now, assumed=True)

    def seen(self, status: PtzStatus | None, now: float) -> None:
        if self._ordered is not None and now - self._ordered[1] >= self._settle:
            self.pointing = Pointing(self._ordered[0], moving=False, since=now, assumed=True)
            self._ordered = None
