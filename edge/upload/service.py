"""The service that uploads files of proof: queued from the outbox, sent one by one, told to the centre."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import ParamSpec, Protocol, Self, TypeVar

import structlog
from pydantic import Field

from edge.outbox_file import Row
from edge.settings.upload import UploadSettings
from edge.upload import problems
from edge.upload.hours import Hours, HoursOver
from edge.upload.pace import Bucket
from edge.upload.problems import FileRefused, UploadLost, UploadRefused
from edge.upload.store import Item, State, Upload, UploadStore
from edge.upload.transfer import transfer
from edge.upload.tus import TusServer
from edge.upload.wanted import items, located, measured, same
from edge.wire import WireModel
from streams.problem import Problem, ProblemError
from streams.retry import Ladder

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

_ROWS = 200  # messages looked through at a time
_IDLE = 30.0  # s: the hours may begin, a file that was set aside may be tried again
# s that one refused file waits, doubling from the first to the last: a person mends a server within the hour.
_ASIDE = (60.0, 3600.0)

OnProblem = Callable[[Problem | None], None]
OpenCases = Callable[[], Awaitable[Collection[str]]]
Tell = Callable[[Upload], Awaitable[object]]
"""Puts the letter that a file has arrived into the outbox; the same letter again is harmless."""


class Rows(Protocol):
    """A named consumer of the outbox."""

    bell: asyncio.Event

    async def peek(self, after_seq: int, limit: int) -> list[Row]: ...
    async def acknowledge(self, seqs: Sequence[int]) -> None: ...


class Asked(WireModel):
    """What became of somebody's request. url: where it is, once it is there."""

    uri: str
    size: int = Field(alias="bytes")
    state: State
    url: str | None


async def _no_cases() -> Collection[str]:
    return ()


def _ladder() -> Ladder:
    """first: the line blinked. cap: the longest that files wait once the server is back. fatal: somebody mends it."""
    return Ladder(Random(), first=1.0, cap=120.0, fatal=600.0, settled=60.0)  # noqa: S311 (jitter)


