"""The record and the audit of orders, written by one thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from edge.orders.audit import Audit, AuditLine
from edge.orders.ledger import Entry, Ledger
from edge.orders.problems import OrderRefused, not_ready
from edge.orders.words import Answer, Final
from edge.store import StoreError

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")


class Scribe:
    """Without an open record nothing can be begun; the audit is always there."""

    def __init__(self, open_ledger: Callable[[], Ledger], audit: Audit) -> None:
        self._open_ledger, self._audit = open_ledger, audit
        self._thread = ThreadPoolExecutor(1, "orders")
        self._ledger: Ledger | None = None

    async def open(self) -> None:
        """Raises StoreError."""
        self._ledger = await self._do(self._open_ledger)

    async def close(self) -> None:
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            await self._do(ledger.close)

    async def find(self, who: str, ident: str) -> tuple[Entry, Answer | None] | None:
        """Raises OrderRefused."""
        try:
            return await self._do(self._standing().find, who, ident)
        except StoreError as error:
            raise OrderRefused(error.problem) from error

    async def begin(self, entry: Entry) -> None:
        """On disk when it returns. Raises OrderRefused."""
        try:
            await self._do(self._standing().begin, entry, entry.began)
        except StoreError as error:
            raise OrderRefused(error.problem) from error

    async def finish(self, entry: Entry, final: Final) -> None:
        """An answer that cannot be kept is said all the same; after a restart it counts as interrupted."""
        if self._ledger is None:
            return
        try:
            await self._do(self._ledger.finish, entry, final)
        except StoreError as error:
            log.error("orders.answer_not_kept", code=error.problem.code, id=entry.id)

    async def unfinished(self) -> list[Entry]:
        """Raises OrderRefused, StoreError."""
        return await self._do(self._standing().unfinished)

    async def audit(self, line: AuditLine) -> None:
        await self._do(self._audit.write, line)

    def _standing(self) -> Ledger:
        if self._ledger is None:
            raise OrderRefused(not_ready())
        return self._ledger

    async def _do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """To its end, also where whoever waits is cancelled: what was begun is on record."""
        job = partial(work, *args, **kwargs)
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, job))
