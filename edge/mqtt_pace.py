"""How far to run ahead of a centre that says by itself what it has stored. Nothing here does I/O.

One that speaks gets `window` rows without its word: a broker keeps a bounded queue for a subscriber that is slow
(Mosquitto 1,000 messages) and drops what does not fit. One that says nothing gets everything once all the same, since
people may be watching, and only a few rows again, to notice when it is back. One that acknowledges some and never others is not
held up by these: a row has its place in the window until it is due again, and rows that are sent again take half of it at most.
"""

import time
from collections.abc import Callable, Iterable
from random import Random

_WINDOW = 500
# s. First: a centre's database is slow at times, a lost way takes some 30 s to be noticed. Cap: one that was away for
# long gets everything within the hour.
_FIRST, _CAP = 60.0, 3600.0
# Rows sent again per `patience` to a centre that is silent.
_PROBE = 20
# s without a word after which a person should look: longer than a restart of the centre, or an update of it.
_DEAF = 3600.0


class Pace:
    """first, cap: s until a row is sent again, doubled each time. patience: s without a word while one is due, after
    which the centre counts as silent; deaf: after which it is a problem. clock: s, never set."""

    def __init__(
        self,
        *,
        window: int = _WINDOW,
        first: float = _FIRST,
        cap: float = _CAP,
        patience: float | None = None,
        deaf: float = _DEAF,
        chance: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window, self.first, self._cap = window, first, cap
        self.patience = first if patience is None else patience
        self._deaf, self._clock = deaf, clock
        self._chance = chance or Random()  # noqa: S311 (jitter)
        self._unanswered: dict[int, float] = {}  # row -> when it was sent last, the oldest first
        self._since: float | None = None
        self._silent = False
        self.newest = 0
        """The highest row that it has acknowledged."""
        self._probed, self._probes = float("-inf"), 0

    def sent(self, seq: int) -> None:
        """Given to the broker."""
        if self._since is None:
            self._since = self._clock()
        if not self.silent:
            self._unanswered.pop(seq, None)  # so that the oldest stays in front
            self._unanswered[seq] = self._clock()

    def heard(self, seqs: Iterable[int]) -> None:
        """The centre said that it has these."""
        self._silent = False
        for seq in seqs:
            self._unanswered.pop(seq, None)
            self.newest = max(self.newest, seq)
        self._since = self._clock() if self._unanswered else None

    def parted(self) -> None:
        """The connection is over: what was on its way is sent again over the next one."""
        self._unanswered.clear()
        if not self._silent:
            self._since = None

    @property
    def silent(self) -> bool:
        if self._since is not None and self._clock() - self._since > self.patience:
            self._silent = True
            self._unanswered.clear()
        return self._silent

    @property
    def deaf(self) -> bool:
        return self._since is not None and self._clock() - self._since > self._deaf

    @property
    def room(self) -> int:
        """Rows that may be given to the broker now."""
        if self.silent:
            return self._window
        while self._unanswered and next(iter(self._unanswered.values())) <= self._clock() - self.first:
            del self._unanswered[next(iter(self._unanswered))]
        return max(0, self._window - len(self._unanswered))

    def again(self) -> int:
        """Of these, rows that may be sent once more."""
        if not self.silent:
            return max(0, self.room - self._window // 2)
        if self._clock() - self._probed >= self.patience:
            self._probed, self._probes = self._clock(), _PROBE
        return self._probes

    def resent(self) -> None:
        """One row was sent once more."""
        self._probes = max(0, self._probes - 1)

    def wait(self, sends: int) -> float:
        """s until a row that was sent so often is sent again; spread, so that they do not all come at once."""
        doubled = self.first * 2.0 ** min(sends - 1, 32)
        return min(self._cap, doubled) * self._chance.uniform(0.8, 1.0)
