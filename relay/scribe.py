"""A thread that writes, so that nobody waits for the disk."""

import queue
import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger()

Work = Callable[[], None]


class Scribe:
    """Does what it is given, in order. most: what may wait."""

    def __init__(self, name: str, most: int) -> None:
        self._most = most
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def take(self, work: Work) -> bool:
        """False: too much waits, and this is not done."""
        if self._work.qsize() >= self._most:
            return False
        self._work.put(work)
        return True

    def surely(self, work: Work) -> None:
        """However much waits: for what is to be without gaps."""
        self._work.put(work)

    def close(self, patience: float) -> None:
        """Do what waits, for at most `patience` s."""
        self._work.put(None)
        self._thread.join(patience)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:  # a defect in one recording must not end the recording of all
                log.exception("talk.recorder_defect")
