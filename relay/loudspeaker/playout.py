"""When each packet goes to the loudspeaker. Pure: time is an argument, s of one monotonic clock.

Cameras play what comes and buffer little: packets go out evenly, one per packet time, whatever the network did to
them before. What the network held up for long is not played late: a warning has to come when it is spoken.
"""

from collections import deque
from dataclasses import dataclass

HOLD = 0.06  # s held back at the start of a speech: 40 ms wait for a packet out of order, 20 ms are the 4G's jitter
MOST = 0.3  # s: a speech that lags behind by more is as annoying as an echo, and a hole is better


@dataclass(frozen=True, slots=True)
class Frame:
    """Encoded sound for one packet. quiet: nobody would miss it."""

    payload: bytes
    quiet: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """passed: s since the frame before, whole packet times within a speech. first: of a speech."""

    payload: bytes
    passed: float
    first: bool


class Playout:
    """Of one loudspeaker. dropped: frames that were left out to catch up; quiet ones among speech do not count."""

    def __init__(self, packet_time: float, hold: float = HOLD, most: float = MOST) -> None:
        self.dropped = 0
        self._time, self._hold = packet_time, hold
        self._most = max(1, round((hold + most) / packet_time))
        self._usual = max(1, round(hold / packet_time))
        self._queue: deque[Frame] = deque()
        self._due: float | None = None
        self._last: float | None = None
        self._first = True

    @property
    def due(self) -> float | None:
        """When the next frame is to be taken; None: there is none."""
        return self._due if self._queue else None

    def put(self, frame: Frame, now: float) -> None:
        if not self._queue and (self._due is None or now > self._due):
            self._due, self._first = now + self._hold, True
        if frame.quiet and len(self._queue) > self._usual:
            return
        self._queue.append(frame)
        if len(self._queue) > self._most:
            self._catch_up()

    def take(self, now: float) -> Sent | None:
        """The frame that is due; call until None."""
        if not self._queue or self._due is None or now < self._due:
            return None
        frame, at, first = self._queue.popleft(), self._due, self._first
        passed = self._time if self._last is None else max(at - self._last, self._time)
        self._due, self._last, self._first = at + self._time, at, False
        return Sent(frame.payload, passed, first)

    def _catch_up(self) -> None:
        surplus = len(self._queue) - self._usual
        for _ in range(surplus):
            self._queue.popleft()
        self.dropped += surplus
