"""events.sqlite: the newest messages of the box, to be looked through after the centres have them.

The outbox forgets what everybody has; this is one more of its consumers, and forgets too, later.
"""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic import JsonValue

from edge.api.hub import Change, Hub
from edge.outbox_consumer import Consumer
from edge.outbox_ledger import Row
from edge.store import Layout, StoreMissing, mapped, open_beside, open_store, transaction
from streams.problem import Text

log = structlog.get_logger()

CONSUMER = "console"
FILE = "events.sqlite"
KEPT = 50_000  # messages: some months of a busy box, 100 MB
_BATCH = 200

LAYOUT = Layout(
    "events",
    Text("the list of events", "事件清单"),
    (
        """
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event_id TEXT NOT NULL, type TEXT NOT NULL,
    camera TEXT NOT NULL, phase TEXT NOT NULL, time REAL NOT NULL, payload BLOB NOT NULL) STRICT;
CREATE INDEX messages_event ON messages (event_id, seq);
CREATE INDEX messages_camera ON messages (camera, seq);
CREATE INDEX messages_phase ON messages (phase, seq);
""",
    ),
)


@dataclass(frozen=True, slots=True)
class Message:
    """One CloudEvent. camera: "" of the box itself; phase: "" where it is none of an event. time: s since 1970."""

    seq: int
    id: str
    event_id: str
    type: str
    camera: str
    phase: str
    time: float
    body: dict[str, JsonValue]

    @property
    def kind(self) -> str:
        """As the hub calls it."""
        return "event" if self.phase else "case" if self.type.startswith("case.") else "box"


@dataclass(frozen=True, slots=True)
class Filter:
    """type: of which it begins with. before: only numbers below it, for the next page. since, until: s since 1970."""

    camera: str | None = None
    type: str | None = None
    phase: str | None = None
    severity: str | None = None
    since: float = 0.0
    until: float = 2.0**40
    before: int = 1 << 62


class EventFile:
    """For one thread to write. Every method raises StoreError."""

    def __init__(self, path: Path) -> None:
        self._db, self.mended = open_store(path, LAYOUT)

    def close(self) -> None:
        self._db.close()

    def add(self, messages: Sequence[Message], kept: int = KEPT) -> list[Message]:
        """Those that are new, as they are kept: a step of a case gets its event's camera."""
        with transaction(self._db, LAYOUT):
            new = [found for each in messages if (found := self._added(each)) is not None]
            self._db.execute(
                "DELETE FROM messages WHERE seq <= (SELECT seq FROM messages ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (kept,),
            )
        return new

    def _added(self, message: Message) -> Message | None:
        camera = message.camera or self._camera(message.event_id)
        row = (message.seq, message.id, message.event_id, message.type, camera, message.phase, message.time)
        words = json.dumps(message.body, ensure_ascii=False).encode()
        added = self._db.execute(
            "INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, words)
        )
        return Message(*row, message.body) if added.rowcount else None

    def _camera(self, event_id: str) -> str:
        query = "SELECT camera FROM messages WHERE event_id = ? AND camera != '' LIMIT 1"
        row = self._db.execute(query, (event_id,)).fetchone()
        return str(row[0]) if row else ""


class Indexer:
    """A service of the daemon, single use: the outbox's messages into the file, and to those who listen."""

    def __init__(self, path: Path, events: Consumer, hub: Hub) -> None:
        """events: the outbox's consumer CONSUMER."""
        self._path, self._events, self._hub = path, events, hub
        self._seen = 0

    async def run(self) -> None:
        """Until it is cancelled. Raises StoreError, OutboxError: another one goes on where it was."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "console-events") as thread:
            file = await loop.run_in_executor(thread, EventFile, self._path)
            try:
                while True:
                    self._events.bell.clear()
                    await self._drain(lambda new: loop.run_in_executor(thread, file.add, new))
                    await self._events.bell.wait()
            finally:
                thread.submit(file.close)

    async def _drain(self, add: Callable[[list[Message]], Awaitable[list[Message]]]) -> None:
        while rows := await self._events.peek(self._seen, _BATCH):
            read = [message for row in rows if (message := _read(row)) is not None]
            new = await add(read)
            await self._events.acknowledge([row.seq for row in rows])
            self._seen = rows[-1].seq
            for message in new:
                self._hub.tell(Change(message.kind, message.camera, {"seq": message.seq, **message.body}))


def listing(path: Path, wanted: Filter, cameras: frozenset[str] | None, most: int) -> list[Message]:
    """The newest first. cameras: only these; None: all, and the box's own. Raises StoreError."""
    terms = ["seq < ?", "time >= ?", "time < ?"]
    values: list[object] = [wanted.before, wanted.since, wanted.until]
    for column, value in (("camera", wanted.camera), ("phase", wanted.phase)):
        if value is not None:
            terms.append(f"{column} = ?")
            values.append(value)
    if wanted.severity is not None:
        terms.append("json_extract(CAST(payload AS TEXT), '$.data.severity') = ?")
        values.append(wanted.severity)
    if wanted.type is not None:
        terms.append("substr(type, 1, length(?)) = ?")
        values += [wanted.type, wanted.type]
    if cameras is not None:
        terms.append("camera IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(cameras)))
    where = " AND ".join(terms)
    return _select(path, f"WHERE {where} ORDER BY seq DESC LIMIT ?", (*values, most))


def of_event(path: Path, event_id: str) -> list[Message]:
    """Every message of it that is kept, in order. Raises StoreError."""
    return _select(path, "WHERE event_id = ? ORDER BY seq LIMIT 2000", (event_id,))


def last_times(path: Path) -> dict[str, float]:
    """When each camera's last event began, s since 1970. Raises StoreError."""
    with _opened(path) as db:
        query = "SELECT camera, max(time) FROM messages WHERE phase = 'new' GROUP BY camera"
        return dict(db.execute(query).fetchall()) if db else {}


def _select(path: Path, rest: str, values: Sequence[object]) -> list[Message]:
    query = f"SELECT seq, id, event_id, type, camera, phase, time, payload FROM messages {rest}"  # noqa: S608 - constants
    with _opened(path) as db:
        rows = db.execute(query, values).fetchall() if db else []
    return [_message(row) for row in rows]


def _message(row: tuple[int, str, str, str, str, str, float, bytes]) -> Message:
    seq, ident, event_id, kind, camera, phase, time, payload = row
    return Message(seq, ident, event_id, kind, camera, phase, time, json.loads(payload))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """None: there is no such file yet, since nothing has happened."""
    try:
        db = open_beside(path, LAYOUT)
    except StoreMissing:
        yield None
        return
    try:
        with mapped(LAYOUT):
            yield db
    finally:
        db.close()


def _read(row: Row) -> Message | None:
    """None: not a message of ours, which is a defect and must not stop the others."""
    try:
        body: dict[str, Any] = json.loads(row.payload)
        data: dict[str, Any] = body["data"]
        event_id = str(data.get("event_id") or row.id.partition("/")[0])
        time = datetime.fromisoformat(body["time"]).timestamp()
        camera, phase = str(data.get("camera") or ""), str(data.get("phase") or "")
        return Message(row.seq, row.id, event_id, str(body["type"]), camera, phase, time, body)
    except (ValueError, KeyError, TypeError, AttributeError):
        log.exception("events.unreadable", id=row.id)
        return None
