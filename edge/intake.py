"""Where events come in: to the outbox of the moment. While there is none, or no room, they wait and none is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog

from edge.envelope import Occurrence
from edge.outbox import Outbox
from edge.outbox_file import Outcome, Spare, Statistics
from edge.outbox_problems import OutboxError
from edge.status import Status

_DISK_PATIENCE = 5.0  # s between two tries to store an event on a full disk: time for somebody to make room

log = structlog.get_logger()

Stored = Callable[[Occurrence], None]
"""Told of every event that is on disk now for the first time."""


class Intake:
    """An outbox is lent to it with `open`, and given back by `shut`. Whoever has an event waits in between: a worker that
    is not heard of holds back what it has, as on a full disk."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._outbox: Outbox | None = None
        self._stored: Stored = lambda _: None
        self._inside = 0
        self._changed = asyncio.Condition()

    async def open(self, outbox: Outbox, stored: Stored) -> None:
        async with self._changed:
            self._outbox, self._stored = outbox, stored
            self._changed.notify_all()

    async def shut(self) -> None:
        """Returns when nobody uses the outbox any more."""
        async with self._changed:
            self._outbox = None
            await self._changed.wait_for(lambda: self._inside == 0)

    async def store(self, occurrence: Occurrence) -> None:
        """Until it is on disk: while there is no room, the worker waits and pictures are dropped, no event is."""
        while not await self._tried(occurrence):
            await _wait_for_room(occurrence)

    async def close_orphans(self, reason: str, camera: str | None, spare: Spare) -> None:
        """END the events nobody watches any more: of one camera, or of a daemon that died in their midst."""
        async with self._lent() as outbox:
            orphans = await outbox.close_orphans(reason, camera, spare)
        if orphans:
            log.info("outbox.closed_orphans", events=len(orphans), reason=reason, camera=camera)

    async def statistics(self) -> Statistics:
        """Raises OutboxError."""
        async with self._lent() as outbox:
            return await outbox.statistics()

    async def _tried(self, occurrence: Occurrence) -> bool:
        async with self._lent() as outbox:
            try:
                receipt = await outbox.append(occurrence)
            except OutboxError as refused:
                self._status.problem("outbox", refused.problem)
                return False
            self._status.problem("outbox", None)
            if receipt.outcome is Outcome.STORED:
                self._status.event(occurrence, receipt.seq)
                self._stored(occurrence)
            return True

    @contextlib.asynccontextmanager
    async def _lent(self) -> AsyncIterator[Outbox]:
        async with self._changed:
            await self._changed.wait_for(lambda: self._outbox is not None)
            outbox = self._outbox
            assert outbox is not None
            self._inside += 1
        try:
            yield outbox
        finally:
            async with self._changed:
                self._inside -= 1
                self._changed.notify_all()


async def _wait_for_room(occurrence: Occurrence) -> None:
    try:
        await asyncio.sleep(_DISK_PATIENCE)
    except asyncio.CancelledError:
        log.error(
            "outbox.lost",
            id=occurrence.id,
            camera=occurrence.camera,
            why="stopped before it could be stored",
        )
        raise
