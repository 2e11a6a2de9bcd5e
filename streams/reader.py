"""One connection's thread: a fresh source at each try, and the camera's state."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from streams.errors import Fatal, Stalled, StreamError, Unreadable
from streams.frame import Frame
from streams.packet import Packet
from streams.problem import Problem
from streams.retry import Crowd, Ladder
from streams.sound import Sound
from streams.source import Sink, Source, StreamInfo

_HOUR = 3600.0  # s over which stalls and reconnects are counted
_MOST = 10_000  # of them remembered: three a second for an hour


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
    """reconnects: tries after the first; stalls: times a live camera fell silent. *_per_hour: in the last hour.
    offset: s the camera's own clock is ahead of the box's; None: it does not tell."""

    reconnects: int
    stalls: int
    reconnects_per_hour: int
    stalls_per_hour: int
    offset: float | None


Check = Callable[[str], StreamInfo | None]
"""Called after every packet with the source's `where`: what pictures come, None while none came yet.
Raises StreamError where what comes is of no use."""


class Reader:
    """Reads one camera until stopped, trying again for ever.

    connect: builds a fresh source. report: told every change of state, on this reader's thread. crowd: of the
    cameras beside it.
    Any exception but a StreamError is a defect: it is reported as FAILED and ends the thread unhandled.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Source],
        sink: Sink,
        *,
        check: Check,
        report: Callable[[CameraReport], None],
        ladder: Ladder | None = None,
        crowd: Crowd | None = None,
    ) -> None:
        self._name = name
        self._connect = connect
        self._sink = sink
        self._check = check
        self._report = report
        self._crowd = crowd or Crowd()
        self._ladder = ladder or Ladder(Random())  # noqa: S311 - jitter is no secret
        self._state: CameraReport | None = None
        self._live_since: float | None = None
        self._info: StreamInfo | None = None
        self._offset: float | None = None
        self._reconnects, self._stalls = _PerHour(), _PerHour()
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

    @property
    def state(self) -> CameraReport | None:
        """As last reported."""
        return self._state

    def statistics(self) -> ReaderStatistics:
        now = time.monotonic()
        return ReaderStatistics(
            self._reconnects.total,
            self._stalls.total,
            self._reconnects.at(now),
            self._stalls.at(now),
            self._offset,
        )

    # --- the sink of its sources: hands on, and looks after the state

    def opened(self, info: StreamInfo) -> None:
        self._sink.opened(info)

    def packet(self, packet: Packet) -> None:
        self._sink.packet(packet)
        self._look()

    def frame(self, frame: Frame) -> None:
        self._sink.frame(frame)
        self._look()

    def ended(self) -> None:
        """A recording: all of it has been looked at, and something should have come out of it."""
        self._sink.ended()
        self._look()
        if self._info is None and not self._stop.is_set():
            raise Unreadable(self._source.where)

    def sent(self, moment: float) -> None:
        self._offset = moment - time.time()
        self._sink.sent(moment)

    def sound(self, sound: Sound) -> None:
        self._sink.sound(sound)

    def metadata(self, codec: str, data: bytes, moment: float) -> None:
        self._sink.metadata(codec, data, moment)

    def _look(self) -> None:
        info = self._check(self._source.where)
        if info is not None and info != self._info:
            self._info = info
            self._live_since = self._live_since or time.monotonic()
            self._become(CameraReport(self._name, CameraState.LIVE, info=info))

    # --- the thread

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
            self._reconnects.count(time.monotonic())
        if not self._stop.is_set():
            self._become(CameraReport(self._name, CameraState.FINISHED))

    def _attempt(self) -> StreamError | None:
        """Run one source to its end. None: it came to it without an error, or was stopped."""
        self._live_since = self._info = self._offset = None
        self._source = self._connect()
        try:
            self._source.run(self, self._stop)
        except StreamError as error:
            return error
        return None

    def _rest(self, error: StreamError) -> None:
        if isinstance(error, Stalled) and self._live_since is not None:
            self._stalls.count(time.monotonic())
        fatal = isinstance(error, Fatal)
        lived = time.monotonic() - self._live_since if self._live_since is not None else 0.0
        crowd = self._crowd.lost(time.monotonic())
        wait = self._ladder.wait(lived=lived, fatal=fatal, crowd=crowd)
        state = CameraState.REFUSED if fatal else CameraState.RETRYING
        if not self._stop.is_set():
            self._become(CameraReport(self._name, state, error.problem(self._name), wait))
        self._stop.wait(wait)

    def _become(self, report: CameraReport) -> None:
        """The one place where the state changes."""
        if report != self._state:
            self._state = report
            self._report(report)


class _PerHour:
    """How often something happened in all, and in the last hour."""

    def __init__(self) -> None:
        self.total = 0
        self._times: deque[float] = deque(maxlen=_MOST)

    def count(self, now: float) -> None:
        self.total += 1
        self._times.append(now)

    def at(self, now: float) -> int:
        while self._times and now - self._times[0] > _HOUR:
            self._times.popleft()
        return len(self._times)
