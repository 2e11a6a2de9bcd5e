"""A tour of presets. Pure: `Tour` is a value, time is an argument, s, of any one clock."""

from dataclasses import dataclass, replace
from enum import StrEnum

from streams.onvif.pointing import Pointing

# s for the longest way: half a turn of a slow dome with zoom and focus takes 10; a camera that has not arrived
# after three times that will not, and the tour goes on without it.
LONGEST_WAY = 30.0


class Phase(StrEnum):
    DUE = "due"  # the next stop is to be ordered
    TRAVELLING = "travelling"
    DWELLING = "dwelling"
    HELD = "held"  # somebody steers by hand
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Stop:
    """dwell: s, counted from the arrival."""

    preset: str
    dwell: float


@dataclass(frozen=True, slots=True)
class Tour:
    """stops: at least one, in turn and endlessly. hold: s it stands back after a hand was on the joystick.

    until: when the phase ends by itself. missed: stops given up because the camera did not arrive.
    """

    stops: tuple[Stop, ...]
    hold: float
    phase: Phase = Phase.DUE
    index: int = 0
    until: float = 0.0
    missed: int = 0

    def step(self, now: float, pointing: Pointing) -> "tuple[Tour, str | None]":
        """The tour a moment later, and the preset to go to now, if any."""
        match self.phase:
            case Phase.PAUSED:
                return self, None
            case Phase.DUE:
                return self._ordered(now, pointing)
            case Phase.HELD:
                return self._ordered(now, pointing) if now >= self.until else (self, None)
            case Phase.TRAVELLING:
                return self._travelling(now, pointing)
            case Phase.DWELLING:
                return self._dwelling(now, pointing)

    def manual(self, now: float) -> "Tour":
        """Somebody steers: stand back, then go on from the same stop. A paused tour stays paused."""
        return self if self.phase is Phase.PAUSED else replace(self, phase=Phase.HELD, until=now + self.hold)

    def paused(self) -> "Tour":
        return replace(self, phase=Phase.PAUSED)

    def resumed(self) -> "Tour":
        """Goes on from the stop where it was paused."""
        return replace(self, phase=Phase.DUE) if self.phase is Phase.PAUSED else self

    def _travelling(self, now: float, pointing: Pointing) -> "tuple[Tour, str | None]":
        stop = self.stops[self.index]
        if pointing.preset == stop.preset:
            return replace(self, phase=Phase.DWELLING, until=now + stop.dwell), None
        if now >= self.until:
            return replace(self._next(), missed=self.missed + 1)._ordered(now, pointing)
        return self, None

    def _dwelling(self, now: float, pointing: Pointing) -> "tuple[Tour, str | None]":
        taken = not pointing.assumed and pointing.preset != self.stops[self.index].preset
        if taken and (pointing.moving or pointing.preset is not None):
            return self.manual(now), None
        return self._next()._ordered(now, pointing) if now >= self.until else (self, None)

    def _ordered(self, now: float, pointing: Pointing) -> "tuple[Tour, str | None]":
        stop = self.stops[self.index]
        if pointing.preset == stop.preset:  # it is there already: a command would only shake the view
            return replace(self, phase=Phase.DWELLING, until=now + stop.dwell), None
        going = replace(self, phase=Phase.TRAVELLING, until=now + LONGEST_WAY)
        return going, stop.preset

    def _next(self) -> "Tour":
        return replace(self, index=(self.index + 1) % len(self.stops))
