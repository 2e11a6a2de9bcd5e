"""Opening the outbox's database: layout, durability, ownership, and what to do with a damaged one."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import structlog

from edge.outbox_problems import BROKEN, Damaged, OutboxBroken, corrupt, mapped, newer
from streams.problem import Problem

log = structlog.get_logger()

_VERSION = 1  # PRAGMA user_version
_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    created REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, boot_id TEXT NOT NULL) STRICT;
CREATE TABLE dead (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    created REAL NOT NULL, attempts INTEGER NOT NULL, boot_id TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE seen (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_seq ON seen (seq);
CREATE TABLE open_events (event_id TEXT PRIMARY KEY, camera TEXT NOT NULL, occurrence TEXT NOT NULL) STRICT;
CREATE TABLE counter (last_seq INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (0);
"""

# Another daemon that is just stopping needs this long to let go of the file.
_LOCK_WAIT_S = 2.0
_PAGE_BYTES = 4096


def open_database(path: Path, file_bytes: int) -> tuple[sqlite3.Connection, Problem | None]:
    """The outbox's database, ready for use by this thread alone, and what was mended on the way.

    Raises OutboxFull, OutboxBroken.
    """
    try:
        return _connect(path, file_bytes), None
    except Damaged:
        aside = _move_aside(path)
        problem = corrupt(path, aside)
        log.error("outbox.corrupt", file=str(path), moved_to=str(aside), problem=problem.say("en"))
    return _connect(path, file_bytes), problem


def _connect(path: Path, file_bytes: int) -> sqlite3.Connection:
    with mapped():
        _create_private(path)
        db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)
        try:
            _prepare(db, file_bytes)
        except BaseException:
            db.close()
            raise
    return db


def _create_private(path: Path) -> None:
    """SQLite gives its -wal file the mode of the database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)


def _prepare(db: sqlite3.Connection, file_bytes: int) -> None:
    # EXCLUSIVE: a second daemon on the same file would send everything twice.
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
        db.execute(f"PRAGMA {pragma}")
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Damaged(BROKEN)
    _migrate(db)
    # The header may hold another page size; SQLite then rounds the cap, never below what is in use.
    db.execute(f"PRAGMA max_page_count = {file_bytes // _PAGE_BYTES}")


def _migrate(db: sqlite3.Connection) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise OutboxBroken(newer(version))
    if version == 0:
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    else:
        # Takes the lock now rather than at the first event.
        db.executescript("BEGIN IMMEDIATE; COMMIT;")


def _move_aside(path: Path) -> Path:
    """With its -wal, which may hold the newest events of the damaged file."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for end in ("", "-wal", "-shm"):
        part = path.with_name(path.name + end)
        if part.exists():
            part.rename(aside.with_name(aside.name + end))
    return aside
