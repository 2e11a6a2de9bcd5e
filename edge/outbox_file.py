"""The file events wait in until the centre has them: SQLite, synchronous, for one thread.

A committed event survives kill -9 and power loss, has a number without gaps and its final words, and is
handed out until it is acknowledged.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

import structlog

from edge.envelope import Message, Occurrence
from edge.outbox_database import open_database
from edge.outbox_problems import FULL, mapped
from inference.findings import Phase

log = structlog.get_logger()

Seal = Callable[[Occurrence, int], Message]
"""Turns an occurrence and its seq into what is published."""

Spare = Callable[[Occurrence], bool]
"""Tells whether an open case goes on although nobody watched it for a while."""

_FIELDS = "seq, id, topic, payload, created, attempts, boot_id"

# A worker repeats a message within seconds of a restart, not after ten thousand others.
_SEEN_KEPT = 10_000
# Enough to find out what was wrong with them; a broker that refuses more refuses everything.
_DEAD_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """rows, bytes of payload: beyond either, `update`s are refused; `new` and `end` never are.

    file_bytes: the hard end, for every message: the database file never grows beyond it.
    """

    rows: int = 50_000
    bytes: int = 64 << 20
    file_bytes: int = 256 << 20


class Outcome(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """seq only where stored. DUPLICATE: the id is known, or its case has ended. REFUSED: full."""

    outcome: Outcome
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One event that waits.

    created: seconds since the Unix epoch. attempts: connections lost while it was on its way.
    """

    seq: int
    id: str
    topic: str
    payload: bytes
    created: float
    attempts: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """pending, bytes, dead, oldest_age_s: in the file now. The others: since it was opened."""

    pending: int
    bytes: int
    oldest_age_s: float
    last_seq: int
    appended: int
    acknowledged: int
    duplicates: int
    refused: int
    dead: int


@dataclass(frozen=True, slots=True)
class _Tally:
    """What the file holds and what was done; replaced as one, so that a rollback restores it as one."""

    seq: int
    rows: int
    bytes: int
    appended: int = 0
    acknowledged: int = 0
    duplicates: int = 0
    refused: int = 0


