"""Cases that are over and old: a file of one JSON object per line and year, that anything can read in ten years."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from pydantic import ValidationError

from edge.cases.case import Case
from edge.cases.note import CaseNote

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Archived:
    """A case and the steps that made it."""

    case: Case
    notes: tuple[CaseNote, ...]


class Archive:
    """folder: of the files; made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, cases: Iterable[tuple[str, list[str]]]) -> None:
        """Cases and their notes, as JSON; on disk when it returns. One that is added twice is the same twice. Raises
        OSError."""
        lines = dict[str, list[bytes]]()
        for body, notes in cases:
            case = Case.model_validate_json(body)
            year = f"{datetime.fromtimestamp(case.opened, UTC):%Y}"
            line = f'{{"case":{body},"notes":[{",".join(notes)}]}}\n'
            lines.setdefault(year, []).append(line.encode())
        for year, added in lines.items():
            self._append(self._folder / f"{year}.jsonl", b"".join(added))

    def find(self, event_id: str) -> Archived | None:
        """Reads all of it. Raises OSError."""
        mark = json.dumps(event_id).encode()
        for line in self._lines():
            if mark in line and (found := _read(line)) is not None and found.case.event_id == event_id:
                return found
        return None

    def all(self) -> Iterator[Archived]:
        """Oldest year first. Raises OSError."""
        seen = set[str]()
        for line in self._lines():
            found = _read(line)
            if found is not None and found.case.event_id not in seen:
                seen.add(found.case.event_id)
                yield found

    def _append(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            if file.tell() and not _ends_a_line(path):
                file.write(b"\n")  # the power went in the middle of the last one
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> Iterator[bytes]:
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open("rb") as file:
                yield from file


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _read(line: bytes) -> Archived | None:
    """None, aloud: the line is damaged."""
    try:
        found = json.loads(line)
        notes = tuple(CaseNote.model_validate(note) for note in found["notes"])
        return Archived(Case.model_validate(found["case"]), notes)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        log.warning("cases.archive_damaged", why=type(error).__name__)
        return None
