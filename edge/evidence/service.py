"""The evidence of a running gateway: what the outbox tells and talk records is chained, dated and, in time, deleted."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from edge.evidence.chain import Chain
from edge.evidence.chain_file import Held
from edge.evidence.drafts import Draft, of_message, of_talk
from edge.evidence.keyring import KeyRing
from edge.evidence.opening import Opened, anchor, open_chain
from edge.evidence.problems import behind
from edge.evidence.retention import Limits, Retention
from edge.evidence.signing import Algorithm
from edge.evidence.talklog import unread
from edge.outbox import Consumer
from edge.outbox_file import Row
from edge.presence import Anchor
from edge.settings.evidence import EvidenceSettings
from edge.store import StoreFull
from streams.problem import Problem

log = structlog.get_logger()

Told = Callable[[str, Problem | None], None]
"""edge.status.Status.problem: what, and its trouble or None."""

_BATCH = 50  # messages entered in one transaction: with their pictures hashed within a second
_TALK = 30.0  # s between two looks at the talk logs
_ROUND = 60.0  # s between two rounds of retention
_SOON = 1.0  # s until the next, where one was not enough
_STRAYS = 3600.0  # s between two walks through the folder
_PATIENCE = 5.0  # s between two tries on a full disk: time for somebody to make room


class Evidence:
    """A service of the daemon, single use.

    site: its name in the chain (edge.envelope.SiteId.source-like, free text). consumer: of the outbox, named
    "evidence". is_open: whether a case (event id) is open; waits: whether a file (uri) is still to be uploaded; what
    they say yes to is not deleted. config: SHA-256 of the site file as it is now. dated: whether the wall clock can be
    believed; while it cannot, nothing is deleted for its age.
    """

    def __init__(
        self,
        storage: Path,
        settings: EvidenceSettings,
        site: str,
        consumer: Consumer,
        is_open: Callable[[str], bool],
        config: Callable[[], str],
        told: Told,
        waits: Callable[[str], bool] = lambda _uri: False,
        dated: Callable[[], bool] = lambda: True,
    ) -> None:
        self._storage, self._settings, self._site = storage, settings, site
        self._consumer, self._is_open, self._waits = consumer, is_open, waits
        self._config, self._told, self._dated = config, told, dated
        self._chain = Chain(self._open)

    async def run(self) -> None:
        """Until it is cancelled. Raises edge.store.StoreError, KeyTrouble, OSError."""
        async with self._chain:
            self._told("evidence", self._chain.opened.problem)
            try:
                await self._work()
            except ExceptionGroup as several:
                raise several.exceptions[0] from None  # what the first one died of ended the others

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._listen())
            tasks.create_task(self._retain())
            if self._settings.tsa is not None:
                from edge.evidence.stamper import Stamper  # noqa: PLC0415 (most sites have no authority)

                tasks.create_task(Stamper(self._chain, self._settings.tsa, self._say("evidence.stamp")).run())

    async def _follow(self) -> None:
        """The outbox's rows: entered, then acknowledged; one that comes again is known by its id."""
        while True:
            self._consumer.bell.clear()
            if rows := await self._consumer.peek(0, _BATCH):
                await self._enter(lambda rows=rows: self._messages(rows))  # type: ignore[misc]
                await self._consumer.acknowledge([row.seq for row in rows])
            else:
                await self._consumer.bell.wait()

    async def _listen(self) -> None:
        while True:
            entered = await self._enter(self._talk)
            await asyncio.sleep(_SOON if entered == _BATCH else _TALK)

    async def _retain(self) -> None:
        limits = Limits(
            self._settings.keep,
            round(self._settings.gigabytes * 1e9),
            round(self._settings.free_gigabytes * 1e9),
        )
        said = self._say("evidence.space")
        retention = Retention(self._chain, self._storage, limits, self._holds, said, self._dated)
        walked = -_STRAYS
        while True:
            deleted = 0
            try:
                deleted = await retention.round()
                if time.monotonic() - walked >= _STRAYS and not await retention.strays():
                    walked = time.monotonic()
            except (StoreFull, OSError) as error:
                log.error("evidence.retention_failed", why=str(error))
            await asyncio.sleep(_SOON if deleted else _ROUND)

    async def _enter(self, make: Callable[[], Sequence[Draft]]) -> int:
        """Until it is on disk: while there is no room, the rows wait in the outbox. How many drafts."""
        while True:
            try:
                drafts = await self._chain.call(make)
                await self._chain.call(self._chain.file.append, drafts)
            except StoreFull as full:
                self._told("evidence.chain", behind(full.problem.what.en))
                await asyncio.sleep(_PATIENCE)
                continue
            self._told("evidence.chain", None)
            return len(drafts)

    def _messages(self, rows: Sequence[Row]) -> list[Draft]:
        """Only what is not entered yet is read from the disk again."""
        known = self._chain.file.known([f"message:{row.id}" for row in rows])
        config = self._config()
        return [
            of_message(self._storage, row.seq, row.id, row.payload, config)
            for row in rows
            if f"message:{row.id}" not in known
        ]

    def _talk(self) -> list[Draft]:
        drafts = []
        for log_uri, start, line in unread(self._storage, self._chain.file.marks()):
            drafts.append(of_talk(self._storage, log_uri, start, line))
            if len(drafts) == _BATCH:
                break
        return drafts

    async def _holds(self, item: Held) -> bool:
        return (item.case is not None and self._is_open(item.case)) or self._waits(item.uri)

    def _say(self, what: str) -> Callable[[Problem | None], None]:
        return lambda problem: self._told(what, problem)

    def _open(self) -> Opened:
        return open_chain(self._storage, ring(self._storage, self._settings), self._site, time.time)


def ring(storage: Path, settings: EvidenceSettings) -> KeyRing:
    return KeyRing(storage, Algorithm(settings.signature), settings.key)


def birth_anchor(storage: Path, settings: EvidenceSettings, site: str) -> Anchor:
    """For the birth message; before the service runs, on any thread. Raises StoreError, KeyTrouble, OSError."""
    return anchor(storage, ring(storage, settings), site, time.time)
