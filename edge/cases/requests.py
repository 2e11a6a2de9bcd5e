"""What people at the box ask of its cases: the command line leaves a word in cases.sqlite, the daemon answers it there.

A file needs no port, no password and no broker; who may write in the storage folder may answer cases.
"""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from edge.cases.case import Kind, Step
from edge.cases.layout import LAYOUT
from edge.cases.problems import NOBODY, TOO_OFTEN, UNREADABLE, kind_name
from edge.cases.words import SAID, Said
from edge.geo import TextData
from edge.store import mapped, open_beside, transaction
from streams.problem import Problem

_STALE = 300.0  # s: what nobody took is not done days later, when the case is another one
_PAUSE = 0.1  # s between two looks for an answer
_MOST = 64  # taken at once

log = structlog.get_logger()


class Answer(BaseModel):
    """done: it was. text: what came of it."""

    model_config = ConfigDict(frozen=True)

    done: bool
    code: str | None = None
    text: TextData


@dataclass(frozen=True, slots=True)
class Request:
    id: str
    event_id: str
    word: Said


class Requests:
    """The daemon's side, within its transactions."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def waiting(self, now: float) -> list[Request]:
        """Those that nobody has answered, oldest first."""
        query = "SELECT id, event_id, word FROM requests WHERE answer IS NULL AND abs(written - ?) < ? ORDER BY written LIMIT ?"
        rows = self._db.execute(query, (now, _STALE, _MOST)).fetchall()
        return [request for row in rows if (request := self._read(*row)) is not None]

    def answer(self, request: str, answer: Answer) -> None:
        """Nobody may be waiting for it any more."""
        self._db.execute("UPDATE requests SET answer = ? WHERE id = ?", (answer.model_dump_json(), request))

    def _read(self, name: str, event_id: str, word: str) -> Request | None:
        """What anybody may have written there."""
        try:
            return Request(name, event_id, SAID.validate_json(word))
        except ValidationError:
            log.warning("cases.request_unreadable", request=name)
            self.answer(name, _refusal(UNREADABLE))
            return None

    def sweep(self, now: float) -> None:
        """What was not taken, or not fetched."""
        self._db.execute("DELETE FROM requests WHERE abs(written - ?) >= ?", (now, _STALE))


def answer_of(step: Step | None) -> Answer:
    """What came of a word, said to whoever said it."""
    if step is None:
        return _refusal(TOO_OFTEN)
    if step.kind is Kind.REFUSED and step.reason is not None:
        return Answer(done=False, code=step.code, text=step.reason)
    return Answer(done=True, text=TextData.of(kind_name(step.kind)))


def ask(path: Path, event_id: str, word: Said, patience: float) -> Answer:
    """What came of it, after at most `patience` s; what nobody took is withdrawn. path: of cases.sqlite. Raises
    StoreError."""
    db = open_beside(path, LAYOUT, write=True)
    try:
        with transaction(db, LAYOUT):
            row = (word.id, time.time(), event_id, word.model_dump_json())
            db.execute("INSERT INTO requests VALUES (?, ?, ?, ?, NULL)", row)
        deadline = time.monotonic() + patience
        while not _is_answered(db, word.id) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return _taken_back(db, word.id)
    finally:
        db.close()


def _is_answered(db: sqlite3.Connection, request: str) -> bool:
    with mapped(LAYOUT):
        query = "SELECT 1 FROM requests WHERE id = ? AND answer IS NOT NULL"
        return db.execute(query, (request,)).fetchone() is not None


def _taken_back(db: sqlite3.Connection, request: str) -> Answer:
    """With its answer, where there is one."""
    with transaction(db, LAYOUT):
        gone = db.execute("DELETE FROM requests WHERE id = ? RETURNING answer", (request,)).fetchall()
    answer = gone[0][0] if gone else None
    return _refusal(NOBODY) if answer is None else Answer.model_validate_json(answer)


def _refusal(problem: Problem) -> Answer:
    return Answer(done=False, code=problem.code, text=TextData(en=problem.say("en"), zh=problem.say("zh")))
