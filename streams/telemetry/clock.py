"""How far a device's clock is off, from when its messages arrive. Pure."""

from collections import deque
from enum import StrEnum

# How long a sample counts, s: a cheap clock drifts by 50 ppm, 15 ms in this time.
WINDOW = 300.0
# At most so many samples: at 10 per second the window is then shorter.
SAMPLES = 512
# Differences up to here are the delay of the link, and the device's clock (GPS) is better than our guess, s.
# A handover between 4G cells stays below it only on average, which is why the smallest difference counts.
TOLERANCE = 1.0
# Once found wrong, a clock is trusted again below this: no flicker about the threshold, s.
TRUSTED = 0.5
# No message arrives before it was sent: this much earlier than the smallest delay so far, the clock was set, s.
SET_FORWARD = 5.0
# No link holds messages back for longer and then delivers them: the clock was set back, s ...
SET_BACK = 60.0
# ... if so many messages in a row say so.
WITNESSES = 3


class Verdict(StrEnum):
    GOOD = "good"
    LATE = "late"  # too old to be believed; if the next ones are as well, the clock was set back
    SET = "set"  # the device's clock was set: what came before is on another clock


class ClockOffset:
    """Arrival minus device time is the clock's error plus the delay; the smallest one in the window has the least
    delay in it."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=SAMPLES)
        self._late = 0
        self._wrong = False

    @property
    def offset(self) -> float | None:
        """s to add to the device's time to have ours; None before the first message."""
        return min((delta for _, delta in self._samples), default=None)

    @property
    def correction(self) -> float:
        """`offset` where the clock is wrong, 0 where the difference is no more than the link's delay."""
        return (self.offset or 0.0) if self._wrong else 0.0

    def observe(self, device_time: float, arrival: float) -> Verdict:
        delta = arrival - device_time
        verdict = self._judged(delta)
        if verdict is Verdict.LATE:
            return verdict
        if verdict is Verdict.SET:
            self._samples.clear()
        self._samples.append((arrival, delta))
        while self._samples[0][0] < arrival - WINDOW:
            self._samples.popleft()
        self._wrong = abs(self.offset or 0.0) > (TRUSTED if self._wrong else TOLERANCE)
        return verdict

    def _judged(self, delta: float) -> Verdict:
        offset = self.offset
        if offset is None or -SET_FORWARD <= delta - offset <= SET_BACK:
            self._late = 0
            return Verdict.GOOD
        self._late += 1
        if delta > offset and self._late < WITNESSES:
            return Verdict.LATE
        self._late = 0
        return Verdict.SET
