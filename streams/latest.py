"""A slot that holds the newest item and counts what it had to throw away."""

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LatestStatistics:
    """How many items were put in, taken out, and overwritten before anyone took them."""

    put: int
    taken: int
    dropped: int


class Latest(Generic[T]):
    """Newest wins: `put` never blocks, `take` returns the newest item once, then None.

    `bell`, when given, is set on every put, so that one thread can wait on many slots.
    Safe between threads.
    """

    def __init__(self, bell: threading.Event | None = None) -> None:
        self._bell = bell
        self._lock = threading.Condition()
        self._item: T | None = None
        self._put = self._taken = self._dropped = 0

    def put(self, item: T) -> None:
        with self._lock:
            self._put += 1
            self._dropped += self._item is not None
            self._item = item
        if self._bell is not None:
            self._bell.set()

    def put_when_free(self, item: T, patience: float) -> None:
        """Let the item before it be taken first: what must not be skipped waits up to `patience` s."""
        with self._lock:
            self._lock.wait_for(lambda: self._item is None, patience)
        self.put(item)

    def take(self) -> T | None:
        with self._lock:
            item, self._item = self._item, None
            self._taken += item is not None
            self._lock.notify_all()
            return item

    @property
    def empty(self) -> bool:
        return self._item is None

    def statistics(self) -> LatestStatistics:
        with self._lock:
            return LatestStatistics(self._put, self._taken, self._dropped)
