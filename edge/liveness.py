"""Whether the daemon still does its work, said to systemd's watchdog and at /healthz: the event loop turns, every worker
is listened to or being started again, and the outbox's thread answers."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from edge.notify import Notify, manager
from edge.outbox_file import Statistics
from edge.outbox_problems import OutboxError
from edge.publisher import State
from edge.status import Status
from streams.problem import Text
from streams.reader import CameraState

log = structlog.get_logger()

# s. edge.worker.parent itself ends a worker that says nothing for 10 s, or 60 s at its start. When these pass, it is
# the daemon that no longer listens.
_SILENT, _FIRST = 30.0, 90.0
# s. A memory card that tidies itself up holds up a write for some seconds.
_OUTBOX = 20.0
_EVERY = 15.0  # s between two looks where nobody waits for them
_SHARE = 4  # looks in the time of a watchdog: one may take as long as the outbox is given

_LINK = {
    State.CONNECTING: Text("connecting to the centre", "正在连接中心"),
    State.ONLINE: Text("centre online", "中心在线"),
    State.OFFLINE: Text("centre offline", "中心离线"),
    State.REFUSED: Text("refused by the centre", "被中心拒绝"),
}


class Hearing:
    """Which workers run, and until when each has to be heard of. ticks: s of a steady clock."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._due: dict[int, float] = {}

    @contextmanager
    def worker(self, number: int) -> Iterator[None]:
        """While it runs. One that is being started again need not be heard of."""
        self._due[number] = self._ticks() + _FIRST
        try:
            yield
        finally:
            del self._due[number]

    @contextmanager
    def message(self, number: int) -> Iterator[None]:
        """While what it said is dealt with: with a full disk that lasts, and the worker waits."""
        self._due[number] = float("inf")
        try:
            yield
        finally:
            self._due[number] = self._ticks() + _SILENT

    def silent(self) -> list[int]:
        """Workers that should have been heard of."""
        now = self._ticks()
        return sorted(number for number, due in self._due.items() if now > due)


class Books(Protocol):
    """What answers for the outbox (edge.intake.Intake)."""

    async def statistics(self) -> Statistics:
        """Raises OutboxError."""


class Liveness:
    """A service; never ends by itself. patience: s within which the outbox has to answer."""

    def __init__(
        self,
        status: Status,
        outbox: Books,
        hearing: Hearing,
        notify: Notify | None = None,
        *,
        patience: float = _OUTBOX,
    ) -> None:
        self._status, self._outbox, self._hearing = status, outbox, hearing
        self._notify = notify or manager()
        self._patience = patience
        watchdog = self._notify.watchdog
        self._every = _EVERY if watchdog is None else watchdog / _SHARE
        self._asked: asyncio.Task[Statistics | None] | None = None

    async def run(self) -> None:
        self.ready()
        try:
            while True:
                await self._look()
                await asyncio.sleep(self._every)
        finally:
            if self._asked is not None:
                self._asked.cancel()

    def ready(self) -> None:
        """It works, or works again with another site file."""
        self._notify.ready(self._words(None))

    async def _look(self) -> None:
        answered, statistics = await self._outbox_answer()
        silent = self._hearing.silent()
        words = self._words(statistics)
        self._status.alive = answered and not silent
        if self._status.alive:
            self._notify.alive(words)
            return
        log.error("liveness.stuck", outbox_answers=answered, silent_workers=silent)
        self._notify.says(words)

    async def _outbox_answer(self) -> tuple[bool, Statistics | None]:
        """Whether its thread answered, and what. One question at a time: they must not pile up before a dead disk."""
        if self._asked is None:
            self._asked = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait([self._asked], timeout=self._patience)
        if not done:
            return False, None
        statistics, self._asked = self._asked.result(), None
        return True, statistics

    async def _ask(self) -> Statistics | None:
        try:
            return await self._outbox.statistics()
        except OutboxError:  # an answer as well; whoever writes says what is wrong
            return None

    def _words(self, statistics: Statistics | None) -> str:
        """For `systemctl status`."""
        states = self._status.cameras.values()
        live = sum(state is CameraState.LIVE for state in states)
        waiting = statistics.pending if statistics else 0
        link = _LINK[self._status.link[0]]
        words = Text(
            f"{live} of {len(states)} cameras live; {link.en}; {waiting} events waiting",
            f"{len(states)} 路摄像机中 {live} 路在线；{link.zh}；待发事件 {waiting} 条",
        ).say(self._status.language)
        if (problem := self._status.trouble_of("config")) is not None:
            return f"{problem.what.say(self._status.language)} | {words}"
        return words
