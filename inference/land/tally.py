"""How much is known of one patch: log-odds, of which each light gives so much. Pure."""

from dataclasses import dataclass, field
from typing import Final

HOUR: Final = 3600.0  # s
_LASTS: Final = 6 * HOUR  # looks of one light within it share their shadows and their mistakes
_SETTLES: Final = 240.0  # s: time constant of what a light says
_LOOK: Final = 0.2  # of it, that one look may move it by: in time-lapse several looks are needed
_CONTRARY: Final = -4.0  # nats: what one light may say against it
_MOST: Final = 16.0  # nats: what is certain can still be undone in a day
_LEAST: Final = -4.0


@dataclass(slots=True)
class Slot:
    """What one light says from `start` (s) on, nats."""

    start: float
    value: float = 0.0


@dataclass(slots=True)
class Tally:
    """Sum of log-likelihood ratios, nats: of each light its average, not its sum. A thousand looks that are a little
    off in the same way are one look that is a little off."""

    settled: float = 0.0
    slots: dict[str, Slot] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return min(max(self.settled + sum(slot.value for slot in self.slots.values()), _LEAST), _MOST)

    def add(self, light: str, now: float, says: float, passed: float) -> None:
        """says: nats, if this light said it all the time. passed: s since the look before."""
        self._fold(now)
        slot = self.slots.setdefault(light, Slot(now))
        slot.value = max(slot.value + min(passed / _SETTLES, _LOOK) * (says - slot.value), _CONTRARY)

    def _fold(self, now: float) -> None:
        """What is over, or what a clock set back has not reached, is one fact."""
        over = [light for light, slot in self.slots.items() if not 0 <= now - slot.start < _LASTS]
        for light in over:
            self.settled = min(max(self.settled + self.slots.pop(light).value, _LEAST), _MOST)
