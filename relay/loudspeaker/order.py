"""Packets of a speaker brought back into their order, for a decoder. Pure."""

from relay.media.stream import Packet, sequence_step

_HELD = 2  # packets (40 ms) that wait for a late one; the playout holds back longer than that
_STRANGE = 3000  # a step after which it is another stream (RFC 3550, A.1)
_LATE = 100


class Order:
    """Of one speaker after the other. What did not come in time is left out: the hole shows in the numbers."""

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._next = 0
        self._held: dict[int, Packet] = {}

    def put(self, packet: Packet) -> list[Packet]:
        """What can be decoded now, in order. One that comes too late, or again, is dropped."""
        step = sequence_step(packet.sequence, self._next)
        before: list[Packet] = []
        if packet.ssrc != self._ssrc or not -_LATE <= step <= _STRANGE:
            before = self.flush()
            self._ssrc, self._next, step = packet.ssrc, packet.sequence, 0
        if step < 0:
            return []
        self._held[packet.sequence] = packet
        if len(self._held) > _HELD:
            self._next = self._nearest()
        return before + self._ready()

    def flush(self) -> list[Packet]:
        """All that is held; whatever comes then is the first of something new."""
        released = []
        while self._held:
            self._next = self._nearest()
            released += self._ready()
        self._ssrc = None
        return released

    def _nearest(self) -> int:
        return min(self._held, key=lambda sequence: sequence_step(sequence, self._next))

    def _ready(self) -> list[Packet]:
        ready = []
        while (packet := self._held.pop(self._next, None)) is not None:
            ready.append(packet)
            self._next = (self._next + 1) % (1 << 16)
        return ready
