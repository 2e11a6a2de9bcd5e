"""The outbox for asyncio: one thread writes; callers that come together share one fsync, and consumers theirs."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from edge.envelope import Occurrence
from edge.letter import Letter
from edge.outbox_consumer import Consumer
from edge.outbox_desk import SETTLE, Desk
from edge.outbox_file import Limits, OutboxFile, Receipt, Row, Seal, Spare, Statistics
from streams.problem import Problem

__all__ = ["Consumer", "Outbox", "Row"]

log = structlog.get_logger()

# One transaction: 200 KB of 1 KB events is written in one go even on eMMC.
_BATCH = 200
# Callers beyond this wait their turn: it bounds memory, not speed.
_WAITING = 1_000


@dataclass(slots=True)
class _Request:
    letter: Letter
    receipt: "asyncio.Future[Receipt]"


class Outbox:
    """Safe to call from any task of one event loop. Errors are those of OutboxFile."""

    def __init__(self, desk: Desk, consumers: Sequence[str]) -> None:
        self._desk = desk
        self._turns = asyncio.Semaphore(_WAITING)
        self._requests: list[_Request] = []
        self._writer: asyncio.Task[None] | None = None
        self._consumers = {name: Consumer(name, desk) for name in consumers}

    @classmethod
    async def open(
        cls,
        path: Path,
        seal: Seal,
        boot_id: str,
        limits: Limits | None = None,
        *,
        consumers: Sequence[str] = ("centre",),
        settle: float = SETTLE,
        ticks: Callable[[], float] = time.monotonic,
    ) -> Self:
        """consumers, ticks: as for OutboxFile. settle: s that what they did may wait to be written."""
        thread = ThreadPoolExecutor(1, "outbox")

        def make() -> OutboxFile:
            return OutboxFile(path, seal, boot_id, limits, consumers=consumers, ticks=ticks)

        try:
            file = await asyncio.get_running_loop().run_in_executor(thread, make)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(Desk(file, thread, settle), consumers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        if self._writer is not None:
            await asyncio.wait([self._writer])
        await self._desk.close()

    @property
    def recovered(self) -> Problem | None:
        """Set when the file was found damaged and begun anew."""
        return self._desk.file.recovered

    def consumer(self, name: str) -> Consumer:
        """Raises KeyError for one that was not declared when it was opened."""
        return self._consumers[name]

    async def append(self, letter: Letter) -> Receipt:
        """Returns once it is on disk. A cancelled caller's letter is stored all the same."""
        async with self._turns:
            request = _Request(letter, asyncio.get_running_loop().create_future())
            self._requests.append(request)
            if self._writer is None:
                self._writer = asyncio.create_task(self._write())
            return await request.receipt

    async def open_events(self, camera: str | None = None) -> list[Occurrence]:
        return await self._desk.call(self._desk.file.open_events, camera)

    async def close_orphans(
        self, reason: str, camera: str | None = None, spare: Spare = lambda _: False
    ) -> list[Receipt]:
        receipts = await self._desk.call(self._desk.file.close_orphans, reason, camera, spare)
        self._ring()
        return receipts

    async def statistics(self) -> Statistics:
        return await self._desk.call(self._desk.file.statistics)

    async def settle(self) -> None:
        """Write down now what consumers did, which is written within a second anyhow."""
        await self._desk.settle()

    def _ring(self) -> None:
        for consumer in self._consumers.values():
            consumer.bell.set()

    async def _write(self) -> None:
        """While one batch is being written, the next gathers."""
        while self._requests:
            batch, self._requests = self._requests[:_BATCH], self._requests[_BATCH:]
            await self._commit(batch)
        self._writer = None

    async def _commit(self, batch: Sequence[_Request]) -> None:
        notes = self._desk.notes.take()
        try:
            receipts = await self._desk.call(
                self._desk.file.append, [request.letter for request in batch], notes
            )
        except Exception as error:  # noqa: BLE001 - every caller gets the error of its own letter
            self._desk.notes.put_back(notes)
            await self._commit_apart(batch, error)
        else:
            for request, receipt in zip(batch, receipts, strict=True):
                _answer(request, receipt)
        self._ring()

    async def _commit_apart(self, batch: Sequence[_Request], error: Exception) -> None:
        """One letter that cannot be stored must not fail those that happened to be written with it."""
        if len(batch) == 1:
            _refuse(batch[0], error)
            return
        for request in batch:
            await self._commit([request])


def _answer(request: _Request, receipt: Receipt) -> None:
    if not request.receipt.done():
        request.receipt.set_result(receipt)


def _refuse(request: _Request, error: Exception) -> None:
    if request.receipt.done():
        log.error("outbox.lost", id=request.letter.id, error=str(error))
    else:
        request.receipt.set_exception(error)
