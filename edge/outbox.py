"""The outbox for asyncio: one thread writes, callers that come together share one fsync."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import structlog

from edge.envelope import Occurrence
from edge.outbox_file import Limits, OutboxFile, Receipt, Row, Seal, Spare, Statistics
from streams.problem import Problem

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

# One transaction: 200 KB of 1 KB events is written in one go even on eMMC.
_BATCH = 200
# Callers beyond this wait their turn: it bounds memory, not speed.
_WAITING = 1_000


@dataclass(slots=True)
class _Request:
    occurrence: Occurrence
    receipt: "asyncio.Future[Receipt]"


class Outbox:
    """Safe to call from any task of one event loop. Errors are those of OutboxFile.

    `bell` is set after every commit that stored something; its one reader clears it.
    """

    def __init__(self, file: OutboxFile, thread: ThreadPoolExecutor) -> None:
        self._file, self._thread = file, thread
        self._turns = asyncio.Semaphore(_WAITING)
        self._requests: list[_Request] = []
        self._writer: asyncio.Task[None] | None = None
        self.bell = asyncio.Event()

    @classmethod
    async def open(cls, path: Path, seal: Seal, boot_id: str, limits: Limits | None = None) -> Self:
        thread = ThreadPoolExecutor(1, "outbox")
        loop = asyncio.get_running_loop()
        try:
            file = await loop.run_in_executor(thread, lambda: OutboxFile(path, seal, boot_id, limits))
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(file, thread)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        if self._writer is not None:
            await asyncio.wait([self._writer])
        await self._call(self._file.close)
        self._thread.shutdown(wait=False)

    @property
    def recovered(self) -> Problem | None:
        """Set when the file was found damaged and begun anew."""
        return self._file.recovered

    async def append(self, occurrence: Occurrence) -> Receipt:
        """Returns once the event is on disk. A cancelled caller's event is stored all the same."""
        async with self._turns:
            request = _Request(occurrence, asyncio.get_running_loop().create_future())
            self._requests.append(request)
            if self._writer is None:
                self._writer = asyncio.create_task(self._write())
            return await request.receipt

    async def peek(self, after_seq: int, limit: int) -> list[Row]:
        return await self._call(self._file.peek, after_seq, limit)

    async def acknowledge(self, seqs: Sequence[int]) -> None:
        await self._call(self._file.acknowledge, seqs)

    async def attempted(self, seqs: Sequence[int]) -> None:
        await self._call(self._file.attempted, seqs)

    async def bury(self, seq: int, reason: str) -> None:
        await self._call(self._file.bury, seq, reason)

    async def open_events(self, camera: str | None = None) -> list[Occurrence]:
        return await self._call(self._file.open_events, camera)

    async def close_orphans(
        self, reason: str, camera: str | None = None, spare: Spare = lambda _: False
    ) -> list[Receipt]:
        receipts = await self._call(self._file.close_orphans, reason, camera, spare)
        self.bell.set()
        return receipts

    async def statistics(self) -> Statistics:
        return await self._call(self._file.statistics)

    async def _write(self) -> None:
        """While one batch is being written, the next gathers."""
        while self._requests:
            batch, self._requests = self._requests[:_BATCH], self._requests[_BATCH:]
            await self._commit(batch)
        self._writer = None

    async def _commit(self, batch: Sequence[_Request]) -> None:
        try:
            receipts = await self._call(self._file.append, [request.occurrence for request in batch])
        except Exception as error:  # noqa: BLE001 - every caller gets the error of its own event
            await self._commit_apart(batch, error)
        else:
            for request, receipt in zip(batch, receipts, strict=True):
                _answer(request, receipt)
        self.bell.set()

    async def _commit_apart(self, batch: Sequence[_Request], error: Exception) -> None:
        """One event that cannot be stored must not fail those that happened to be written with it."""
        if len(batch) == 1:
            _refuse(batch[0], error)
            return
        for request in batch:
            await self._commit([request])

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def call() -> T:
            return work(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _answer(request: _Request, receipt: Receipt) -> None:
    if not request.receipt.done():
        request.receipt.set_result(receipt)


def _refuse(request: _Request, error: Exception) -> None:
    if request.receipt.done():
        log.error("outbox.lost", id=request.occurrence.id, error=str(error))
    else:
        request.receipt.set_exception(error)
