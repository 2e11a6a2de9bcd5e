"""Which version of MQTT to try next. Nothing here does I/O."""

import time
from collections.abc import Callable

from aiomqtt import ProtocolVersion

from edge.mqtt_faults import Fault

# Brokers are upgraded by people, a few times a year: asking again costs one handshake an hour, if that.
_RECHECK_S = 3600.0


class Versions:
    """MQTT 5, until the broker is known to speak 3.1.1 only; and 5 again after a long while.

    speaks_5: False if it is known to speak 3.1.1 only, for good.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, speaks_5: bool = True) -> None:
        self._clock = clock
        self._old_until = float("-inf" if speaks_5 else "inf")

    def choose(self) -> ProtocolVersion:
        return ProtocolVersion.V311 if self._clock() < self._old_until else ProtocolVersion.V5

    def failed(self, version: ProtocolVersion, fault: Fault) -> bool:
        """Learn from a failure; true if the other version should be tried without waiting."""
        if version is ProtocolVersion.V311 or fault is not Fault.PROTOCOL:
            return False
        self._old_until = self._clock() + _RECHECK_S
        return True
