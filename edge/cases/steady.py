"""The wall clock, but for being set: seconds run evenly until somebody says what to do about a jump."""

from collections.abc import Callable

_JUMP = (
    2.0  # s between two looks a second apart; a clock that is slewed (adjtime) moves by under a millisecond
)


class SteadyWall:
    """wall: s since 1970; monotonic: s of a clock that nobody sets."""

    def __init__(self, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._offset = wall() - monotonic()

    def now(self) -> float:
        """s since 1970, as the wall clock showed it before it was set."""
        return self._monotonic() + self._offset

    def look(self) -> float:
        """s by which the wall clock was set forward (back: below 0) and which is not followed yet; 0: it was not set.
        A clock that merely drifts is followed."""
        jump = self._wall() - self.now()
        if abs(jump) >= _JUMP:
            return jump
        self._offset += jump
        return 0.0

    def follow(self, jump: float) -> None:
        """Everything that counted by it has been moved by `jump` s."""
        self._offset += jump
