"""One camera's thread: a fresh source at each try, pictures at the analysis rate, and its state."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from streams.cadence import CadenceSink
from streams.errors import Fatal, StreamError
from streams.frame import Frame
from streams.latest import Latest
from streams.problem import Problem
from streams.retry import Ladder
from streams.source import Source, StreamInfo


class CameraState(StrEnum):
    CONNECTING = "connecting"  # the first try
    LIVE = "live"  # pictures come
    RETRYING = "retrying"  # failed, and may mend itself
    REFUSED = "refused"  # failed, and needs a person; still tried every few minutes
    FINISHED = "finished"  # a recorded source came to its end
    FAILED = "failed"  # a defect of ours: the thread is gone


@dataclass(frozen=True, slots=True)
class CameraReport:
    """A camera's state as it changed. retry_in: s until the next try. info: what comes, while it is live."""

    camera: str
    state: CameraState
    problem: Problem | None = None
    retry_in: float | None = None
    info: StreamInfo | None = None


@dataclass(frozen=True, slots=True)
class ReaderStatistics:
    """pictures: decoded. analysed: passed on at the cadence. dropped: of these, overwritten untaken.
    reconnects: tries after the first. last: frame time of the last picture, s since 1970."""

    pictures: int
    analysed: int
    dropped: int
    reconnects: int
    last: float | None


class Reader:
    """Reads one camera until stopped, trying again for ever.

    connect: builds a fresh source. fps: pictures per second to pass on. slot: where the newest one lies.
    report: told every change of state, on this reader's thread.
    Any exception but a StreamError is a defect: it is reported as FAILED and ends the thread unhandled.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Source],
        *,
        fps: float,
        slot: Latest[Frame],
        report: Callable[[CameraReport], None],
        ladder: Ladder | None = None,
    ) -> None:
        self._name = name
        self._connect = connect
        self._slot = slot
        self._report = report
        self._ladder = ladder or Ladder(Random())  # noqa: S311 - jitter is no secret
        self._sink = CadenceSink(fps, slot.put, self._opened)
        self._state: CameraReport | None = None
        self._reconnects = 0
        self._live_since: float | None = None
        self._stop = threading.Event()
        # A daemon: a thread that sits out a connect time-out must not hold up the end of the process.
        self._thread = threading.Thread(target=self._run, name=f"camera-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end. It does within one read time-out (or connect time-out); see `join`."""
        self._stop.set()

    def join(self, timeout: float) -> bool:
        """Wait at most `timeout` (s). Whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def statistics(self) -> ReaderStatistics:
        sink = self._sink
        dropped = self._slot.statistics().dropped
        return ReaderStatistics(sink.pictures, sink.analysed, dropped, self._reconnects, sink.last)

    def _run(self) -> None:
        try:
            self._read()
        except BaseException:
            self._become(CameraReport(self._name, CameraState.FAILED))
            raise

    def _read(self) -> None:
        self._become(CameraReport(self._name, CameraState.CONNECTING))
        while (error := self._attempt()) is not None:
            self._rest(error)
            if self._stop.is_set():
                return
            self._reconnects += 1
        if not self._stop.is_set():
            self._become(CameraReport(self._name, CameraState.FINISHED))

    def _attempt(self) -> StreamError | None:
        """Run one source to its end. None: it came to it without an error, or was stopped."""
        self._live_since = None
        try:
            self._connect().run(self._sink, self._stop)
        except StreamError as error:
            return error
        return None

    def _opened(self, info: StreamInfo) -> None:
        self._live_since = self._live_since or time.monotonic()
        self._become(CameraReport(self._name, CameraState.LIVE, info=info))

    def _rest(self, error: StreamError) -> None:
        fatal = isinstance(error, Fatal)
        lived = time.monotonic() - self._live_since if self._live_since is not None else 0.0
        wait = self._ladder.wait(lived=lived, fatal=fatal)
        state = CameraState.REFUSED if fatal else CameraState.RETRYING
        if not self._stop.is_set():
            self._become(CameraReport(self._name, state, error.problem(self._name), wait))
        self._stop.wait(wait)

    def _become(self, report: CameraReport) -> None:
        """The one place where the state changes."""
        if report != self._state:
            self._state = report
            self._report(report)
