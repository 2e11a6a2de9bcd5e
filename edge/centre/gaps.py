"""Which numbers of a box have not come. Pure."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# A number below the highest, of a message so much later: the box's store was begun anew, and counts from 1 again. Messages
# of one store are in the order of their numbers but for the seconds in which cameras' events cross.
_ANEW = timedelta(hours=1)


@dataclass(slots=True)
class Gaps:
    """Of one site. Holds ranges, not numbers: memory grows with the gaps."""

    _ranges: list[tuple[int, int]] = field(default_factory=list)
    _newest: datetime | None = None

    def came(self, seq: int, time: datetime) -> None:
        """time: of the event, with its zone."""
        if self._newest is not None and seq <= self._ranges[-1][1] and time - self._newest > _ANEW:
            self._ranges.clear()
        self.explained(seq, seq)
        if seq >= self._ranges[-1][1]:
            self._newest = time

    def explained(self, first: int, last: int) -> None:
        """These numbers will never come, and it is known why; or they came."""
        low = bisect_left(self._ranges, first - 1, key=lambda each: each[1])
        high = low
        while high < len(self._ranges) and self._ranges[high][0] <= last + 1:
            first, last = min(first, self._ranges[high][0]), max(last, self._ranges[high][1])
            high += 1
        self._ranges[low:high] = [(first, last)]

    def missing(self) -> Iterator[tuple[int, int]]:
        """From and to, both included, in order."""
        for (_, before), (after, _) in zip(self._ranges, self._ranges[1:], strict=False):
            yield before + 1, after - 1
