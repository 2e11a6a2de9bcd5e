"""Packets on their way to one listener."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from relay.media.stream import Packet

_QUEUE = 4096  # packets for one listener: a kept group of pictures of 4 MiB on its way out
_BURST = 48_000  # bytes sent at once: what a 4G modem takes without dropping
_BYTES_PER_SECOND = 3_000_000.0  # after that: a warm start of 1 MB takes a third of a second


@dataclass(slots=True)
class Queue:
    """Bounded; what would leave as a burst is paced. For one loop."""

    _packets: deque[Packet] = field(default_factory=deque)
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _credit: float = _BURST
    _at: float = field(default_factory=time.monotonic)

    def send(self, packet: Packet) -> bool:
        """False: full."""
        if len(self._packets) >= _QUEUE:
            return False
        self._packets.append(packet)
        self._some.set()
        return True

    async def next(self) -> Packet:
        while not self._packets:
            self._some.clear()
            await self._some.wait()
        packet = self._packets.popleft()
        await self._pace(len(packet.payload))
        return packet

    async def _pace(self, size: int) -> None:
        now = time.monotonic()
        self._credit = min(_BURST, self._credit + (now - self._at) * _BYTES_PER_SECOND) - size
        self._at = now
        if self._credit < 0:
            await asyncio.sleep(-self._credit / _BYTES_PER_SECOND)
