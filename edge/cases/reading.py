"""The cases of a box, read beside its running daemon."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from edge.cases.archive import Archive, Archived
from edge.cases.case import UNDER_WAY, Case
from edge.cases.layout import LAYOUT
from edge.cases.note import CaseNote
from edge.cases.problems import ambiguous, no_case
from edge.store import StoreMissing, mapped, open_beside

FILE, ARCHIVE = "cases.sqlite", "cases"  # in the storage folder


class Which(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    ALL = "all"


def listing(storage: Path, which: Which, camera: str | None, now: float) -> list[Case]:
    """What is overdue first, then what is due first, then what is newest. Raises StoreError."""
    with _opened(storage) as db:
        rows = db.execute("SELECT body FROM cases WHERE ? IS NULL OR camera = ?", (camera, camera)).fetchall()
    cases = [Case.model_validate_json(body) for (body,) in rows]
    wanted = [case for case in cases if _is(which, case, now)]
    return sorted(wanted, key=lambda case: (not case.overdue(now), _due(case), -case.opened))


def find(storage: Path, name: str) -> Archived:
    """The case of that id, or of the one id that ends so; the archive is looked through for a whole id only. Raises
    StoreError, CaseRefused."""
    with _opened(storage) as db:
        query = "SELECT body FROM cases WHERE event_id = ? OR (? != '' AND substr(event_id, -length(?)) = ?) LIMIT 2"
        rows = db.execute(query, (name, name, name, name)).fetchall()
        if len(rows) > 1:
            raise ambiguous(name)
        if rows:
            case = Case.model_validate_json(rows[0][0])
            return Archived(case, _notes(db, case.event_id))
        found = Archive(storage / ARCHIVE).find(name)
    if found is None:
        raise no_case(name)
    return found


def is_open(storage: Path, event_id: str) -> bool:
    """As CaseBook.is_open. False where there is no case book yet. Raises StoreError."""
    try:
        with _opened(storage) as db:
            row = db.execute("SELECT state FROM cases WHERE event_id = ?", (event_id,)).fetchone()
    except StoreMissing:
        return False
    return row is not None and row[0] in UNDER_WAY


@contextmanager
def _opened(storage: Path) -> Iterator[sqlite3.Connection]:
    db = open_beside(storage / FILE, LAYOUT)
    try:
        with mapped(LAYOUT):
            yield db
    finally:
        db.close()


def _notes(db: sqlite3.Connection, event_id: str) -> tuple[CaseNote, ...]:
    rows = db.execute("SELECT note FROM steps WHERE event_id = ? ORDER BY number", (event_id,))
    return tuple(CaseNote.model_validate_json(text) for (text,) in rows)


def _is(which: Which, case: Case, now: float) -> bool:
    match which:
        case Which.ALL:
            return True
        case Which.OPEN:
            return case.under_way
        case Which.OVERDUE:
            return case.overdue(now)


def _due(case: Case) -> float:
    return case.due.at if case.due else float("inf")
