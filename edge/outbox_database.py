"""Opening the outbox's database: layout, durability, ownership, and what to do with a damaged one."""

import sqlite3
from pathlib import Path

import structlog

from edge.outbox_layout import migrate
from edge.outbox_problems import BROKEN, Damaged, corrupt, mapped
from edge.store import make_private, move_aside
from streams.problem import Problem

log = structlog.get_logger()

# Another daemon that is just stopping needs this long to let go of the file.
_LOCK_WAIT_S = 2.0
_PAGE_BYTES = 4096


def open_database(path: Path, file_bytes: int, first: str) -> tuple[sqlite3.Connection, Problem | None]:
    """The outbox's database, ready for use by this thread alone, and what was mended on the way.

    first: the consumer to whom the rows of an older layout belong.

    Raises OutboxFull, OutboxBroken.
    """
    try:
        return _connect(path, file_bytes, first), None
    except Damaged:
        aside = move_aside(path)
        problem = corrupt(path, aside)
        log.error("outbox.corrupt", file=str(path), moved_to=str(aside), problem=problem.say("en"))
    return _connect(path, file_bytes, first), problem


def _connect(path: Path, file_bytes: int, first: str) -> sqlite3.Connection:
    with mapped():
        make_private(path)
        db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)
        try:
            _prepare(db, file_bytes, first)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, file_bytes: int, first: str) -> None:
    # EXCLUSIVE: a second daemon on the same file would send everything twice.
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
        db.execute(f"PRAGMA {pragma}")
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Damaged(BROKEN)
    migrate(db, first)
    # The header may hold another page size; SQLite then rounds the cap, never below what is in use.
    db.execute(f"PRAGMA max_page_count = {file_bytes // _PAGE_BYTES}")