class OutboxFile:
    """Open, use and close it on one thread.

    Every method raises OutboxFull or OutboxBroken, and has then changed nothing. A damaged file is moved
    aside and a new one begun, its numbers from 1; `recovered` then says so.
    """

    def __init__(
        self,
        path: Path,
        seal: Seal,
        boot_id: str,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._seal, self._boot_id, self._clock = seal, boot_id, clock
        self._limits = limits or Limits()
        self._told_full = False
        self._db, self.recovered = open_database(path, self._limits.file_bytes)
        with mapped():
            self._tally = self._count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with mapped():
            self._db.close()

    def append(self, occurrences: Sequence[Occurrence]) -> list[Receipt]:
        """Store all in one transaction, in order; on disk when this returns."""
        with self._transaction():
            receipts = [self._take(occurrence) for occurrence in occurrences]
            self._db.execute("UPDATE counter SET last_seq = ?", (self._tally.seq,))
            self._db.execute("DELETE FROM seen WHERE seq <= ?", (self._tally.seq - _SEEN_KEPT,))
        self._tell_full(any(receipt.outcome is Outcome.REFUSED for receipt in receipts))
        return receipts

    def peek(self, after_seq: int, limit: int) -> list[Row]:
        """The first `limit` waiting rows with seq > after_seq, in order."""
        query = f"SELECT {_FIELDS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - constant
        with mapped():
            return [Row(*row) for row in self._db.execute(query, (after_seq, limit))]

    def acknowledge(self, seqs: Sequence[int]) -> None:
        """The receiver has them: forget them. Unknown numbers are fine.

        The one place where a delivered row leaves. Who calls it decides whose word counts: the publisher
        does on the broker's PUBACK, until the centre acknowledges by itself.
        """
        with self._transaction():
            for seq in seqs:
                gone = self._remove(seq)
                self._tally = replace(self._tally, acknowledged=self._tally.acknowledged + gone)

    def attempted(self, seqs: Sequence[int]) -> None:
        """The connection was lost while these were on their way."""
        with self._transaction():
            self._db.executemany(
                "UPDATE events SET attempts = attempts + 1 WHERE seq = ?", [(s,) for s in seqs]
            )

    def bury(self, seq: int, reason: str) -> None:
        """Set a row aside that can never be delivered, so that the others can be. The newest are kept."""
        with self._transaction():
            self._db.execute(
                f"INSERT OR IGNORE INTO dead SELECT {_FIELDS}, ? FROM events WHERE seq = ?",  # noqa: S608 - constant
                (reason, seq),
            )
            self._db.execute(
                "DELETE FROM dead WHERE seq <= (SELECT seq FROM dead ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (_DEAD_KEPT,),
            )
            self._remove(seq)

    def open_events(self, camera: str | None = None) -> list[Occurrence]:
        """The last stored message of every case that has not ended, of one camera or of all."""
        query = "SELECT occurrence FROM open_events WHERE ? IS NULL OR camera = ? ORDER BY event_id"
        with mapped():
            return [
                Occurrence.model_validate_json(text) for (text,) in self._db.execute(query, (camera, camera))
            ]

    def close_orphans(
        self, reason: str, camera: str | None = None, spare: Spare = lambda _: False
    ) -> list[Receipt]:
        """END every open case, since whoever watched it is gone. reason: "restart" or "worker_lost". spare: tells
        the cases that go on all the same."""
        now = self._clock()
        orphans = [case for case in self.open_events(camera) if not spare(case)]
        return self.append([case.ended(reason, now) for case in orphans])

    def statistics(self) -> Statistics:
        with mapped():
            oldest, dead = self._db.execute(
                "SELECT (SELECT created FROM events ORDER BY seq LIMIT 1), (SELECT count(*) FROM dead)"
            ).fetchone()
        tally = self._tally
        return Statistics(
            pending=tally.rows,
            bytes=tally.bytes,
            # The wall clock may step back.
            oldest_age_s=0.0 if oldest is None else max(0.0, self._clock() - oldest),
            last_seq=tally.seq,
            appended=tally.appended,
            acknowledged=tally.acknowledged,
            duplicates=tally.duplicates,
            refused=tally.refused,
            dead=dead,
        )

    def _take(self, occurrence: Occurrence) -> Receipt:
        tally = self._tally
        if self._is_known(occurrence):
            self._tally = replace(tally, duplicates=tally.duplicates + 1)
            return Receipt(Outcome.DUPLICATE)
        seq = tally.seq + 1
        message = self._seal(occurrence, seq)
        if occurrence.phase is Phase.UPDATE and self._has_no_room(len(message.payload)):
            self._tally = replace(tally, refused=tally.refused + 1)
            return Receipt(Outcome.REFUSED)
        self._store(occurrence, seq, message)
        return Receipt(Outcome.STORED, seq)

    def _store(self, occurrence: Occurrence, seq: int, message: Message) -> None:
        self._db.execute(
            f"INSERT INTO events ({_FIELDS}) VALUES (?, ?, ?, ?, ?, 0, ?)",  # noqa: S608 - constant
            (seq, occurrence.id, message.topic, message.payload, self._clock(), self._boot_id),
        )
        self._remember(occurrence, seq)
        tally, size = self._tally, len(message.payload)
        self._tally = replace(
            tally, seq=seq, rows=tally.rows + 1, bytes=tally.bytes + size, appended=tally.appended + 1
        )

    def _is_known(self, occurrence: Occurrence) -> bool:
        """Message ids hold a slash; a bare event id in `seen` says that the case has ended."""
        query = "SELECT 1 FROM seen WHERE id IN (?, ?)"
        return self._db.execute(query, (occurrence.id, occurrence.event_id)).fetchone() is not None

    def _remember(self, occurrence: Occurrence, seq: int) -> None:
        case = occurrence.event_id
        self._db.execute("INSERT INTO seen VALUES (?, ?)", (occurrence.id, seq))
        if occurrence.phase is Phase.END:
            self._db.execute("INSERT INTO seen VALUES (?, ?)", (case, seq))
            self._db.execute("DELETE FROM open_events WHERE event_id = ?", (case,))
        else:
            row = (case, occurrence.camera, occurrence.model_dump_json())
            self._db.execute("INSERT OR REPLACE INTO open_events VALUES (?, ?, ?)", row)

    def _remove(self, seq: int) -> int:
        found = self._db.execute(
            "DELETE FROM events WHERE seq = ? RETURNING length(payload)", (seq,)
        ).fetchall()
        tally = self._tally
        size = sum(length for (length,) in found)
        self._tally = replace(tally, rows=tally.rows - len(found), bytes=tally.bytes - size)
        return len(found)

    def _has_no_room(self, size: int) -> bool:
        return self._tally.rows >= self._limits.rows or self._tally.bytes + size > self._limits.bytes

    def _tell_full(self, refused: bool) -> None:
        """Once per time it fills up, not once per refused message."""
        if refused and not self._told_full:
            log.warning(
                "outbox.full", pending=self._tally.rows, bytes=self._tally.bytes, problem=FULL.say("en")
            )
        self._told_full = refused or (self._told_full and self._has_no_room(0))

    def _count(self) -> _Tally:
        (seq,) = self._db.execute("SELECT last_seq FROM counter").fetchone()
        rows, size = self._db.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM events"
        ).fetchone()
        return _Tally(seq, rows, size)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = self._tally
        try:
            with mapped():
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
        except BaseException:
            self._tally = before
            with mapped():
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            raise
