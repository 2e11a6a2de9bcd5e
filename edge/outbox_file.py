"""The file messages wait in until everybody has them: SQLite, synchronous, for one thread.

A committed message survives kill -9 and power loss, has a number without gaps and its final words, and is handed out
to each consumer until that one acknowledges it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

import structlog

from edge.envelope import Message, Occurrence
from edge.letter import Letter, SiteNote
from edge.outbox_database import open_database
from edge.outbox_ledger import Ledger, Notes, Row, Standing
from edge.outbox_problems import FULL, mapped
from edge.outbox_room import Limits, Room
from inference.findings import Phase

__all__ = ["Limits", "Notes", "OutboxFile", "Outcome", "Receipt", "Row", "Seal", "Spare", "Statistics"]

log = structlog.get_logger()

Seal = Callable[[Letter, int], Message]
"""Turns a letter and its seq into what is published."""

Spare = Callable[[Occurrence], bool]
"""Tells whether an open case goes on although nobody watched it for a while."""

_STORE = (
    "INSERT INTO events (seq, id, topic, payload, created, stored, droppable, boot_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
# A worker repeats a message within seconds of a restart, not after ten thousand others.
_SEEN_KEPT = 10_000


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
class Statistics:
    """pending, bytes, dead, oldest_age_s: in the file now; the age leaves out the time the box was off. The others:
    since it was opened; acknowledged: rows that everybody had."""

    pending: int
    bytes: int
    oldest_age_s: float
    last_seq: int
    appended: int
    acknowledged: int
    duplicates: int
    refused: int
    dropped: int
    dead: int


@dataclass(frozen=True, slots=True)
class _Tally:
    """What was done; replaced as one, so that a rollback restores it as one."""

    seq: int
    appended: int = 0
    acknowledged: int = 0
    duplicates: int = 0
    refused: int = 0
    dropped: int = 0


class OutboxFile:
    """Open, use and close it on one thread.

    Every method raises OutboxFull or OutboxBroken, and has then changed nothing. A damaged file is moved
    aside and a new one begun, its numbers from 1; `recovered` then says so.

    consumers: who has to have a message before it goes; the first is the centre to whom a file of the first layout
    belongs. One that is new begins with what is stored from now on; what one that is no longer named has not had is
    given up, with a warning. clock: Unix time. ticks: s of a clock that nobody sets.
    """

    def __init__(
        self,
        path: Path,
        seal: Seal,
        boot_id: str,
        limits: Limits | None = None,
        *,
        consumers: Sequence[str] = ("centre",),
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seal, self._boot_id, self._clock, self._ticking = seal, boot_id, clock, ticks
        limits = limits or Limits()
        self._told_full = False
        self._db, self.recovered = open_database(path, limits.file_bytes, consumers[0])
        with mapped():
            seq, told = self._db.execute("SELECT last_seq, ticks FROM counter").fetchone()
            self._tally, self._before = _Tally(seq), float(told) - ticks()
            self._ledger, self._room = Ledger(self._db), Room(self._db, limits)
        with self._transaction():
            self._room.left(self._ledger.declare(consumers, seq))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with mapped():
            self._db.close()

    @property
    def ticks(self) -> float:
        """s this file has been open in its life: goes on over restarts, stands while the box is off, never jumps."""
        return self._before + self._ticking()

    def append(self, letters: Sequence[Letter], notes: Notes | None = None) -> list[Receipt]:
        """Store all in one transaction, in order, with what consumers did meanwhile; on disk when this returns."""
        with self._transaction():
            self._note(notes or Notes())
            receipts = [self._take(letter) for letter in letters]
            self._dropped(self._room.age(self.ticks))
            self._tell_shortage()
            self._db.execute("UPDATE counter SET last_seq = ?, ticks = ?", (self._tally.seq, self.ticks))
            self._db.execute("DELETE FROM seen WHERE seq <= ?", (self._tally.seq - _SEEN_KEPT,))
        self._tell_full(any(receipt.outcome is Outcome.REFUSED for receipt in receipts))
        return receipts

    def peek(self, consumer: str, after_seq: int, limit: int) -> list[Row]:
        """The first `limit` rows with seq > after_seq that the consumer has not acknowledged, in order."""
        with mapped():
            return self._ledger.peek(consumer, after_seq, limit)

    def due(self, consumer: str, limit: int) -> list[Row]:
        """Rows that were sent and are not acknowledged in time, with how often they were sent; in order."""
        with mapped():
            return self._ledger.due(consumer, self.ticks, limit)

    def acknowledge(self, consumer: str, seqs: Iterable[int]) -> None:
        """It has them. Unknown numbers are fine. The one place where a row leaves by being delivered."""
        self.append([], Notes(done={consumer: set(seqs)}))

    def seqs(self, ids: Iterable[str]) -> list[int]:
        """Numbers of the messages of those that wait."""
        with mapped():
            return self._ledger.seqs(ids)

    def standing(self, consumer: str) -> Standing:
        return self._ledger.standings[consumer]

    def waiting(self, consumer: str) -> int:
        """How many rows it has not acknowledged: they are counted."""
        with mapped():
            return self._ledger.waiting(consumer)

    def lost(self, consumer: str, seqs: Sequence[int]) -> None:
        """The connection was lost while these were on their way."""
        with self._transaction():
            self._ledger.lost(consumer, seqs)

    def bury(self, consumer: str, seq: int, reason: str) -> None:
        """Set a row aside that this one can never be given, so that the others can be. The newest are kept."""
        with self._transaction():
            self._ledger.bury(consumer, seq, reason)
            self._note(Notes(done={consumer: {seq}}))

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
                "SELECT (SELECT stored FROM events ORDER BY seq LIMIT 1), (SELECT count(*) FROM dead)"
            ).fetchone()
        tally = self._tally
        return Statistics(
            pending=self._room.rows,
            bytes=self._room.size,
            oldest_age_s=0.0 if oldest is None else self.ticks - oldest,
            last_seq=tally.seq,
            appended=tally.appended,
            acknowledged=tally.acknowledged,
            duplicates=tally.duplicates,
            refused=tally.refused,
            dropped=tally.dropped,
            dead=dead,
        )

    def _note(self, notes: Notes) -> None:
        left = self._ledger.note(notes, self._tally.seq)
        self._room.left(left)
        self._tally = replace(self._tally, acknowledged=self._tally.acknowledged + len(left))

    def _take(self, letter: Letter) -> Receipt:
        tally = self._tally
        if self._is_known(letter):
            self._tally = replace(tally, duplicates=tally.duplicates + 1)
            return Receipt(Outcome.DUPLICATE)
        seq = tally.seq + 1
        message = self._seal(letter, seq)
        self._dropped(self._room.make(len(message.payload), self.ticks))
        if letter.droppable and not self._room.has(len(message.payload)):
            self._room.refused(self.ticks)
            self._tally = replace(self._tally, refused=tally.refused + 1)
            return Receipt(Outcome.REFUSED)
        self._store(letter, seq, message)
        return Receipt(Outcome.STORED, seq)

    def _store(self, letter: Letter, seq: int, message: Message) -> None:
        row = (seq, letter.id, message.topic, message.payload, self._clock(), self.ticks, letter.droppable)
        self._db.execute(_STORE, (*row, self._boot_id))
        self._db.execute("INSERT INTO seen VALUES (?, ?)", (letter.id, seq))
        if isinstance(letter, Occurrence):
            self._remember(letter, seq)
        self._room.stored(len(message.payload))
        self._tally = replace(self._tally, seq=seq, appended=self._tally.appended + 1)

    def _is_known(self, letter: Letter) -> bool:
        """Message ids hold a slash; a bare event id in `seen` says that the event has ended: of a case that goes on
        after it, notes still come."""
        ended = letter.event_id if isinstance(letter, Occurrence) else letter.id
        query = "SELECT 1 FROM seen WHERE id IN (?, ?)"
        return self._db.execute(query, (letter.id, ended)).fetchone() is not None

    def _remember(self, occurrence: Occurrence, seq: int) -> None:
        case = occurrence.event_id
        if occurrence.phase is Phase.END:
            self._db.execute("INSERT INTO seen VALUES (?, ?)", (case, seq))
            self._db.execute("DELETE FROM open_events WHERE event_id = ?", (case,))
        else:
            row = (case, occurrence.camera, occurrence.model_dump_json())
            self._db.execute("INSERT OR REPLACE INTO open_events VALUES (?, ?, ?)", row)

    def _dropped(self, seqs: Sequence[int]) -> None:
        if seqs:
            self._ledger.forget(seqs)
            self._tally = replace(self._tally, dropped=self._tally.dropped + len(seqs))

    def _tell_shortage(self) -> None:
        """A gap in the numbers is explained by a message of its own."""
        report = self._room.to_tell(self.ticks)
        if report is None:
            return
        log.warning("outbox.dropped", **report.model_dump(include={"superseded", "updates", "refused"}))
        note = SiteNote.of("site.dropped", self._clock(), report)
        seq = self._tally.seq + 1
        self._store(note, seq, self._seal(note, seq))

    def _tell_full(self, refused: bool) -> None:
        """Once per time it fills up, not once per refused message."""
        if refused and not self._told_full:
            log.warning("outbox.full", pending=self._room.rows, bytes=self._room.size, problem=FULL.say("en"))
        self._told_full = refused or (self._told_full and not self._room.has(0))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = (self._tally, self._ledger.standings, self._room.state())
        try:
            with mapped():
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
        except BaseException:
            self._tally, self._ledger.standings, room = before
            self._room.restore(room)
            with mapped():
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            raise
