"""H.264 out of RTP, picture by picture, nothing decoded (RFC 6184, packetization-mode 0 and 1). Pure."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from relay.media import h264
from relay.media.order import Places
from relay.media.stream import Packet

RATE = 90_000  # Hz
_APART = 3600  # ticks between two pictures of different senders: 25 Hz
_DEPTH = 256  # packets held back for one that is late or sent again: 2 s of a body camera over 4G
_START = b"\x00\x00\x00\x01"
_SINGLE = range(1, 24)  # NAL units that stand alone in a packet
_STAP_A, _FU_A = 24, 28
_NONE = -1 << 62  # ticks where no picture is under way


@dataclass(frozen=True, slots=True)
class Picture:
    """An access unit in Annex B form. ticks: since the first one, at RATE."""

    data: bytes
    ticks: int
    key: bool


class Assembly:
    """Packets in any order, whole pictures out. One of which a packet is missing is left out; what follows stays, as
    it came.

    lost: packets that never came; broken: pictures that were left out, where anything of them came.
    """

    def __init__(self) -> None:
        self.lost = self.broken = 0
        self._places = Places(_APART)
        self._waiting: list[tuple[int, int, Packet]] = []
        self._next = 0
        self._unit = _Unit(_NONE)
        self._hole = True  # before what comes next; the first one may come in mid-picture, too

    def put(self, packet: Packet) -> list[Picture]:
        """What it completes."""
        number, ticks = self._places.place(packet)
        if number < self._next or any(number == waiting for waiting, _, _ in self._waiting):
            return []
        heapq.heappush(self._waiting, (number, ticks, packet))
        return list(self._released(_DEPTH))

    def rest(self) -> list[Picture]:
        """What is held back; nothing more comes."""
        return [*self._released(0), *self._completed()]

    def _released(self, depth: int) -> Iterator[Picture]:
        while self._waiting and (len(self._waiting) > depth or self._waiting[0][0] == self._next):
            number, ticks, packet = heapq.heappop(self._waiting)
            self.lost += number - self._next
            self._hole = self._hole or number > self._next
            self._next = number + 1
            yield from self._taken(ticks, packet)

    def _taken(self, ticks: int, packet: Packet) -> Iterator[Picture]:
        if self._hole:
            self._unit.whole = False
        if ticks != self._unit.ticks:
            yield from self._completed()
            # Whether a picture's beginning is in the hole nobody knows, but of one that begins with parameter sets.
            self._unit = _Unit(ticks, whole=not self._hole or h264.SPS in h264.beginning(packet.payload))
        self._hole = False
        self._unit.add(packet.payload)
        if packet.marker:
            yield from self._completed()

    def _completed(self) -> Iterator[Picture]:
        unit, self._unit = self._unit, _Unit(_NONE)
        if unit.data and unit.whole and not unit.open:
            yield Picture(bytes(unit.data), unit.ticks, unit.key)
        elif unit.ticks != _NONE:
            self.broken += 1


@dataclass(slots=True)
class _Unit:
    """One access unit under way. open: in the midst of a fragmented NAL unit."""

    ticks: int
    whole: bool = True
    key: bool = False
    open: bool = False
    data: bytearray = field(default_factory=bytearray)

    def add(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F if payload else 0
        self.key = self.key or h264.begins_key(payload)
        if kind in _SINGLE:
            self._nal(payload)
        elif kind == _STAP_A:
            self._aggregated(payload)
        elif kind == _FU_A and len(payload) > 2:
            self._fragment(payload)
        else:  # what nobody agreed to (RFC 6184, 5.4)
            self.whole = False

    def _nal(self, nal: bytes) -> None:
        self.whole = self.whole and not self.open
        self.data += _START + nal

    def _aggregated(self, payload: bytes) -> None:
        at = 1
        while at + 2 < len(payload):
            end = at + 2 + int.from_bytes(payload[at : at + 2])
            self.whole = self.whole and end <= len(payload)
            self._nal(payload[at + 2 : end])
            at = end

    def _fragment(self, payload: bytes) -> None:
        begins, ends = bool(payload[1] & 0x80), bool(payload[1] & 0x40)
        self.whole = self.whole and begins != self.open
        if begins:
            self.data += _START + bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
        self.data += payload[2:]
        self.open = not ends
