"""The packets of a video since its newest key frame, so that a late viewer need not wait for the next one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from relay.media.h264 import H264
from relay.media.stream import Packet, sequence_step

_STAMPS = 1 << 32
_APART = 1000  # 1/s: pictures of a warm start are 1 ms apart


class Gop:
    """A video in RTP, in the order of the sequence numbers: what comes late is put in its place.

    Begins with the first packet of the key frame's access unit (same time stamp), parameter sets included.
    """

    def __init__(self, limit: int, begins_key: Callable[[bytes], bool] = H264.begins_key) -> None:
        """limit: bytes of payload. A group that grows past it is given up, until the next key frame. begins_key: see
        Syntax."""
        self._limit, self._begins_key = limit, begins_key
        self._kept: list[tuple[int, Packet]] = []  # number that does not wrap around, packet
        self._keyed = False
        self._bytes = 0
        self.overflows = 0

    @property
    def packets(self) -> tuple[Packet, ...]:
        """From the key frame on; none if there was no key frame yet, or its group is too large."""
        return tuple(packet for _, packet in self._kept) if self._keyed else ()

    def put(self, packet: Packet) -> None:
        if self._kept and packet.ssrc != self._kept[-1][1].ssrc:
            self._clear()
        if not self._keyed and self._kept and packet.timestamp != self._kept[-1][1].timestamp:
            self._clear()  # an access unit without a key frame
        if not self._insert(packet):
            return
        if self._begins_key(packet.payload):
            self._begin_at(packet.timestamp)
        if self._bytes > self._limit:
            self._clear()
            self.overflows += 1

    def _insert(self, packet: Packet) -> bool:
        """False: it is there already, or from before the key frame."""
        number = self._number(packet.sequence)
        place = len(self._kept)
        while place and self._kept[place - 1][0] > number:
            place -= 1
        if (place and self._kept[place - 1][0] == number) or (self._keyed and not place):
            return False
        self._kept.insert(place, (number, packet))
        self._bytes += len(packet.payload)
        return True

    def _number(self, sequence: int) -> int:
        if not self._kept:
            return sequence
        number, newest = self._kept[-1]
        return number + sequence_step(sequence, newest.sequence)

    def _begin_at(self, timestamp: int) -> None:
        start = next(at for at, (_, packet) in enumerate(self._kept) if packet.timestamp == timestamp)
        self._bytes -= sum(len(packet.payload) for _, packet in self._kept[:start])
        del self._kept[:start]
        self._keyed = True

    def _clear(self) -> None:
        self._kept.clear()
        self._keyed, self._bytes = False, 0


def squeezed(packets: Sequence[Packet], rate: int) -> tuple[Packet, ...]:
    """The same with pictures 1 ms apart, up to the stamp of the last one. rate: ticks per s.

    Sent at once with their own stamps, a browser would take the first picture for the present one and lag behind by
    the length of the group from then on.
    """
    if not packets:
        return ()
    pictures = 0
    back: list[int] = [0]  # pictures before the last one, of each packet from the end
    for later, earlier in pairwise(reversed(packets)):
        pictures += later.timestamp != earlier.timestamp
        back.append(pictures)
    return tuple(
        _before(packets[-1], pictures, packet, rate)
        for packet, pictures in zip(packets, reversed(back), strict=True)
    )


def _before(last: Packet, pictures: int, packet: Packet, rate: int) -> Packet:
    stamp = (last.timestamp - rate // _APART * pictures) % _STAMPS
    return replace(packet, timestamp=stamp, time=None if last.time is None else last.time - pictures / _APART)
