"""Who ordered what, and what became of it: one JSON object per line, appended, never changed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, JsonValue

log = structlog.get_logger()

_LARGEST = 4_000_000  # bytes of one file: some 15,000 lines
_FILES = 5  # with those that were turned: 20 MB in all

Outcome = Literal["accepted", "done", "refused", "failed"]


class AuditedFile(BaseModel):
    """A file that the order made. uri: relative to the box's storage."""

    model_config = ConfigDict(frozen=True)

    uri: str
    sha256: str


class AuditLine(BaseModel):
    """time: RFC 3339. id, camera, correlation (hex): as they were asked. Nothing else of a request is repeated: there
    may be secrets in it."""

    model_config = ConfigDict(frozen=True)

    time: str
    who: str
    command: str
    id: str
    outcome: Outcome
    code: str | None = None
    camera: str | None = None
    correlation: str = ""
    files: tuple[AuditedFile, ...] = ()


class Audit:
    """For one thread. told: hears of every line that is on disk; must not block."""

    def __init__(self, path: Path, told: Callable[[AuditLine], None] = lambda _: None) -> None:
        self._path, self._told = path, told

    def write(self, line: AuditLine) -> None:
        """A line that cannot be written is in the log, and holds nothing up."""
        text = line.model_dump_json(exclude_defaults=True)
        try:
            self._append(f"{text}\n".encode())
        except OSError as error:
            log.error("orders.not_audited", line=text, why=error.strerror)
            return
        self._told(line)

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size + len(line) > _LARGEST:
            self._turn()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _turn(self) -> None:
        """audit.jsonl -> audit.1.jsonl -> ...; the oldest goes."""
        for number in range(_FILES - 2, -1, -1):
            old = self._numbered(number)
            if old.exists():
                old.replace(self._numbered(number + 1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_stem(f"{self._path.stem}.{number}") if number else self._path


def files_of(result: JsonValue) -> tuple[AuditedFile, ...]:
    """Whatever in an order's result names a file and its hash."""
    if isinstance(result, list):
        return tuple(found for each in result for found in files_of(each))
    if not isinstance(result, dict):
        return ()
    uri, sha256 = result.get("uri"), result.get("sha256")
    if isinstance(uri, str) and isinstance(sha256, str):
        return (AuditedFile(uri=uri, sha256=sha256),)
    return tuple(found for each in result.values() for found in files_of(each))
