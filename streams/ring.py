"""The last seconds of one camera, encoded: what clips, live view and a late look start from."""

import threading
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from streams.packet import Packet
from streams.source import StreamInfo

SECONDS = 15.0  # s kept before now: the pre-roll of a clip, and two GOPs of a "smart" codec camera
LIMIT = 48 << 20  # bytes: 15 s of 25 Mbit/s; a camera that sends more keeps less


class Kept(NamedTuple):
    """A packet in the ring. number: counts from 0, without gaps, over the ring's life. opening: counts what
    `open` announced; pictures of two openings have nothing to do with each other."""

    number: int
    opening: int
    info: StreamInfo
    packet: Packet


@dataclass(frozen=True, slots=True)
class RingStatistics:
    """bytes, seconds: kept now. put: packets so far. headless: of these, refused because no key frame came
    before. overflows: GOPs given up because they alone were over the limit."""

    bytes: int
    seconds: float
    put: int
    headless: int
    overflows: int


class Ring:
    """Whole GOPs only: the oldest packet is a key frame. Safe between threads; `put` never blocks.

    Keeps at least `seconds` where the bytes allow it, and at most one GOP more.
    """

    def __init__(self, seconds: float = SECONDS, limit: int = LIMIT) -> None:
        self.seconds, self._limit = seconds, limit
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        # Whoever waits for a key frame is not woken by the 50 packets before it.
        self._keyed = threading.Condition(lock)
        self._kept: list[Kept] = []
        self._keys: deque[int] = deque()
        self._bytes = self._number = 0
        self._put = self._headless = self._overflows = 0
        self.opening = 0
        """Number of the current one; 0 before the first."""
        self.info: StreamInfo | None = None
        self._ended = False

    def open(self, info: StreamInfo) -> None:
        """What follows belongs to a new stream."""
        with self._changed:
            self.info = info
            self.opening += 1
            self._ended = False

    def put(self, packet: Packet) -> None:
        """Packets before the first key frame of an opening cannot be decoded: they are counted, not kept."""
        with self._changed:
            assert self.info is not None, "open() comes first"
            self._put += 1
            fresh = not self._kept or self._kept[-1].opening != self.opening
            if fresh and not packet.key:
                self._headless += 1
                return
            if packet.key:
                self._keys.append(self._number)
                self._keyed.notify_all()
            self._kept.append(Kept(self._number, self.opening, self.info, packet))
            self._number += 1
            self._bytes += packet.size
            self._evict(packet.dts)
            self._changed.notify_all()

    def end(self) -> None:
        """No more will come (of a recording): readers need not wait."""
        with self._changed:
            self._ended = True
            self._notify()

    @property
    def ended(self) -> bool:
        return self._ended

    def wait(self, patience: float) -> None:
        """Up to `patience` s for whatever changes."""
        with self._changed:
            self._changed.wait(patience)

    def wake(self) -> None:
        """Let whoever waits look round."""
        with self._changed:
            self._notify()

    def read(self, after: int, patience: float) -> Kept | None:
        """The first packet past number `after` that is still there; None if none came in `patience` s."""
        with self._changed:
            if not self._newer(after) and not self._ended and patience:
                self._changed.wait(patience)
            if not self._newer(after):
                return None
            return self._kept[max(0, after + 1 - self._kept[0].number)]

    def read_key(self, after: int, patience: float) -> Kept | None:
        """The newest key frame past number `after`; None if none came in `patience` s."""
        with self._changed:
            if not self._newer_key(after) and not self._ended and patience:
                self._keyed.wait(patience)
            return self._at(self._keys[-1]) if self._newer_key(after) else None

    def key_before(self, time: float) -> int | None:
        """Number of the last key frame not later than `time` (s), else of the oldest; None: the ring is empty."""
        with self._changed:
            if not self._keys:
                return None
            times = [self._at(number).packet.dts for number in self._keys]
            return self._keys[max(0, bisect_right(times, time) - 1)]

    @property
    def newest(self) -> float | None:
        """Decoding time of the newest packet, s."""
        with self._changed:
            return self._kept[-1].packet.dts if self._kept else None

    @property
    def flows(self) -> bool:
        """Whether anything of the current opening is kept."""
        with self._changed:
            return bool(self._kept) and self._kept[-1].opening == self.opening

    @property
    def last_number(self) -> int:
        """Of the newest packet ever kept; -1 before the first."""
        return self._number - 1

    def statistics(self) -> RingStatistics:
        with self._changed:
            seconds = self._kept[-1].packet.dts - self._kept[0].packet.dts if self._kept else 0.0
            return RingStatistics(self._bytes, seconds, self._put, self._headless, self._overflows)

    def _newer(self, after: int) -> bool:
        return bool(self._kept) and self._kept[-1].number > after

    def _notify(self) -> None:
        self._changed.notify_all()
        self._keyed.notify_all()

    def _newer_key(self, after: int) -> bool:
        return bool(self._keys) and self._keys[-1] > after

    def _at(self, number: int) -> Kept:
        return self._kept[number - self._kept[0].number]

    def _evict(self, now: float) -> None:
        while len(self._keys) > 1 and (self._old(self._keys[1], now) or self._bytes > self._limit):
            self._drop(self._keys[1] - self._kept[0].number)
        if self._bytes > self._limit:
            self._overflows += 1
            self._drop(len(self._kept))

    def _old(self, number: int, now: float) -> bool:
        """Whether the ring would still reach far enough back if it began here."""
        age = now - self._at(number).packet.dts
        return age >= self.seconds or age < 0  # a recording that starts over steps back

    def _drop(self, count: int) -> None:
        self._bytes -= sum(kept.packet.size for kept in self._kept[:count])
        del self._kept[:count]
        while self._keys and (not self._kept or self._keys[0] < self._kept[0].number):
            self._keys.popleft()
