"""Where recordings of talk lie: whole files only, a log beside them, and an end to how many.

FOLDER/GROUP/2026/11/22/103800.250-badge-17.webm   a recording; under way: .103800.250-badge-17.webm.part
FOLDER/GROUP/2026/11/22/floor.jsonl                one line per recording, written when its file is whole
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from streams.problem import Problem, Text

log = structlog.get_logger()

_RESERVE = 256 << 20  # bytes left on the disk for events and their proof, which come first
_DOWN_TO = 0.95  # of the limit: not every recording has to look through all files
_PART = ".part"


class NotWritten(Exception):
    """A recording could not be written; the text names FFmpeg's or the system's reason."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that is whole and on its disk. file, log: relative to the folder; sha256: hexadecimal."""

    file: str
    sha256: str
    bytes: int
    log: str


Told = Callable[[Problem | None], None]
"""Recording fails, and why; None: it works again."""
Keeper = Callable[[Kept], None]
"""Told of every recording once it is in the log; from the thread that writes."""


def nobody(_: Kept) -> None:
    """A Keeper where nobody asks."""


class Shelf:
    """Of one kind of recordings. Not for two threads.

    kind: the ending of their files. limit: bytes of them all; the oldest goes first. log: its name. told: once when it
    begins to fail, and whenever it works again after that.
    """

    def __init__(self, folder: Path, kind: str, limit: int, log: str, told: Told, kept: Keeper) -> None:
        self.folder, self._kind, self._limit = folder, kind, limit
        self._log, self._told, self._kept = log, told, kept
        self._size: int | None = None
        self._failing = False

    def path(self, group: str, member: str, now: float) -> Path:
        """Of a recording that begins `now` (s since 1970). group, member: names without a slash."""
        moment = datetime.fromtimestamp(now, UTC)
        name = f"{moment:%H%M%S}.{moment.microsecond // 1000:03d}-{member}{self._kind}"
        return self.folder / group / f"{moment:%Y/%m/%d}" / name

    def begin(self, path: Path) -> Path:
        """Make room; where to write until it is whole. Raises OSError, NotWritten."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._size is None:
            self._size = sum(size for _, size, _ in self._files())
        if self._size > self._limit:
            self._size = self._swept(int(self._limit * _DOWN_TO))
        if shutil.disk_usage(path.parent).free < _RESERVE:
            raise NotWritten(f"less than {_RESERVE >> 20} MiB are left, which are kept for events")
        return part_of(path)

    def complete(self, path: Path) -> Kept:
        """What was written becomes the file, durably: it is whole, or not there. Raises OSError."""
        part = part_of(path)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        digest, size = sha256(part), part.stat().st_size
        part.replace(path)
        self._size = (self._size or 0) + size
        return Kept(self._relative(path), digest, size, self._relative(path.with_name(self._log)))

    def note(self, path: Path, entry: dict[str, object], kept: Kept | None) -> None:
        """A line in the log beside the recording. Raises OSError."""
        known = {} if kept is None else {"file": kept.file, "bytes": kept.bytes, "sha256": kept.sha256}
        line = json.dumps(
            {key: value for key, value in (entry | known).items() if value is not None}, ensure_ascii=False
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(self._log).open("ab") as file:
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        if kept is not None:
            self._kept(kept)
        if entry.get("problem") is None:
            self._say(None)

    def give_up(self, path: Path, error: Exception) -> str:
        """Why, in words; nothing of it is left."""
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        with contextlib.suppress(OSError):  # the disk that refused it may refuse this as well
            part_of(path).unlink(missing_ok=True)
        self._say(_failed(self.folder, reason))
        return reason

    def adopt(self) -> None:
        """What was under way when the power failed, or we were killed: it plays up to then, and goes into the log."""
        for part in sorted(self.folder.rglob(f".*{self._kind}{_PART}")):
            path = part.with_name(part.name.removeprefix(".").removesuffix(_PART))
            try:
                if not part.stat().st_size:
                    part.unlink()
                    continue
                self.note(path, {**_from_name(self.folder, path), "torn": True}, self.complete(path))
            except OSError as error:
                log.warning("talk.not_adopted", file=path.name, why=error.strerror)

    def _say(self, problem: Problem | None) -> None:
        if self._failing or problem is not None:
            self._failing = problem is not None
            self._told(problem)

    def _files(self) -> list[tuple[float, int, Path]]:
        """Changed when (s since 1970), bytes, where."""
        found = []
        for path in self.folder.rglob(f"*{self._kind}*"):
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                if path.is_file():
                    found.append((stat.st_mtime, stat.st_size, path))
        return found

    def _swept(self, limit: int) -> int:
        """Remove the oldest until at most `limit` bytes are left; how many that is. Raises OSError."""
        files = sorted(self._files())
        size, removed = sum(bytes_ for _, bytes_, _ in files), 0
        for _, bytes_, path in files:
            if size <= limit:
                break
            path.unlink(missing_ok=True)
            _forget(path.parent)
            size, removed = size - bytes_, removed + 1
        log.info("talk.recordings_removed", kind=self._kind, files=removed, bytes_left=size)
        return size

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.folder))


def part_of(path: Path) -> Path:
    """Where it is written until it is whole."""
    return path.with_name(f".{path.name}{_PART}")


def _forget(day: Path) -> None:
    """The logs of a day go with the last of its recordings, of whatever kind."""
    left = list(day.iterdir())
    for log_ in left if all(one.suffix == ".jsonl" for one in left) else ():
        log_.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_name(folder: Path, path: Path) -> dict[str, object]:
    """What the place of a recording tells of it."""
    group, *day, name = path.relative_to(folder).parts
    clock, _, member = name.removesuffix(path.suffix).partition("-")
    since = datetime.strptime("/".join([*day, clock]), "%Y/%m/%d/%H%M%S.%f").replace(tzinfo=UTC)
    return {"group": group, "member": member, "since": since.timestamp()}


def _failed(folder: Path, reason: str) -> Problem:
    return Problem(
        "talk.not_recorded",
        Text(f"talk is not recorded under {folder}: {reason}", f"无法在 {folder} 保存对讲录音：{reason}"),
        Text(
            "free some space or check the disk; talk itself goes on",
            "请清理空间或检查磁盘；对讲本身不受影响",
        ),
    )
