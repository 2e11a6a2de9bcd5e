"""When to try again, and in which version of MQTT. Nothing here does I/O."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiomqtt import ProtocolVersion

from edge.mqtt_faults import Fault

# Brokers are upgraded by people, a few times a year: asking again costs one handshake an hour, if that.
_RECHECK_S = 3600.0


@dataclass(slots=True)
class Ladder:
    """Full jitter: a province of boxes must not come back in step when its broker does.

    (Brooker, "Exponential backoff and jitter", AWS 2015.) first_s: the network blinked. cap_s: the longest that
    events wait once the broker is back. refused_s: a person has to mend it, and brokers ban who hammers.
    """

    first_s: float = 0.5
    cap_s: float = 30.0
    refused_s: float = 60.0
    chance: random.Random = field(default_factory=random.SystemRandom)
    _rung: int = 0

    def wait(self, fault: Fault) -> float:
        """Seconds until the next attempt."""
        if fault is Fault.REFUSED:
            return self.chance.uniform(0.8, 1.2) * self.refused_s
        top = min(self.cap_s, self.first_s * 2.0**self._rung)
        # Beyond the cap counting on would only overflow, after a year.
        self._rung = min(self._rung + 1, 32)
        return self.chance.uniform(0, top)

    def lasted(self, seconds: float) -> None:
        """A connection stood this long: start from the first rung, unless it was one that breaks at once."""
        if seconds >= self.cap_s:
            self._rung = 0


class Versions:
    """MQTT 5, until the broker shows that it speaks 3.1.1 only; and 5 again after a long while.

    speaks_5: False if it is known to speak 3.1.1 only, for good.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, speaks_5: bool = True) -> None:
        self._clock = clock
        self._next = ProtocolVersion.V5
        self._old_until = float("-inf" if speaks_5 else "inf")

    def choose(self) -> ProtocolVersion:
        return ProtocolVersion.V311 if self._clock() < self._old_until else self._next

    def failed(self, version: ProtocolVersion, fault: Fault) -> bool:
        """Learn from a failure; true if the other version should be tried without waiting."""
        if version is ProtocolVersion.V311:
            self._next = ProtocolVersion.V5
            return False
        if fault is Fault.PROTOCOL:
            self._old_until = self._clock() + _RECHECK_S
        elif fault is Fault.NO_ANSWER:
            # Brokers that know 3.1.1 only may hang up on MQTT 5, or wait for bytes that never come (amqtt).
            self._next = ProtocolVersion.V311
        return fault in (Fault.PROTOCOL, Fault.NO_ANSWER)

    def worked(self, version: ProtocolVersion) -> None:
        self._next = ProtocolVersion.V5
        if version is ProtocolVersion.V311 and self._clock() >= self._old_until:
            self._old_until = self._clock() + _RECHECK_S
