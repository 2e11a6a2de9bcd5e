"""Every message there was of a view's disturbances: what an export is made of, and which cases go on after a restart.

Not the outbox, which forgets what the centre has taken; not the evidence, which is deleted when the disk is full.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from inference.change import Change
from inference.findings import Finding, Phase, Severity, Whistle
from streams import whole

_LARGEST = 4 << 20  # bytes: some thousand messages, months of a busy site
_AFTER = _LARGEST // 2  # bytes that are left when it was reached

log = structlog.get_logger()


class Entry(BaseModel):
    """One message. number: of the case, from 0. since, time: s since 1970."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    number: int
    camera: str
    preset: str | None = None
    type: str
    phase: Phase
    key: str
    rule: str
    zone: str | None = None
    severity: Severity
    whistle: Whistle | None = None
    since: float
    time: float
    reason: str | None = None
    change: Change | None = None

    def finding(self, phase: Phase, time: float, reason: str | None = None) -> Finding:
        """What it told, as another step of its case."""
        return Finding(
            type=self.type,
            phase=phase,
            key=self.key,
            rule=self.rule,
            zone=self.zone,
            severity=self.severity,
            whistle=self.whistle,
            objects=(),
            since=self.since,
            time=time,
            reason=reason,
            change=self.change,
        )


def entry(finding: Finding, event_id: str, number: int, camera: str, preset: str | None) -> Entry:
    return Entry(
        event_id=event_id,
        number=number,
        camera=camera,
        preset=preset,
        type=finding.type,
        phase=finding.phase,
        key=finding.key,
        rule=finding.rule,
        zone=finding.zone,
        severity=finding.severity,
        whistle=finding.whistle,
        since=finding.since,
        time=finding.time,
        reason=finding.reason,
        change=finding.change,
    )


class History:
    """A file of one JSON object per line. Bounded: the oldest messages of ended cases go first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "history.jsonl"

    def add(self, message: Entry) -> None:
        """On disk when it returns. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            if file.tell() and not self._ends_a_line():
                file.write(b"\n")  # the power went in the middle of the last one
            file.write(_line(message))
            file.flush()
            os.fsync(file.fileno())
            full = file.tell() > _LARGEST
        if full:
            self._shorten()

    def entries(self) -> list[Entry]:
        """In the order in which they came. A damaged line is passed over, and said. Raises OSError."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        found = []
        for number, line in enumerate(lines, 1):
            try:
                found.append(Entry.model_validate_json(line))
            except ValidationError as error:
                log.warning(
                    "land.history_damaged", path=str(self._path), line=number, errors=error.error_count()
                )
        return found

    def latest(self) -> dict[str, Entry]:
        """event id -> the last message of that case. Raises OSError."""
        return latest(self.entries())

    def open(self) -> dict[str, Entry]:
        """Of the cases that have no END. Raises OSError."""
        return {case: last for case, last in self.latest().items() if last.phase is not Phase.END}

    def _ends_a_line(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _shorten(self) -> None:
        messages = self.entries()
        open_now = {case for case, last in latest(messages).items() if last.phase is not Phase.END}
        last = {case: number for number, case in enumerate(each.event_id for each in messages)}
        kept, left = list[bytes](), _AFTER
        for number, message in reversed(list(enumerate(messages))):
            line = _line(message)
            left -= len(line)
            if left >= 0 or (message.event_id in open_now and last[message.event_id] == number):
                kept.append(line)
        whole.write(self._path, b"".join(reversed(kept)))


def latest(messages: Iterable[Entry]) -> dict[str, Entry]:
    """event id -> the last of its messages."""
    return {each.event_id: each for each in messages}


def _line(message: Entry) -> bytes:
    return message.model_dump_json().encode() + b"\n"
