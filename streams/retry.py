"""How long to wait before trying a camera again. Pure: the randomness is given."""

from random import Random


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

    def wait(self, *, lived: float, fatal: bool = False) -> float:
        """Seconds to wait after a failure. lived: seconds the stream was live; 0 if it never was."""
        if lived >= self._settled:
            self._ceiling = self._first
        if fatal:
            return self._rng.uniform(self._fatal / 2, self._fatal)
        ceiling, self._ceiling = self._ceiling, min(self._cap, self._ceiling * 2)
        return self._rng.uniform(0, ceiling)
