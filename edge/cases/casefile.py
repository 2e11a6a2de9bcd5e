"""The case book's file, cases.sqlite: synchronous, for one thread; the command line reads it meanwhile.

Every change is one transaction: the case as it is now, the step that made it so, and the id of the word that was said. A
step waits there, untold, until the outbox has it.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.cases import course
from edge.cases.archive import Archive
from edge.cases.case import SILENT, Case, Moment, Step
from edge.cases.course import Heard
from edge.cases.duty import Duty
from edge.cases.layout import LAYOUT
from edge.cases.note import CaseNote
from edge.cases.problems import ID_USED, UNKNOWN
from edge.cases.requests import Requests, answer_of
from edge.cases.steady import SteadyWall
from edge.cases.told import Told
from edge.cases.words import Malformed, Said
from edge.store import mapped, open_store, transaction
from inference.findings import Phase

log = structlog.get_logger()

# Words about cases that are not there, per sweep (an hour): enough to find out what is wrong with the centre.
_MOST_STRAYS = 1_000
_STRAYS_KEPT = 7 * 86400.0  # s; a centre repeats a word within hours
_AT_ONCE = 200  # per transaction


@dataclass(frozen=True, slots=True)
class Untold:
    """A step that the outbox does not have yet. number: its place in the file."""

    number: int
    note: CaseNote


class CaseFile:
    """Open, use and close it on one thread. Every method raises StoreError, and has then changed nothing."""

    def __init__(
        self,
        path: Path,
        duty: Duty,
        boot: str,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._duty, self._boot = duty, boot
        self._clock = SteadyWall(wall, monotonic)
        self._db, self.recovered = open_store(path, LAYOUT)
        self._archive = Archive(path.with_name("cases"))
        self._requests = Requests(self._db)
        self._strays = 0
        self._touched: list[Case] = []
        with mapped(LAYOUT):
            query = "SELECT event_id FROM cases WHERE state IN ('open', 'received', 'dispatched')"
            self.under_way = {event_id for (event_id,) in self._db.execute(query)}
        """Ids of the cases in which somebody still has to do something; may be read by any thread."""

    def close(self) -> None:
        with mapped(LAYOUT):
            self._db.close()

    def take(self, events: Sequence[Told]) -> None:
        """Open the cases that these begin, note the ends. What is known already changes nothing."""
        with self._change():
            for told in events:
                self._take(told)

    def received(self, centre: str, ids: Sequence[str]) -> None:
        """The centre has these messages, and with any of its event's the case. Ids of anything else are fine."""
        parts = (each.partition("/") for each in ids)
        events = dict.fromkeys(event_id for event_id, _, number in parts if number.isdigit())
        with self._change():
            for event_id in events:
                case = self.case(event_id)
                step = course.received(case, centre, self._clock.now()) if case else None
                if case and step:
                    self._record(case, step)

    def hear(self, event_id: str, word: Said, centre: str) -> Step | None:
        """What came of it, or had come of it when it was said before. None: it was refused too often to be answered.
        centre: "" of somebody at the box."""
        heard = Heard(word, centre, self._clock.now())
        with self._change():
            key, reused = word.id, self._reused(centre, word.id, word.digest, event_id)
            if reused:
                key = f"{word.id}\n{word.digest}"
            if self._known(centre, key):
                return self._earlier(event_id, centre, word.id)
            case = self.case(event_id)
            step = self._answer(case, heard, reused=reused)
            if step is None or not self._keep(event_id, case, step, key):
                return None
            self._remember(centre, key, word.digest, event_id)
            return step

    def refuse(self, event_id: str, centre: str, payload: bytes, why: Malformed) -> None:
        """A word that could not be read, once."""
        digest = hashlib.sha256(payload).hexdigest()
        key = f"\n{digest}"
        with self._change():
            case = self.case(event_id)
            if self._known(centre, key) or (case and case.refusals >= course.MOST_REFUSALS):
                return
            step = course.unreadable(why.problem, why.id, centre, self._clock.now(), case)
            if self._keep(event_id, case, step, key):
                self._remember(centre, key, digest, event_id)

    def escalate(self) -> None:
        """Let every deadline that has passed do its part."""
        now = self._clock.now()
        with self._change():
            query = "SELECT body FROM cases WHERE due <= ? ORDER BY due LIMIT ?"
            for (body,) in self._db.execute(query, (now, _AT_ONCE)).fetchall():
                case = Case.model_validate_json(body)
                step = course.escalated(case, now, self._duty.next(case.camera, now, case.called))
                if step is None:  # nothing more can come of it
                    self._save(case.model_copy(update={"due": None}))
                else:
                    self._record(case, step)

    def set_clock(self) -> None:
        """Where the wall clock was put right, what this run has counted by it goes with it."""
        jump = self._clock.look()
        if not jump:
            return
        log.warning("cases.clock_set", by_s=round(jump, 1))
        with self._change():
            for (body,) in self._db.execute("SELECT body FROM cases WHERE due IS NOT NULL").fetchall():
                case = Case.model_validate_json(body)
                moved = case.shifted(self._boot, jump)
                if moved is not case:
                    self._save(moved)
        self._clock.follow(jump)

    def obey(self) -> None:
        """What people at the box asked for (edge.cases.requests)."""
        now = self._clock.now()
        with mapped(LAYOUT):
            waiting = self._requests.waiting(now)
        for request in waiting:
            step = self.hear(request.event_id, request.word, "")
            with transaction(self._db, LAYOUT):
                self._requests.answer(request.id, answer_of(step))

    def sweep(self, keep: float) -> None:
        """Cases that were settled more than `keep` s ago go into the archive; what nobody asks for any more goes."""
        now = self._clock.now()
        query = "SELECT event_id, body FROM cases WHERE settled < ? ORDER BY settled LIMIT ?"
        with mapped(LAYOUT):
            old = self._db.execute(query, (now - keep, _AT_ONCE)).fetchall()
            self._archive.add((body, self._notes(event_id)) for event_id, body in old)
        with transaction(self._db, LAYOUT):
            for table in ("cases", "steps", "words"):
                self._db.executemany(
                    f"DELETE FROM {table} WHERE event_id = ?",  # noqa: S608 - constant
                    [(event_id,) for event_id, _ in old],
                )
            self._sweep_strays(now)
            self._requests.sweep(now)
        self._strays = 0

    def untold(self, limit: int = _AT_ONCE) -> list[Untold]:
        """The first steps that the outbox has to take, at most one of each case, in order."""
        query = "SELECT number, note FROM steps WHERE told = 0 ORDER BY number LIMIT ?"
        with mapped(LAYOUT):
            rows = self._db.execute(query, (limit,)).fetchall()
        first: dict[str, Untold] = {}
        for number, text in rows:
            note = CaseNote.model_validate_json(text)
            first.setdefault(note.event_id, Untold(number, note))
        return list(first.values())

    def told(self, numbers: Sequence[int]) -> None:
        with self._change():
            self._db.executemany("UPDATE steps SET told = 1 WHERE number = ?", [(each,) for each in numbers])

    def case(self, event_id: str) -> Case | None:
        row = self._db.execute("SELECT body FROM cases WHERE event_id = ?", (event_id,)).fetchone()
        return None if row is None else Case.model_validate_json(row[0])

    def _take(self, told: Told) -> None:
        data, now = told.data, self._clock.now()
        case = self.case(data.event_id)
        if case is not None:
            step = course.ended(case, told.time, now) if data.phase is Phase.END else None
            if step is not None:
                self._record(case, step)
        elif data.phase is Phase.END:
            self._db.execute("DELETE FROM muted WHERE event_id = ?", (data.event_id,))
        elif told.opens or (not data.muted and self._was_muted(data.event_id)):
            self._open(told.case(now))
        elif data.phase is Phase.NEW:
            self._db.execute("INSERT OR IGNORE INTO muted VALUES (?)", (data.event_id,))

    def _was_muted(self, event_id: str) -> bool:
        """Whether its beginning was; if so, it is not any more."""
        query = "DELETE FROM muted WHERE event_id = ? RETURNING event_id"
        return bool(self._db.execute(query, (event_id,)).fetchall())

    def _open(self, case: Case) -> None:
        begun, step = course.opened(case, self._moment(case.camera))
        self._save(begun)
        self._insert(CaseNote(event_id=case.event_id, camera=case.camera, step=step))

    def _answer(self, case: Case | None, heard: Heard, *, reused: bool) -> Step | None:
        if reused:
            full = case is not None and case.refusals >= course.MOST_REFUSALS
            return None if full else course.refused(heard, ID_USED, case)
        return course.refused(heard, UNKNOWN) if case is None else course.answered(case, heard)

    def _keep(self, event_id: str, case: Case | None, step: Step, key: str) -> bool:
        """False: too many words about cases that are not there."""
        if case is not None:
            self._record(case, step)
            return True
        if self._strays >= _MOST_STRAYS:
            log.warning("cases.too_many_strays", event_id=event_id, centre=step.centre)
            return False
        self._strays += 1
        mark = hashlib.sha256(f"{step.centre}\n{key}".encode()).hexdigest()[:16]
        self._insert(CaseNote(event_id=event_id, camera="", step=step, mark=f"refused-{mark}"))
        return True

    def _record(self, case: Case, step: Step) -> None:
        self._save(course.after(case, step, self._moment(case.camera)))
        self._insert(CaseNote(event_id=case.event_id, camera=case.camera, step=step))

    def _moment(self, camera: str) -> Moment:
        return Moment(now=self._clock.now(), boot=self._boot, deadlines=self._duty.deadlines(camera))

    def _notes(self, event_id: str) -> list[str]:
        query = "SELECT note FROM steps WHERE event_id = ? ORDER BY number"
        return [note for (note,) in self._db.execute(query, (event_id,))]

    def _sweep_strays(self, now: float) -> None:
        """Refusals of words about cases that are not there."""
        old = "SELECT event_id FROM words WHERE heard < ? AND event_id NOT IN (SELECT event_id FROM cases)"
        self._db.execute(f"DELETE FROM steps WHERE told = 1 AND event_id IN ({old})", (now - _STRAYS_KEPT,))  # noqa: S608
        self._db.execute(
            "DELETE FROM words WHERE heard < ? AND event_id NOT IN (SELECT event_id FROM cases)",
            (now - _STRAYS_KEPT,),
        )

    def _known(self, centre: str, key: str) -> bool:
        query = "SELECT 1 FROM words WHERE centre = ? AND id = ?"
        return self._db.execute(query, (centre, key)).fetchone() is not None

    def _reused(self, centre: str, key: str, digest: str, event_id: str) -> bool:
        """Whether this id stands for other words already."""
        query = "SELECT digest, event_id FROM words WHERE centre = ? AND id = ?"
        row = self._db.execute(query, (centre, key)).fetchone()
        return row is not None and row != (digest, event_id)

    def _earlier(self, event_id: str, centre: str, word: str) -> Step | None:
        """What came of a word when it was said."""
        query = "SELECT note FROM steps WHERE event_id = ? ORDER BY number DESC"
        steps = (CaseNote.model_validate_json(text).step for (text,) in self._db.execute(query, (event_id,)))
        return next((step for step in steps if (step.centre, step.word) == (centre, word)), None)

    def _remember(self, centre: str, key: str, digest: str, event_id: str) -> None:
        row = (centre, key, digest, event_id, self._clock.now())
        self._db.execute("INSERT INTO words VALUES (?, ?, ?, ?, ?)", row)

    def _save(self, case: Case) -> None:
        due = case.due.at if case.due else None
        row = (case.event_id, case.camera, case.state.value, case.opened, due, case.settled)
        self._db.execute(
            "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, case.model_dump_json())
        )
        self._touched.append(case)

    def _insert(self, note: CaseNote) -> None:
        told = note.step.kind in SILENT
        self._db.execute(
            "INSERT INTO steps (id, event_id, told, note) VALUES (?, ?, ?, ?)",
            (note.id, note.event_id, told, note.model_dump_json(exclude_defaults=True)),
        )

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._touched = []
        with transaction(self._db, LAYOUT):
            yield
        for case in self._touched:
            (self.under_way.add if case.under_way else self.under_way.discard)(case.event_id)
