"""Which of the decoded pictures are worth analysing. Pure: frame time in, yes or no out."""

# A picture this part of a period early still counts as the one that is due: cameras and networks jitter.
_EARLY = 0.45


class Cadence:
    """At most `fps` pictures per second of frame time, and no fewer while the source has them.

    The due times are a fixed grid, so a rate that does not divide the source's does not drift (24 per second
    at 5 gives 5.0). Over any span of T seconds it lets through at most T * fps + 3.
    A clock that jumps, either way, restarts the grid. fps: Hz, above 0, may be infinite (every picture).
    """

    def __init__(self, fps: float) -> None:
        if not fps > 0:
            raise ValueError(f"needs a rate above 0, has {fps}")
        self._period = 1 / fps
        self._due: float | None = None

    def due(self, time: float) -> bool:
        """Whether to analyse the picture of this time (s, any epoch)."""
        if self._due is None or self._jumped(time - self._due):
            self._due = time + self._period
            return True
        if time < self._due - _EARLY * self._period:
            return False
        self._due += self._period
        return True

    def _jumped(self, late: float) -> bool:
        """Too late to catch up, or back by more than one step."""
        return late >= self._period or late < -2 * self._period
