"""A feed's thread: a fresh feed at each try, its poses into a book, and its state."""

import threading
import time
from collections.abc import Callable
from random import Random

import structlog

from streams.errors import Fatal, StreamError
from streams.problem import Problem
from streams.retry import Ladder
from streams.telemetry.book import PoseBook
from streams.telemetry.feed import Feed
from streams.telemetry.pose import Pose

log = structlog.get_logger()

# Told of each change: what is wrong (None: poses come), and s until the next try.
Report = Callable[[Problem | None, float | None], None]


class FeedRunner:
    """Runs one device's feed until stopped, trying again for ever. name: the camera, for people.

    Any exception but a StreamError is a defect: it is logged and ends the thread unhandled.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Feed],
        book: PoseBook,
        *,
        report: Report = lambda problem, retry_in: None,
        ladder: Ladder | None = None,
    ) -> None:
        self._name, self._connect, self._book, self._report = name, connect, book, report
        self._ladder = ladder or Ladder(Random())  # noqa: S311 - jitter is no secret
        self._live_since: float | None = None
        self._problem: Problem | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"telemetry-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; see `join`."""
        self._stop.set()

    def join(self, timeout: float) -> bool:
        """Wait at most `timeout` (s). Whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set() and (error := self._attempt()) is not None:
                self._rest(error)
        except Exception as error:
            # A defect of ours must not vanish with its thread.
            log.error("telemetry.failed", camera=self._name, error=type(error).__name__)
            raise

    def _attempt(self) -> StreamError | None:
        """None: a recording came to its end, or we were stopped."""
        self._live_since = None
        try:
            self._connect().run(self._take, self._stop)
        except StreamError as error:
            return error
        return None

    def _take(self, pose: Pose) -> None:
        refusal = self._book.add(pose)
        if refusal is not None:
            log.debug("telemetry.refused", camera=self._name, reason=refusal.value)
        if self._live_since is None:
            self._live_since = time.monotonic()
            self._become(None, None)

    def _rest(self, error: StreamError) -> None:
        lived = time.monotonic() - self._live_since if self._live_since is not None else 0.0
        wait = self._ladder.wait(lived=lived, fatal=isinstance(error, Fatal))
        if not self._stop.is_set():
            self._become(error.problem(self._name), wait)
        self._stop.wait(wait)

    def _become(self, problem: Problem | None, retry_in: float | None) -> None:
        if problem is not None and problem != self._problem:
            log.warning("telemetry.lost", camera=self._name, code=problem.code)
        self._problem = problem
        self._report(problem, retry_in)
