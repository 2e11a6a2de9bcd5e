"""Who has had which row of the outbox: one mark that moves up per consumer, and single marks for what lies beyond it.

In order, acknowledging writes nothing per row; a row leaves when everybody has had it. Inside the transactions of
edge.outbox_file, which also undoes what is held here.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

log = structlog.get_logger()

# Enough to find out what was wrong with them; a broker that refuses more refuses everything.
_DEAD_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One message that waits.

    created: seconds since the Unix epoch. attempts: connections lost while it was on its way to this consumer. sends:
    how often its broker took it.
    """

    seq: int
    id: str
    topic: str
    payload: bytes
    created: float
    attempts: int
    boot_id: str
    sends: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a consumer is. done: every row up to it is acknowledged; sent: was taken by its broker once."""

    number: int
    done: int
    sent: int


@dataclass(frozen=True, slots=True)
class Notes:
    """What consumers did, by their names. done: acknowledged. sent: taken by the broker: row -> ticks from which it is
    to be sent again. upto: everything up to there was taken."""

    done: Mapping[str, Collection[int]] = field(default_factory=dict)
    sent: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    upto: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.done or self.sent or self.upto)


_ROW = "e.seq, e.id, e.topic, e.payload, e.created, coalesce(m.losses, 0), e.boot_id, coalesce(m.sends, 0)"
_MARKED = "events e LEFT JOIN marks m ON m.consumer = ? AND m.seq = e.seq"
_PEEK = f"SELECT {_ROW} FROM {_MARKED} WHERE e.seq > ? AND NOT coalesce(m.done, 0) ORDER BY e.seq LIMIT ?"  # noqa: S608
# The numbers alone are put in order, not the payloads.
_DUE = (
    f"SELECT {_ROW} FROM marks m JOIN events e ON e.seq = m.seq WHERE m.consumer = ?1 AND m.seq IN"  # noqa: S608
    " (SELECT seq FROM marks WHERE consumer = ?1 AND due <= ?2 ORDER BY seq LIMIT ?3) ORDER BY m.seq"
)
_LEFT = """DELETE FROM events WHERE seq = ? AND NOT EXISTS (
    SELECT 1 FROM consumers c WHERE c.done < events.seq AND NOT EXISTS (
        SELECT 1 FROM marks m WHERE m.consumer = c.number AND m.seq = events.seq AND m.done))
    RETURNING length(payload)"""


class Ledger:
    """standings: by name; replaced as a whole, so that a rollback restores them as a whole."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.standings: dict[str, Standing] = {
            name: Standing(number, done, sent)
            for number, name, done, sent in db.execute("SELECT number, name, done, sent FROM consumers")
        }

    def declare(self, names: Sequence[str], last_seq: int) -> list[int]:
        """These consumers and no others; a new one begins after last_seq. Sizes of the rows that nobody waits for
        any more, and that are gone."""
        for name in set(self.standings) - set(names):
            self._dismiss(name)
        for name in names:
            if name not in self.standings:
                self._db.execute(
                    "INSERT INTO consumers (name, done, sent) VALUES (?, ?, ?)", (name, last_seq, last_seq)
                )
                (number,) = self._db.execute(
                    "SELECT number FROM consumers WHERE name = ?", (name,)
                ).fetchone()
                self._set(name, Standing(number, last_seq, last_seq))
        return self._swept()

    def peek(self, name: str, after_seq: int, limit: int) -> list[Row]:
        standing = self.standings[name]
        found = self._db.execute(_PEEK, (standing.number, max(after_seq, standing.done), limit))
        return [Row(*row) for row in found]

    def due(self, name: str, ticks: float, limit: int) -> list[Row]:
        """What has to be sent again. In order."""
        found = self._db.execute(_DUE, (self.standings[name].number, ticks, limit))
        return [Row(*row) for row in found]

    def seqs(self, ids: Iterable[str]) -> list[int]:
        """Of the messages that wait; unknown ids are left out."""
        query = "SELECT seq FROM events WHERE id = ?"
        return [seq for each in ids for (seq,) in self._db.execute(query, (each,))]

    def note(self, notes: Notes, last_seq: int) -> list[int]:
        """Sizes of the rows that left, since everybody has had them."""
        for name, sent in notes.sent.items():
            self._sent(name, sent)
        for name, upto in notes.upto.items():
            self._move(name, replace(self.standings[name], sent=max(self.standings[name].sent, upto)))
        for name, seqs in notes.done.items():
            self._done(name, seqs, last_seq)
        return [size for seqs in notes.done.values() for size in self._left(seqs)]

    def lost(self, name: str, seqs: Iterable[int]) -> None:
        """The connection was lost while these were on their way."""
        number = self.standings[name].number
        self._db.executemany(
            "INSERT INTO marks (consumer, seq, losses) VALUES (?, ?, 1)"
            " ON CONFLICT DO UPDATE SET losses = losses + 1",
            [(number, seq) for seq in seqs],
        )

    def bury(self, name: str, seq: int, reason: str) -> None:
        """Keep a copy of what this consumer can never be given. The newest are kept."""
        self._db.execute(
            "INSERT OR IGNORE INTO dead SELECT e.seq, e.id, e.topic, e.payload, e.created,"  # noqa: S608
            f" coalesce(m.losses, 0), e.boot_id, ? FROM {_MARKED} WHERE e.seq = ?",
            (f"{name}: {reason}", self.standings[name].number, seq),
        )
        self._db.execute(
            "DELETE FROM dead WHERE seq <= (SELECT seq FROM dead ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (_DEAD_KEPT,),
        )

    def forget(self, seqs: Iterable[int]) -> None:
        """Marks of rows that are gone."""
        for standing in self.standings.values():
            self._db.executemany(
                "DELETE FROM marks WHERE consumer = ? AND seq = ?", [(standing.number, seq) for seq in seqs]
            )

    def waiting(self, name: str) -> int:
        """How many rows it has not acknowledged."""
        standing = self.standings[name]
        query = f"SELECT count(*) FROM {_MARKED} WHERE e.seq > ? AND NOT coalesce(m.done, 0)"  # noqa: S608
        (count,) = self._db.execute(query, (standing.number, standing.done)).fetchone()
        return int(count)

    def _dismiss(self, name: str) -> None:
        log.warning("outbox.consumer_removed", consumer=name, unacknowledged=self.waiting(name))
        number = self.standings[name].number
        self._db.execute("DELETE FROM consumers WHERE number = ?", (number,))
        self._db.execute("DELETE FROM marks WHERE consumer = ?", (number,))
        self.standings = {other: each for other, each in self.standings.items() if other != name}

    def _swept(self) -> list[int]:
        least = min((each.done for each in self.standings.values()), default=0)
        gone = self._db.execute("DELETE FROM events WHERE seq <= ? RETURNING length(payload)", (least,))
        sizes = [size for (size,) in gone.fetchall()]
        if len(self.standings) > 1:
            beyond = self._db.execute("SELECT DISTINCT seq FROM marks WHERE done AND seq > ?", (least,))
            sizes += self._left([seq for (seq,) in beyond.fetchall()])
        return sizes

    def _sent(self, name: str, sent: Mapping[int, float]) -> None:
        standing = self.standings[name]
        self._db.executemany(
            "INSERT INTO marks (consumer, seq, sends, due) SELECT ?1, ?2, 1, ?3"
            " WHERE EXISTS (SELECT 1 FROM events WHERE seq = ?2)"
            " ON CONFLICT DO UPDATE SET sends = sends + 1, due = excluded.due WHERE NOT done",
            [(standing.number, seq, due) for seq, due in sent.items() if seq > standing.done],
        )

    def _done(self, name: str, seqs: Collection[int], last_seq: int) -> None:
        standing = self.standings[name]
        upto = standing.done
        for seq, done in self._beyond(standing):
            if not done and seq not in seqs:
                break
            upto = seq
        else:
            upto = last_seq
        if upto > standing.done:
            self._move(name, replace(standing, done=upto))
            self._db.execute("DELETE FROM marks WHERE consumer = ? AND seq <= ?", (standing.number, upto))
        self._db.executemany(
            "INSERT INTO marks (consumer, seq, done) SELECT ?1, ?2, 1"
            " WHERE EXISTS (SELECT 1 FROM events WHERE seq = ?2)"
            " ON CONFLICT DO UPDATE SET done = 1, due = NULL",
            [(standing.number, seq) for seq in seqs if seq > upto],
        )

    def _beyond(self, standing: Standing) -> Iterator[tuple[int, bool]]:
        query = f"SELECT e.seq, coalesce(m.done, 0) FROM {_MARKED} WHERE e.seq > ? ORDER BY e.seq"  # noqa: S608
        yield from self._db.execute(query, (standing.number, standing.done))

    def _left(self, seqs: Iterable[int]) -> list[int]:
        return [size for seq in seqs for (size,) in self._db.execute(_LEFT, (seq,)).fetchall()]

    def _move(self, name: str, standing: Standing) -> None:
        self._db.execute(
            "UPDATE consumers SET done = ?, sent = ? WHERE number = ?",
            (standing.done, standing.sent, standing.number),
        )
        self._set(name, standing)

    def _set(self, name: str, standing: Standing) -> None:
        self.standings = {**self.standings, name: standing}
