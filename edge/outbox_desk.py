"""The outbox's file on its one thread, and the notebook of what consumers did."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import structlog

from edge.outbox_file import OutboxFile
from edge.outbox_notes import Notebook
from edge.outbox_problems import OutboxError

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

# s: what consumers did is written with the next event, or so long after. A memory card counts its writes, and one that
# is lost in a crash only means that a row is handed out again.
SETTLE = 1.0
# Notes that are worth a transaction of their own.
_MANY = 200


class Desk:
    """Errors are those of OutboxFile."""

    def __init__(self, file: OutboxFile, thread: ThreadPoolExecutor, settle: float) -> None:
        self.file, self._thread, self._wait = file, thread, settle
        self.notes = Notebook()
        self._settler: asyncio.Task[None] | None = None

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """On the file's thread, in the order of the calls."""

        def job() -> T:
            return work(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    async def noted(self) -> None:
        """Something was added to the notebook: it is written soon, or now where it is much."""
        if len(self.notes) >= _MANY:
            await self.settle()
        elif self._settler is None or self._settler.done():
            self._settler = asyncio.create_task(self._settle_later())

    async def settle(self) -> None:
        """Write it down now."""
        notes = self.notes.take()
        if not notes:
            return
        try:
            await self.call(self.file.append, [], notes)
        except OutboxError:
            self.notes.put_back(notes)
            raise

    async def close(self) -> None:
        """Write what there is, then let go of the file."""
        if self._settler is not None:
            self._settler.cancel()
        try:
            await self.settle()
        finally:
            await self.call(self.file.close)
            self._thread.shutdown(wait=False)

    async def _settle_later(self) -> None:
        while self.notes:
            await asyncio.sleep(self._wait)
            try:
                await self.settle()
            except OutboxError as error:  # kept, and tried again with the next note or event
                log.warning("outbox.unsettled", notes=len(self.notes), problem=error.problem.say("en"))
                return
