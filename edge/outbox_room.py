"""How much may wait in the outbox, what goes first when it is too much, and the account of what went.

Inside the transactions of edge.outbox_file, which also undoes what is held here.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from edge.letter import Dropped

# At once, so that a full store is not searched for every message.
_AT_ONCE = 100
# Ranges in one report: 10 KB of JSON.
_RANGES = 500
# s between two reports of a shortage that lasts, and between two looks for what is too old.
_TOLD_EVERY, _AGED_EVERY = 3600.0, 60.0
# A store that was full has room again below this share of its limits: a report per time it fills up, not per message.
_ROOMY = 0.9

# Ids begin with their case's name and a slash; "0" is the sign after it.
_SUPERSEDED = """SELECT seq, length(payload) FROM events e WHERE droppable AND EXISTS (
    SELECT 1 FROM events later WHERE later.seq > e.seq
        AND later.id > substr(e.id, 1, instr(e.id, '/')) AND later.id < substr(e.id, 1, instr(e.id, '/') - 1) || '0')
    ORDER BY seq LIMIT ?"""
_UPDATES = "SELECT seq, length(payload) FROM events WHERE droppable ORDER BY seq LIMIT ?"
_OLD = (
    "SELECT seq, length(payload) FROM"
    " (SELECT seq, payload, stored FROM events WHERE droppable ORDER BY seq LIMIT ?) WHERE stored < ?"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """rows, bytes of payload, age in s: beyond them, messages that later ones say better go; `new`, `end` and the
    notes of cases never do. Time in which the box was off does not count.

    file_bytes: the hard end, for every message: the database file never grows beyond it.
    """

    rows: int = 200_000  # 72 h of 100,000 events, twice
    bytes: int = 256 << 20
    age: float = 30 * 86_400.0
    file_bytes: int = 1 << 30


class Shortage(BaseModel):
    """What went and has not been told. since: ticks."""

    model_config = ConfigDict(frozen=True)

    since: float
    superseded: int = 0
    updates: int = 0
    refused: int = 0
    ranges: tuple[tuple[int, int], ...] = ()

    def report(self) -> Dropped:
        return Dropped(
            superseded=self.superseded, updates=self.updates, refused=self.refused, ranges=self.ranges
        )


def merged(ranges: Iterable[tuple[int, int]], seqs: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Ranges (first, last) and single numbers as the fewest ranges, in order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted([*ranges, *((seq, seq) for seq in seqs)]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


class Room:
    """rows, size: what waits now, bytes of payload. shortage: None while nothing went."""

    def __init__(self, db: sqlite3.Connection, limits: Limits) -> None:
        self._db, self._limits = db, limits
        self.rows: int
        self.size: int
        self.rows, self.size = db.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM events"
        ).fetchone()
        told = db.execute("SELECT report FROM shortage").fetchone()
        self.shortage = Shortage.model_validate_json(told[0]) if told else None
        self._aged = float("-inf")

    def state(self) -> tuple[int, int, Shortage | None]:
        return self.rows, self.size, self.shortage

    def restore(self, state: tuple[int, int, Shortage | None]) -> None:
        self.rows, self.size, self.shortage = state

    def stored(self, size: int) -> None:
        self.rows, self.size = self.rows + 1, self.size + size

    def left(self, sizes: Sequence[int]) -> None:
        self.rows, self.size = self.rows - len(sizes), self.size - sum(sizes)

    def make(self, size: int, ticks: float) -> list[int]:
        """Room for `size` bytes, as far as what waits allows. The numbers of what went."""
        gone: list[int] = []
        while not self.has(size):
            superseded = self._db.execute(_SUPERSEDED, (_AT_ONCE,)).fetchall()
            chosen = superseded or self._db.execute(_UPDATES, (_AT_ONCE,)).fetchall()
            if not chosen:
                break
            gone += self._drop(chosen, ticks, superseded=bool(superseded))
        return gone

    def age(self, ticks: float) -> list[int]:
        """Lets go of what is too old, now and then. The numbers of what went."""
        if ticks < self._aged + _AGED_EVERY:
            return []
        self._aged = ticks
        old = self._db.execute(_OLD, (_AT_ONCE, ticks - self._limits.age)).fetchall()
        return self._drop(old, ticks, superseded=False) if old else []

    def refused(self, ticks: float) -> None:
        before = self.shortage or Shortage(since=ticks)
        self._keep(before.model_copy(update={"refused": before.refused + 1}))

    def has(self, size: int) -> bool:
        return self.rows < self._limits.rows and self.size + size <= self._limits.bytes

    def to_tell(self, ticks: float) -> Dropped | None:
        """The report, where it is time for one; it then counts as told."""
        shortage = self.shortage
        if shortage is None:
            return None
        roomy = self.rows < _ROOMY * self._limits.rows and self.size < _ROOMY * self._limits.bytes
        if not (roomy or len(shortage.ranges) >= _RANGES or ticks > shortage.since + _TOLD_EVERY):
            return None
        self._keep(None)
        return shortage.report()

    def _drop(self, chosen: Sequence[tuple[int, int]], ticks: float, *, superseded: bool) -> list[int]:
        seqs = [seq for seq, _ in chosen]
        self._db.executemany("DELETE FROM events WHERE seq = ?", [(seq,) for seq in seqs])
        self.left([size for _, size in chosen])
        before = self.shortage or Shortage(since=ticks)
        kind = "superseded" if superseded else "updates"
        ranges = merged(before.ranges, seqs)
        self._keep(before.model_copy(update={kind: getattr(before, kind) + len(seqs), "ranges": ranges}))
        return seqs

    def _keep(self, shortage: Shortage | None) -> None:
        self._db.execute("DELETE FROM shortage")
        if shortage is not None:
            self._db.execute("INSERT INTO shortage VALUES (?)", (shortage.model_dump_json(),))
        self.shortage = shortage