@dataclass(slots=True, eq=False)
class Uploads:
    """`open` it, `run` it beside the daemon, `ask` for a file from anywhere on the loop.

    A kill at any point loses nothing: the list is on disk, the server knows what it has, and the letter is written
    before the list forgets. on_problem: told on a change; None: files go again.
    """

    settings: UploadSettings
    hours: Hours
    storage: Path
    rows: Rows
    tell: Tell
    store: UploadStore
    _thread: ThreadPoolExecutor
    open_cases: OpenCases = _no_cases
    on_problem: OnProblem = lambda _problem: None
    ladder: Ladder = field(default_factory=_ladder)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _held: set[str] = field(default_factory=set)
    _aside: dict[str, float] = field(default_factory=dict)
    _trouble: Problem | None = None

    @classmethod
    async def open(
        cls,
        settings: UploadSettings,
        hours: Hours,
        storage: Path,
        rows: Rows,
        tell: Tell,
        *,
        open_cases: OpenCases = _no_cases,
        on_problem: OnProblem = lambda _problem: None,
        ladder: Ladder | None = None,
    ) -> Self:
        """Raises edge.store.StoreError."""
        thread = ThreadPoolExecutor(1, "uploads")
        loop = asyncio.get_running_loop()
        try:
            store = await loop.run_in_executor(thread, UploadStore, storage / "uploads.sqlite")
        except BaseException:
            thread.shutdown(wait=False)
            raise
        own = cls(
            settings, hours, storage, rows, tell, store, thread, open_cases, on_problem, ladder or _ladder()
        )
        own._held = await own._call(store.waiting)
        return own

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._call(self.store.close)
        self._thread.shutdown(wait=False)

    async def ask(self, uri: str) -> Asked:
        """A file of proof goes next, whatever the hour. Raises UploadRefused, edge.store.StoreError, OSError."""
        known = await self._call(self.store.find, uri)
        item = known.item if known else await asyncio.to_thread(measured, self.storage, uri)
        await self._want([item], asked=True)
        self._aside.pop(uri, None)
        self._bell.set()
        found = await self._call(self.store.find, uri)
        assert found is not None
        url = found.url if found.state is not State.WAITING else None
        return Asked(uri=uri, size=item.size, state=found.state, url=url)

    def held(self, uri: str) -> bool:
        """Whether a file is still to be uploaded."""
        return uri in self._held

    async def run(self) -> None:
        """Until cancelled. A disk that refuses is said, and tried again."""
        while True:
            started = asyncio.get_running_loop().time()
            try:
                async with asyncio.TaskGroup() as together:
                    together.create_task(self._gather())
                    together.create_task(self._send())
            except* ProblemError as failed:  # of the list or of the outbox
                self._become(_first(failed))
            await self._rest(self.ladder.wait(lived=asyncio.get_running_loop().time() - started))

    async def _gather(self) -> None:
        after = 0
        while True:
            self.rows.bell.clear()
            while rows := await self.rows.peek(after, _ROWS):
                after = rows[-1].seq
                wanted = [item for row in rows for item in items(row.payload, self.settings.kinds)]
                await self._want(wanted)
                await self.rows.acknowledge([row.seq for row in rows])
                self._bell.set()
            await self.rows.bell.wait()

    async def _want(self, items: Sequence[Item], *, asked: bool = False) -> None:
        await self._call(self.store.want, items, asked=asked)
        self._held = await self._call(self.store.waiting)

    async def _send(self) -> None:
        while True:
            self._bell.clear()
            for upload in await self._call(self.store.untold):
                await self._told(upload)
            upload_now = await self._next()
            if upload_now is None:
                await self._rest(_IDLE)
                continue
            await self._try(upload_now)

    async def _next(self) -> Upload | None:
        now = asyncio.get_running_loop().time()
        self._aside = {uri: until for uri, until in self._aside.items() if until > now}
        cases = frozenset(await self.open_cases())
        return await self._call(
            self.store.next, cases, frozenset(self._aside), asked_only=not self.hours.open()
        )

    async def _try(self, upload: Upload) -> None:
        """One file, as far as it goes now; a wait where the server is not to be had."""
        started = asyncio.get_running_loop().time()
        try:
            await self._upload(upload)
        except HoursOver:
            return
        except FileRefused as refused:
            await self._set_aside(upload, refused.problem)
        except OSError:  # deleted, or unreadable, in the midst of it
            await self._set_aside(upload, problems.gone(upload.item.uri))
        except (UploadLost, UploadRefused) as failed:
            self._become(failed.problem)
            lived = asyncio.get_running_loop().time() - started
            await self._rest(self.ladder.wait(lived=lived, fatal=isinstance(failed, UploadRefused)))
        else:
            self._become(None)

    async def _upload(self, upload: Upload) -> None:
        item = upload.item
        path = await self._checked(item)
        if path is None:
            return

        async def begun(url: str | None) -> None:
            await self._call(self.store.begun, item.uri, url)

        async def gate() -> None:
            if not upload.asked and not self.hours.open():
                raise HoursOver

        token = self.settings.token
        rate = None if self.settings.rate is None else self.settings.rate * 125  # kbit/s -> bytes/s
        async with TusServer(
            self.settings.url,
            Bucket(rate),
            token=token.get_secret_value() if token else None,
            ca_file=self.settings.ca_file,
        ) as server:
            url, verified = await transfer(server, item, path, upload.url, begun, gate)
        await self._call(self.store.stored, item.uri, verified)
        log.info("upload.stored", uri=item.uri, bytes=item.size, verified=verified)
        await self._told(replace(upload, url=url, verified=verified))

    async def _checked(self, item: Item) -> Path | None:
        """The file, if it is still the one that was wanted; else it is given up, and said."""
        try:
            path = await asyncio.to_thread(located, self.storage, item.uri)
            sound = await asyncio.to_thread(same, path, item)
        except (UploadRefused, OSError):
            problem: Problem | None = problems.gone(item.uri)
        else:
            problem = None if sound else problems.changed(item.uri)
            if sound:
                return path
        assert problem is not None
        log.error(problem.code, uri=item.uri, problem=problem.say("en"))
        await self._call(self.store.given_up, item.uri)
        self._held.discard(item.uri)
        return None

    async def _told(self, upload: Upload) -> None:
        await self.tell(upload)
        await self._call(self.store.told, upload.item.uri)
        self._held.discard(upload.item.uri)

    async def _set_aside(self, upload: Upload, problem: Problem) -> None:
        """Others go on; this one is tried again later."""
        self._become(problem)
        first, longest = _ASIDE
        wait = min(longest, first * 2.0 ** min(upload.tries, 16))
        self._aside[upload.item.uri] = asyncio.get_running_loop().time() + wait
        await self._call(self.store.failed, upload.item.uri)

    async def _rest(self, seconds: float) -> None:
        """Until something was asked for, or that long."""
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return

    def _become(self, problem: Problem | None) -> None:
        if problem != self._trouble:
            self._trouble = problem
            self.on_problem(problem)

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def call() -> T:
            return work(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _first(group: BaseExceptionGroup[ProblemError]) -> Problem:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner.problem
