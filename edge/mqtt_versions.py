"""Which version of MQTT to try next. Nothing here does I/O."""

import time
from collections.abc import Callable

from aiomqtt import ProtocolVersion

from edge.mqtt_faults import Fault

# Brokers are upgraded by people, a few times a year: asking again costs one handshake an hour, if that.
_RECHECK_S = 3600.0


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
