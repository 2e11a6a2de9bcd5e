"""The case book: a service of the daemon that opens cases, hears the centres, watches deadlines and tells every step."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import structlog
from pydantic import ValidationError

from edge.cases import told, words
from edge.cases.casefile import CaseFile
from edge.cases.duty import Duty
from edge.cases.told import Told
from edge.cases.words import Malformed, Received
from edge.outbox import Outbox, Row
from streams.problem import Problem, ProblemError

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

CONSUMER = "cases"
_BATCH = 200
_TICK = 1.0  # s; deadlines are minutes, and somebody at the box waits for an answer
_SWEEP = 3600.0  # s between two looks for cases that are old
_PATIENCE = 5.0  # s between two tries on a full disk: time for somebody to make room
_LONGEST_ID = 100  # of a case; ours have 36


class CaseBook:
    """Safe to call from any task of one event loop."""

    def __init__(
        self,
        file: CaseFile,
        thread: ThreadPoolExecutor,
        outbox: Outbox,
        keep: float,
        trouble: Callable[[Problem | None], None],
    ) -> None:
        self._file, self._thread = file, thread
        self._outbox, self._events = outbox, outbox.consumer(CONSUMER)
        self._keep, self._trouble = keep, trouble
        self._wrong: dict[str, Problem] = {}
        self._said: Problem | None = None
        self._turn = asyncio.Lock()  # one reader of the events
        self._seen = 0
        self._untold = asyncio.Event()

    @classmethod
    async def open(
        cls,
        path: Path,
        outbox: Outbox,
        duty: Duty,
        boot_id: str,
        *,
        keep: float,
        trouble: Callable[[Problem | None], None] = lambda _: None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Self:
        """path: of cases.sqlite. keep: s that settled cases stay in it. trouble: told what is wrong with it; None:
        nothing any more. wall: s since 1970; monotonic: s of a clock that nobody sets. The outbox has a consumer called
        CONSUMER. Raises StoreError."""
        thread = ThreadPoolExecutor(1, "cases")
        loop = asyncio.get_running_loop()
        try:
            file = await loop.run_in_executor(
                thread, lambda: CaseFile(path, duty, boot_id, wall=wall, monotonic=monotonic)
            )
        except BaseException:
            thread.shutdown(wait=False)
            raise
        book = cls(file, thread, outbox, keep, trouble)
        if file.recovered is not None:
            trouble(file.recovered)
        return book

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """After `run` has ended."""
        await self._call(self._file.close)
        self._thread.shutdown(wait=False)

    async def run(self) -> None:
        """Until it is cancelled; raises what is a defect."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._tell())
            tasks.create_task(self._watch())

    def is_open(self, event_id: str) -> bool:
        """Whether somebody still has to do something about it; False also where there never was such a case."""
        return event_id in self._file.under_way

    async def open_cases(self) -> frozenset[str]:
        return frozenset(self._file.under_way)

    async def down(self, centre: str, event_id: str, payload: bytes) -> Received | None:
        """A message of `case/{event_id}/down`. What it says is on disk when this returns; ids that were received are
        then for the outbox. Raises StoreError, OutboxError: say it again."""
        if len(event_id) > _LONGEST_ID or not event_id.isprintable() or "/" in event_id:
            log.warning("cases.odd_topic", centre=centre, length=len(event_id))
            return None
        await self._drain()  # its event may be a moment old
        try:
            word = words.read(payload)
        except Malformed as error:
            await self._call(self._file.refuse, event_id, centre, payload, error)
        else:
            if isinstance(word, Received):
                await self._call(self._file.received, centre, word.events)
                self._untold.set()
                return word
            await self._call(self._file.hear, event_id, word, centre)
        self._untold.set()
        return None

    async def _follow(self) -> None:
        """The events, as they come."""
        while True:
            self._events.bell.clear()
            if await self._tried("events", self._drain):
                await self._events.bell.wait()

    async def _drain(self) -> None:
        async with self._turn:
            while rows := await self._events.peek(self._seen, _BATCH):
                await self._call(self._file.take, _events(rows))
                await self._events.acknowledge([row.seq for row in rows])
                self._seen = rows[-1].seq

    async def _tell(self) -> None:
        """Every step into the outbox, also those a kill left behind."""
        while True:
            self._untold.clear()
            if await self._tried("steps", self._tell_all):
                await self._untold.wait()

    async def _tell_all(self) -> None:
        while steps := await self._call(self._file.untold):
            answers = await asyncio.gather(
                *(self._outbox.append(each.note) for each in steps), return_exceptions=True
            )
            failed = [answer for answer in answers if isinstance(answer, BaseException)]
            stored = [
                each.number
                for each, answer in zip(steps, answers, strict=True)
                if not isinstance(answer, BaseException)
            ]
            await self._call(self._file.told, stored)
            if failed:
                raise failed[0]

    async def _watch(self) -> None:
        """What time and people at the box do to cases."""
        loop, swept = asyncio.get_running_loop(), float("-inf")
        while True:
            await self._tried("deadlines", self._due)
            if loop.time() - swept >= _SWEEP and await self._tried("archive", self._sweep):
                swept = loop.time()
            self._untold.set()
            await asyncio.sleep(_TICK)

    async def _due(self) -> None:
        for work in (self._file.set_clock, self._file.escalate, self._file.obey):
            await self._call(work)

    async def _sweep(self) -> None:
        await self._call(self._file.sweep, self._keep)

    async def _tried(self, what: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it worked; what did not is tried again by whoever asked, a while later."""
        try:
            await work()
        except ProblemError as error:
            self._say(what, error.problem)
            await asyncio.sleep(_PATIENCE)
            return False
        self._say(what, None)
        return True

    def _say(self, what: str, problem: Problem | None) -> None:
        """Once for all that goes wrong at the same time."""
        if problem is None:
            self._wrong.pop(what, None)
        else:
            self._wrong[what] = problem
        gravest = next(iter(self._wrong.values()), None)
        if gravest != self._said:
            self._said = gravest
            self._trouble(gravest)

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))


def _events(rows: Sequence[Row]) -> list[Told]:
    """Those that are about cases. One that cannot be read is a defect, and must not stop the others."""
    events = []
    for row in rows:
        try:
            event = told.read(row.payload)
        except ValidationError as error:
            log.error("cases.unreadable_event", id=row.id, errors=error.error_count())
            continue
        if event is not None:
            events.append(event)
    return events
