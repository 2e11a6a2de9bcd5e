"""How many messages one connection may send. Pure: time is an argument."""


class Pace:
    """A token bucket: `burst` at once, and `rate` per s after that."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._since = float(burst), now

    def allows(self, now: float) -> bool:
        """Whether one more is within it; only those that are, count."""
        elapsed = max(0.0, now - self._since)
        self._left = min(self._burst, self._left + elapsed * self._rate)
        self._since = max(self._since, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True
