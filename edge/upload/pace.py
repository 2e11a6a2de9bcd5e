"""How fast: a token bucket. Pure; time is an argument."""

from dataclasses import dataclass

# s of the rate that may go at once: a piece need not wait for itself, and a metered line sees no bursts.
_BURST = 1.0


@dataclass(slots=True)
class Bucket:
    """rate: bytes/s; None: without a limit."""

    rate: float | None
    _debt: float = 0.0
    _at: float = float("-inf")

    def take(self, size: int, now: float) -> float:
        """Seconds to wait before `size` bytes go. now: s, of a clock that never steps back."""
        if self.rate is None:
            return 0.0
        self._debt = max(-_BURST * self.rate, self._debt - (now - self._at) * self.rate) + size
        self._at = now
        return max(0.0, self._debt / self.rate)
