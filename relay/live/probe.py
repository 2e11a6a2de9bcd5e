"""The first packets of a camera: can a browser show them as they are?"""

import asyncio

from relay.live import fitness
from relay.live.feed import Viewer
from relay.live.fitness import Unfit
from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo

_LOOKED_AT = 4  # packets: where there are B-frames, the first is the third or fourth
_PATIENCE = (
    1.0  # s for them after the first, on a busy box: what comes more slowly (time lapse) has no B-frames
)


class Probe:
    """Judges, and keeps what came meanwhile for whoever goes on with it. A Viewer."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._verdict: asyncio.Future[Unfit | None] = loop.create_future()
        self._kept: list[StreamInfo | Packet] = []
        self.info: StreamInfo | None = None
        """Of what is kept last."""
        self._next: Viewer | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def verdict(self, patience: float) -> Unfit | None:
        """None: it can. Raises TimeoutError where no picture came in `patience` s."""
        try:
            async with asyncio.timeout(patience):
                return await self._verdict
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def hand_over(self, viewer: Viewer) -> None:
        """It gets what was kept, and what comes from now on."""
        for one in self._kept:
            _give(one, viewer)
        self._kept.clear()
        self._next = viewer

    def opened(self, info: StreamInfo) -> None:
        if self._next is None:
            self.info = info
        self._take(info, fitness.of_stream(info))

    def packet(self, packet: Packet) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(_PATIENCE, self._decide, None)
        self._take(packet, fitness.of_packet(packet))
        if sum(isinstance(one, Packet) for one in self._kept) >= _LOOKED_AT:
            self._decide(None)

    def sound(self, sound: Sound) -> None:
        """Nobody listens yet; whoever goes on hears what comes then."""
        if self._next is not None:
            self._next.sound(sound)

    def _take(self, what: StreamInfo | Packet, unfit: Unfit | None) -> None:
        if self._next is not None:
            _give(what, self._next)
            return
        if unfit is not None:
            self._decide(unfit)
        self._kept.append(what)

    def _decide(self, unfit: Unfit | None) -> None:
        if not self._verdict.done():
            self._verdict.set_result(unfit)


def _give(what: StreamInfo | Packet, viewer: Viewer) -> None:
    if isinstance(what, Packet):
        viewer.packet(what)
    else:
        viewer.opened(what)
