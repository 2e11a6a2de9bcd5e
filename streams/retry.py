"""How long to wait before trying a camera again. Pure: the randomness is given."""

import threading
from collections import deque
from random import Random

_TOGETHER = 2.0  # s: a switch that loses its power takes its cameras within one read time-out's jitter
# s between two connections on average: a switch or recorder that comes back can serve four a second
_APART = 0.25


class Crowd:
    """Cameras that are lost at the same time, so that they do not come back at the same time. Safe between
    threads; one for all cameras of a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lost: deque[float] = deque(maxlen=1000)

    def lost(self, now: float) -> float:
        """One more at `now` (s): the ceiling of its first wait, s."""
        with self._lock:
            self._lost.append(now)
            return _APART * sum(now - moment <= _TOGETHER for moment in self._lost)


class Ladder:
    """Exponential back-off with full jitter (each wait is uniform between 0 and a doubling ceiling), so that
    forty cameras behind one switch do not come back all at once.

    first: ceiling of the first wait, s: a camera that merely dropped the connection is back by then.
    cap: ceiling of any wait, s: nobody on a ladder wants to wait longer for a cable he just plugged in.
    fatal: ceiling where a person must act, s, and never below half of it: a few wrong logins in a row lock
        many cameras.
    settled: a stream that lived this long, s, starts again from the first rung.
    """

    def __init__(
        self,
        rng: Random,
        *,
        first: float = 1.0,
        cap: float = 30.0,
        fatal: float = 180.0,
        settled: float = 10.0,
    ) -> None:
        self._rng = rng
        self._first, self._cap, self._fatal, self._settled = first, cap, fatal, settled
        self._ceiling = first

    def wait(self, *, lived: float, fatal: bool = False, crowd: float = 0.0) -> float:
        """Seconds to wait after a failure. lived: seconds the stream was live; 0 if it never was. crowd: the least
        ceiling, s, because many failed together."""
        if lived >= self._settled:
            self._ceiling = self._first
        if fatal:
            return self._rng.uniform(self._fatal / 2, self._fatal)
        ceiling, self._ceiling = self._ceiling, min(self._cap, self._ceiling * 2)
        return self._rng.uniform(0, max(ceiling, min(crowd, self._cap)))
