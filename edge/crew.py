"""Services side by side, by name: begun and put away while the others run."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from edge.ending import put_away

log = structlog.get_logger()


class Crew:
    """Whoever holds it waits for `tasks`: one that ends by itself has failed the others."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Raises ValueError where one of that name runs."""
        if name in self._tasks:
            work.close()
            raise ValueError(f"{name} runs already")
        self._tasks[name] = asyncio.create_task(work, name=name)

    async def end(self, *names: str) -> None:
        """Cancel them at once, and wait until they have put things away. Of those that failed the error is said."""
        tasks = {name: self._tasks.pop(name) for name in names if name in self._tasks}
        await put_away(*tasks.values())
        for name, task in tasks.items():
            if not task.cancelled() and task.exception() is not None:
                log.error("service.failed", service=name, error=str(task.exception()))

    async def end_all(self) -> None:
        """One after the other: who began last goes first."""
        for name in reversed(tuple(self._tasks)):
            await self.end(name)

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        return tuple(self._tasks.values())
