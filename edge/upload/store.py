"""The list of files to upload: SQLite, synchronous, for one thread. What the server has of a file, the server knows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from edge.store import Layout, mapped, open_store, transaction
from streams.problem import Text

LAYOUT = Layout(
    "uploads",
    Text("the list of uploads", "上传清单"),
    (
        """
        CREATE TABLE uploads (
            uri TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, event_id TEXT NOT NULL,
            camera TEXT NOT NULL, since TEXT NOT NULL, asked INTEGER NOT NULL, state TEXT NOT NULL,
            url TEXT, verified TEXT, tries INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE INDEX uploads_by_state ON uploads (state, since);
        """,
    ),
)

_FIELDS = "uri, sha256, size, event_id, camera, since, asked, state, url, verified, tries"

# Of uploads that are over, to answer whoever asks again: half a year of a busy box.
_KEPT = 20_000

Verified = Literal["digest", "checksum", "size"]
"""How the server's copy is known to be ours: it told the SHA-256 of what it holds; it verified every piece; its size."""


class State(StrEnum):
    WAITING = "waiting"
    STORED = "stored"  # the server has it, the centre has not been told
    DONE = "done"
    GIVEN_UP = "given_up"  # the file is gone, or no longer what its event tells of


@dataclass(frozen=True, slots=True)
class Item:
    """One file. uri: as events tell it; since: RFC 3339, of its event; event_id, camera: "" where nobody knows."""

    uri: str
    sha256: str
    size: int
    event_id: str = ""
    camera: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """asked: by a person. url: of the server's resource, once there is one. tries: that this file failed."""

    item: Item
    asked: bool
    state: State
    url: str | None
    verified: Verified | None
    tries: int


class UploadStore:
    """Every method raises edge.store.StoreError, and has then changed nothing."""

    def __init__(self, path: Path) -> None:
        self._db, self.recovered = open_store(path, LAYOUT)

    def close(self) -> None:
        with mapped(LAYOUT):
            self._db.close()

    def want(self, items: Sequence[Item], *, asked: bool = False) -> None:
        """Into the list, once each; asked: those that wait come first, and those given up are tried again."""
        again = "state = iif(state = 'given_up', 'waiting', state), asked = 1" if asked else "uri = uri"
        rows = [
            (item.uri, item.sha256, item.size, item.event_id, item.camera, item.since, asked)
            for item in items
        ]
        with transaction(self._db, LAYOUT):
            self._db.executemany(
                "INSERT INTO uploads (uri, sha256, size, event_id, camera, since, asked, state)"  # noqa: S608 - constants
                f" VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting') ON CONFLICT (uri) DO UPDATE SET {again}",
                rows,
            )

    def find(self, uri: str) -> Upload | None:
        return next(iter(self._select("uri = ?", (uri,))), None)

    def next(self, open_cases: Collection[str], but: Collection[str], *, asked_only: bool) -> Upload | None:
        """What people asked for, then what belongs to open cases, then the rest; of each the oldest first.

        but: not these. asked_only: outside the hours.
        """
        query = "SELECT uri, event_id, asked, since FROM uploads WHERE state = 'waiting' AND asked >= ?"
        with mapped(LAYOUT):
            rows = self._db.execute(query, (asked_only,)).fetchall()
        ranks = [
            (not asked, case not in open_cases, since, uri)
            for uri, case, asked, since in rows
            if uri not in but
        ]
        return self.find(min(ranks)[3]) if ranks else None

    def untold(self) -> list[Upload]:
        return self._select("state = ? ORDER BY since LIMIT 100", (State.STORED,))

    def waiting(self) -> set[str]:
        """The uris of all that is still to go."""
        with mapped(LAYOUT):
            return {uri for (uri,) in self._db.execute("SELECT uri FROM uploads WHERE state = 'waiting'")}

    def begun(self, uri: str, url: str | None) -> None:
        """None: it has to begin anew."""
        self._update("url = ?", (url, uri))

    def failed(self, uri: str) -> None:
        self._update("tries = tries + 1", (uri,))

    def stored(self, uri: str, verified: Verified) -> None:
        self._update("state = 'stored', verified = ?", (verified, uri))

    def given_up(self, uri: str) -> None:
        self._update("state = 'given_up'", (uri,))

    def told(self, uri: str) -> None:
        self._update("state = 'done'", (uri,))
        with transaction(self._db, LAYOUT):
            self._db.execute(
                "DELETE FROM uploads WHERE uri IN (SELECT uri FROM uploads WHERE state IN ('done', 'given_up')"
                " ORDER BY since DESC LIMIT -1 OFFSET ?)",
                (_KEPT,),
            )

    def _update(self, change: str, values: tuple[object, ...]) -> None:
        with transaction(self._db, LAYOUT):
            self._db.execute(f"UPDATE uploads SET {change} WHERE uri = ?", values)  # noqa: S608 - constants

    def _select(self, where: str, values: tuple[object, ...]) -> list[Upload]:
        with mapped(LAYOUT):
            rows = self._db.execute(f"SELECT {_FIELDS} FROM uploads WHERE {where}", values).fetchall()  # noqa: S608
        return [_upload(row) for row in rows]


def _upload(row: tuple[object, ...]) -> Upload:
    item, (asked, state, url, verified, tries) = Item(*row[:6]), row[6:]  # type: ignore[arg-type]
    return Upload(item, bool(asked), State(str(state)), url, verified, tries)  # type: ignore[arg-type]
