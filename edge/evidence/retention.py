"""What is deleted, when and in which order. Tombstone first, file after it: whatever a kill interrupts, the chain
never misses a file without saying so.

age    what is older than `keep`, the oldest first, with the words of its events
size   clips first, the oldest first, then all other files, until all together are below the limit
space  the same, until so much of the disk is free
Nothing of an open case, or of what waits for its upload, is ever deleted.
"""

import contextlib
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from edge.evidence.chain import Chain
from edge.evidence.chain_file import MESSAGE, Held
from edge.evidence.drafts import Draft, of_found
from edge.evidence.entries import Kind
from edge.evidence.places import FOLDER, located, regular_files, uri_of
from edge.evidence.problems import low
from streams.problem import Problem

log = structlog.get_logger()

Holds = Callable[[Held], Awaitable[bool]]
"""Whether an item has to stay: its case is open, or it waits for its upload."""

_ROUND = 200  # items deleted in a round: the thread is free again within a second, even on eMMC
_PAGE = 500  # items looked at at a time
_STRAY = 3600.0  # s a file may lie there before its message comes: the longest clip and a restart are shorter
_STRAYS = 200  # files entered at once without a message


@dataclass(frozen=True, slots=True)
class Limits:
    """keep: s. bytes: of all files together. free: bytes that are to be left on the disk."""

    keep: float
    bytes: int
    free: int


@dataclass(frozen=True, slots=True)
class _Need:
    """Why something has to go; bytes: how much of it; None: all of it that qualifies."""

    why: str
    bytes: int | None


class Retention:
    """told: the trouble with the disk, or None. dated: whether the wall clock can be believed: while it cannot, nothing
    is deleted for its age."""

    def __init__(
        self,
        chain: Chain,
        storage: Path,
        limits: Limits,
        holds: Holds,
        told: Callable[[Problem | None], None],
        dated: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._chain, self._storage, self._limits = chain, storage, limits
        self._holds, self._told, self._dated, self._clock = holds, told, dated, clock

    async def round(self) -> int:
        """Finish what was begun, then delete what has to go, at most 200 items. How many. Raises StoreError."""
        await self._finish()
        if self._dated() and (aged := await self._delete(_Need("age", None))):
            return aged
        kept, free = await self._chain.call(self._measure)
        deleted = 0
        if kept > self._limits.bytes:
            deleted = await self._delete(_Need("size", kept - self._limits.bytes))
        elif free < self._limits.free:
            deleted = await self._delete(_Need("space", self._limits.free - free))
        short = free < self._limits.free and not deleted
        self._told(low(free, kept > 0) if short else None)
        return deleted

    async def strays(self) -> int:
        """Enter files that lie there without a message, 200 at most; note the recordings that talk's own limit swept.
        How many files. Raises StoreError, OSError."""
        await self._chain.call(self._swept)
        return await self._chain.call(self._strays)

    def _measure(self) -> tuple[int, int]:
        return self._chain.file.bytes_kept(), shutil.disk_usage(self._storage).free

    async def _delete(self, need: _Need) -> int:
        chosen = await self._choose(need)
        if chosen:
            await self._chain.call(self._bury, need.why, chosen)
            await self._finish()
            log.info("evidence.deleted", why=need.why, items=len(chosen), bytes=sum(e.bytes for e in chosen))
        return len(chosen)

    async def _choose(self, need: _Need) -> list[Held]:
        by_age = need.why == "age"
        before = self._clock() - self._limits.keep if by_age else float("inf")
        chosen: list[Held] = []
        known: dict[str | None, bool] = {}
        skip, found = 0, 0
        while True:
            page = await self._chain.call(
                self._chain.file.kept,
                clips_first=not by_age,
                before=before,
                messages=by_age,
                skip=skip,
                limit=_PAGE,
            )
            for item in page:
                if len(chosen) == _ROUND or (need.bytes is not None and found >= need.bytes):
                    return chosen
                if not await self._held(item, known):
                    chosen.append(item)
                    found += item.bytes
            if len(page) < _PAGE:
                return chosen
            skip += _PAGE

    async def _held(self, item: Held, known: dict[str | None, bool]) -> bool:
        """An open case is asked for once a round."""
        if item.case is not None and known.get(item.case):
            return True
        held = await self._holds(item)
        if item.case is not None:
            known[item.case] = held
        return held

    def _bury(self, why: str, items: Sequence[Held]) -> None:
        """The tombstone: on disk before anything is deleted."""
        words = {"why": why, "items": [{"entry": item.n, "uri": item.uri} for item in items]}
        ids = tuple(item.id for item in items)
        self._chain.file.append([Draft(Kind.DELETED, f"deleted:{ids[0]}", words, removes=ids)])

    async def _finish(self) -> None:
        while await self._chain.call(self._unlink):
            pass

    def _unlink(self) -> bool:
        """Whether there may be more to do."""
        items = self._chain.file.going(_ROUND)
        removed = [item.id for item in items if item.kind == MESSAGE or self._remove(item)]
        if removed:
            self._chain.file.went(removed)
        return len(removed) == _ROUND

    def _remove(self, item: Held) -> bool:
        """False: it still lies there, and is tried again."""
        path = located(self._storage, item.uri)
        if path is None:
            return True  # a link lies in its way: none of ours
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.error("evidence.not_deleted", file=item.uri, why=error.strerror)
            return False
        if path.parent.name != f"{datetime.fromtimestamp(self._clock(), UTC):%d}":
            with contextlib.suppress(OSError):  # of a day that is over, and mostly not the last of it
                path.parent.rmdir()
        return True

    def _swept(self) -> None:
        """The talk recorder has a limit of its own, and deletes the oldest by itself."""
        oldest = self._chain.file.kept(only="talk", limit=_PAGE)
        swept = [each for each in oldest if not (self._storage / each.uri).exists()]
        if swept:
            self._bury("talk", swept)

    def _strays(self) -> int:
        before, found = self._clock() - _STRAY, list[str]()
        for path, status in regular_files(self._storage / FOLDER):
            if status.st_mtime > before or path.suffix == ".jsonl":
                continue
            if path.name.startswith(".") and path.suffix == ".part":
                path.unlink(missing_ok=True)  # begun and never finished: nothing tells of it
                continue
            uri = uri_of(self._storage, path)
            if located(self._storage, uri) and not self._chain.file.is_entered(uri):
                found.append(uri)
                if len(found) == _STRAYS:
                    break
        if found:
            self._chain.file.append([of_found(self._storage, tuple(found))])
        return len(found)
