"""The chain's file: SQLite, append-only, synchronous, for one thread to write. Others may read beside it.

What is entered survives kill -9 and power loss. The tables beside `entries` only help to find things again: nothing
is proved from them.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from edge.evidence.drafts import Draft
from edge.evidence.entries import Entry, Kind, key_body, key_of, key_words, written
from edge.evidence.hashes import Hashes, of_bytes
from edge.evidence.signing import PrivateKey, PublicKey
from edge.store import Layout, mapped, open_store, transaction
from edge.wire import rfc3339
from streams.problem import Text

log = structlog.get_logger()

MESSAGE = "message"  # the kind of a kept item that lies in this file: the words of an event

LAYOUT = Layout(
    "evidence.chain",
    Text("the chain of evidence", "证据链"),
    (
        """
CREATE TABLE entries (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, case_id TEXT, ref TEXT UNIQUE, created REAL NOT NULL,
    header BLOB NOT NULL, signature BLOB NOT NULL, body BLOB NOT NULL, payload BLOB) STRICT;
CREATE INDEX entries_case ON entries (case_id, n) WHERE case_id IS NOT NULL;
CREATE INDEX entries_kind ON entries (kind, n) WHERE kind IN ('begin', 'key', 'deleted', 'stamp');
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER entries_keep BEFORE UPDATE OF n, header, signature, body ON entries
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE items (
    id INTEGER PRIMARY KEY, n INTEGER NOT NULL, case_id TEXT, kind TEXT NOT NULL, uri TEXT NOT NULL,
    bytes INTEGER NOT NULL, created REAL NOT NULL, tombstone INTEGER, gone INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX items_kept ON items (created, id) WHERE tombstone IS NULL;
CREATE INDEX items_going ON items (id) WHERE tombstone IS NOT NULL AND gone = 0;
CREATE INDEX items_uri ON items (uri);
CREATE TABLE marks (log TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
""",
    ),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: what an anchor outside of this box says."""

    n: int
    hashes: Hashes


@dataclass(frozen=True, slots=True)
class Held:
    """An item that is kept. id: its number in the file; n: the entry that tells of it. created: s since 1970."""

    id: int
    n: int
    case: str | None
    kind: str
    uri: str
    bytes: int
    created: float


class LostKey(Exception):
    """The chain goes on with a key that nobody has any more."""


class ChainFile:
    """Open, use and close it on one thread. Methods raise edge.store.StoreError, and have then changed nothing.

    Opening raises Malformed where SQLite is content and what it holds is no chain.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._db, self.recovered = open_store(path, LAYOUT)
        self._signer: PrivateKey | None = None
        try:
            self._head, keys = self._read()
            self.key: PublicKey | None = key_of(keys.says) if keys else None
            self.chain = keys.told.chain if keys else uuid.uuid4().hex
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with mapped(LAYOUT):
            self._db.close()

    @property
    def head(self) -> Head:
        assert self._head is not None, "begin comes first"
        return self._head

    @property
    def is_empty(self) -> bool:
        return self._head is None

    def begin(self, key: PrivateKey, site: str, software: str, after: Mapping[str, object] | None) -> None:
        """The first entry. after: what became of the chain before, where there was one."""
        self._signer, self.key = key, key.public
        words = {"site": site, "software": software, "key": key_words(key.public), "after": after}
        self.append([Draft(Kind.BEGIN, "begin", words)])

    def resume(self, key: PrivateKey) -> None:
        """Go on with the key that the chain ended with. Raises LostKey."""
        if self.key != key.public:
            raise LostKey
        self._signer = key

    def hand_over(self, new: PrivateKey) -> None:
        """From the next entry but one on, another key signs. Both sign this."""
        assert self.key is not None
        words = key_body(self.chain, self.head.n + 1, self.key, new)
        self.append([Draft(Kind.KEY, f"key:{new.public.fingerprint}", words)])
        self._signer, self.key = new, new.public

    def append(self, drafts: Sequence[Draft]) -> list[int]:
        """Enter all that are not known yet, in one transaction; on disk when this returns. Their numbers."""
        before, now = self._head, self._clock()
        try:
            with transaction(self._db, LAYOUT):
                return [self._enter(draft, now) for draft in drafts if not self._knows(draft.ref)]
        except BaseException:
            self._head = before
            raise

    def known(self, refs: Sequence[str]) -> frozenset[str]:
        """Those that are entered already."""
        with mapped(LAYOUT):
            return frozenset(ref for ref in refs if self._knows(ref))

    def marks(self) -> dict[str, int]:
        """log -> how far it was read."""
        with mapped(LAYOUT):
            return dict(self._db.execute("SELECT log, position FROM marks"))

    def kept(
        self,
        *,
        before: float = float("inf"),
        only: str | None = None,
        clips_first: bool = False,
        messages: bool = False,
        skip: int = 0,
        limit: int,
    ) -> list[Held]:
        """Items without a tombstone that were entered before `before` (s since 1970), oldest first; all clips before
        all else where that is asked for. only: of this kind. messages: the words of events too."""
        with mapped(LAYOUT):
            rows = self._db.execute(
                "SELECT id, n, case_id, kind, uri, bytes, created FROM items"
                " WHERE tombstone IS NULL AND created < ? AND (? OR kind <> ?) AND kind = coalesce(?, kind)"
                " ORDER BY CASE WHEN ? AND kind = 'clip' THEN 0 ELSE 1 END, created, id LIMIT ? OFFSET ?",
                (before, messages, MESSAGE, only, clips_first, limit, skip),
            )
            return [Held(*row) for row in rows]

    def bytes_kept(self) -> int:
        """Of all files without a tombstone."""
        with mapped(LAYOUT):
            (total,) = self._db.execute(
                "SELECT total(bytes) FROM items WHERE tombstone IS NULL AND kind <> ?", (MESSAGE,)
            ).fetchone()
        return int(total)

    def going(self, limit: int) -> list[Held]:
        """Items that have their tombstone and may still lie there."""
        with mapped(LAYOUT):
            rows = self._db.execute(
                "SELECT id, n, case_id, kind, uri, bytes, created FROM items"
                " WHERE tombstone IS NOT NULL AND gone = 0 ORDER BY id LIMIT ?",
                (limit,),
            ).fetchall()
        return [Held(*row) for row in rows]

    def went(self, ids: Sequence[int]) -> None:
        """These do not lie there any more."""
        with transaction(self._db, LAYOUT):
            self._db.executemany("UPDATE items SET gone = 1 WHERE id = ?", [(each,) for each in ids])

    def is_entered(self, uri: str) -> bool:
        with mapped(LAYOUT):
            return self._db.execute("SELECT 1 FROM items WHERE uri = ?", (uri,)).fetchone() is not None

    def last_stamped(self) -> tuple[int, int]:
        """Number of the newest time-stamp's entry, 0 without one; and how many entries came since that are none."""
        with mapped(LAYOUT):
            (stamp,) = self._db.execute(
                "SELECT coalesce(max(n), 0) FROM entries WHERE kind = 'stamp'"
            ).fetchone()
        return stamp, self.head.n - stamp

    def header(self, n: int) -> bytes:
        with mapped(LAYOUT):
            (header,) = self._db.execute("SELECT header FROM entries WHERE n = ?", (n,)).fetchone()
        return bytes(header)

    def _read(self) -> tuple[Head | None, Entry | None]:
        """Where the chain stands, and the entry that tells its key."""
        with mapped(LAYOUT):
            last = self._db.execute("SELECT n, header FROM entries ORDER BY n DESC LIMIT 1").fetchone()
            keys = self._db.execute(
                "SELECT header, signature, body FROM entries WHERE kind IN ('begin', 'key') ORDER BY n DESC LIMIT 1"
            ).fetchone()
        head = Head(last[0], of_bytes(last[1])) if last else None
        return head, Entry(*keys) if keys else None

    def _knows(self, ref: str) -> bool:
        return self._db.execute("SELECT 1 FROM entries WHERE ref = ?", (ref,)).fetchone() is not None

    def _enter(self, draft: Draft, now: float) -> int:
        assert self._signer is not None, "begin or resume comes first"
        n, prev = (self._head.n + 1, self._head.hashes) if self._head else (1, None)
        entry = written(self.chain, n, draft.kind, draft.case, rfc3339(now), prev, draft.body, self._signer)
        self._db.execute(
            "INSERT INTO entries (n, kind, case_id, ref, created, header, signature, body, payload)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                n,
                draft.kind.value,
                draft.case,
                draft.ref,
                now,
                entry.header,
                entry.signature,
                entry.body,
                draft.payload,
            ),
        )
        self._note(draft, n, now)
        self._head = Head(n, entry.hashes)
        return n

    def _note(self, draft: Draft, n: int, now: float) -> None:
        """What helps to find things again."""
        rows = [(n, draft.case, item.kind, item.uri, item.bytes, now) for item in draft.lying]
        if draft.payload is not None:
            rows.append((n, draft.case, MESSAGE, f"messages/{n}", len(draft.payload), now))
        self._db.executemany(
            "INSERT INTO items (n, case_id, kind, uri, bytes, created) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
        self._db.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?)", draft.marks.items())
        for item in draft.removes:
            # A file that two messages name is deleted for both.
            self._db.execute(
                "UPDATE items SET tombstone = ? WHERE tombstone IS NULL"
                " AND uri = (SELECT uri FROM items WHERE id = ?)",
                (n, item),
            )
            self._db.execute(
                "UPDATE entries SET payload = NULL WHERE n = (SELECT n FROM items WHERE id = ? AND kind = ?)",
                (item, MESSAGE),
            )
