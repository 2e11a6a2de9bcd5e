"""What was said in the talk groups, kept as proof: one file per speech, and a log of who had the floor when.

FOLDER/GROUP/2026/11/22/103800.250-badge-17.webm   the speech, as received
FOLDER/GROUP/2026/11/22/floor.jsonl                one line per speech: who, from when to when, losses, file, SHA-256
"""

import contextlib
import json
import os
import queue
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from relay.media.stream import Packet
from relay.opusfile import NotWritten, OpusFile, sha256
from streams.problem import Problem, Text

log = structlog.get_logger()

_QUEUE = 2000  # packets waiting for the disk: four groups in which somebody speaks, for 10 s
_RESERVE = 256 << 20  # bytes left on the disk for events and their proof, which come first
_DOWN_TO = 0.95  # of the limit: not every speech has to look through all files
_LOG = "floor.jsonl"


@dataclass(frozen=True, slots=True)
class Said:
    """One speech. since, until: s since 1970. ended: a word of relay.talk.Leaving or Revocation."""

    group: str
    member: str
    since: float
    until: float
    emergency: bool
    ended: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """Its file, or why there is none. packets, lost: written, missing; dropped: those the disk was too slow for."""

    file: str | None = None
    bytes: int = 0
    sha256: str = ""
    seconds: float = 0.0
    packets: int = 0
    lost: int = 0
    late: int = 0
    dropped: int = 0
    problem: str | None = None


class Tape:
    """One speech while it lasts: a Sink of relay.media.switch. Nothing here waits for the disk."""

    def __init__(self, recorder: "Recorder", path: Path) -> None:
        self.path = path
        self.dropped = 0
        self._recorder = recorder
        # The recorder's thread alone touches these.
        self.file: OpusFile | None = None
        self.failure: str | None = None

    def put(self, packet: Packet) -> None:
        if not self._recorder.take(self, packet):
            self.dropped += 1

    def end(self, said: Said) -> None:
        """Always heard: the log is to be without gaps."""
        self._recorder.finish(self, said)


class Recorder:
    """The thread that writes all tapes of a box.

    limit: bytes of everything under `folder`; the oldest goes first. told: called from the thread when recording
    fails (a Problem) and when it works again (None); talk goes on either way.
    """

    def __init__(self, folder: Path, limit: int, told: Callable[[Problem | None], None]) -> None:
        self._folder, self._limit, self._told = folder, limit, told
        self._work: queue.SimpleQueue[tuple[Tape, Packet | Said] | None] = queue.SimpleQueue()
        self._size: int | None = None
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="talk-recorder", daemon=True)
        self._thread.start()

    def begin(self, group: str, member: str, now: float) -> Tape:
        """A speech begins. group, member: names without a slash; now: s since 1970."""
        moment = datetime.fromtimestamp(now, UTC)
        name = f"{moment:%H%M%S}.{moment.microsecond // 1000:03d}-{member}.webm"
        return Tape(self, self._folder / group / f"{moment:%Y/%m/%d}" / name)

    def take(self, tape: Tape, packet: Packet) -> bool:
        """False: too much waits for the disk."""
        if self._work.qsize() >= _QUEUE:
            return False
        self._work.put((tape, packet))
        return True

    def finish(self, tape: Tape, said: Said) -> None:
        self._work.put((tape, said))

    def close(self, patience: float) -> None:
        """Write what waits, for at most `patience` s."""
        self._work.put(None)
        self._thread.join(patience)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            tape, what = work
            try:
                self._write(tape, what) if isinstance(what, Packet) else self._end(tape, what)
            except Exception:  # a defect in one speech must not end the recording of all
                log.exception("talk.recorder_defect", file=tape.path.name)

    def _write(self, tape: Tape, packet: Packet) -> None:
        if tape.failure is not None:
            return
        try:
            if tape.file is None:
                self._make_room(tape.path)
                tape.file = OpusFile(_part(tape.path))
            tape.file.write(packet)
        except (NotWritten, OSError) as error:
            self._give_up(tape, error)

    def _end(self, tape: Tape, said: Said) -> None:
        kept = self._completed(tape)
        entry = {**asdict(said), **{key: value for key, value in asdict(kept).items() if value is not None}}
        try:
            self._log(tape.path.with_name(_LOG), entry)
        except OSError as error:
            self._give_up(tape, error)
        if tape.failure is None:
            self._say(None)

    def _completed(self, tape: Tape) -> _Kept:
        file = tape.file
        if tape.failure is None and file is not None:
            try:
                return self._whole(tape, file)
            except (NotWritten, OSError) as error:
                self._give_up(tape, error)
        return _Kept(dropped=tape.dropped, problem=tape.failure)

    def _whole(self, tape: Tape, file: OpusFile) -> _Kept:
        """Durable and atomic: the file is whole, or not there."""
        file.close()
        part = _part(tape.path)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        digest, size = sha256(part), part.stat().st_size
        part.replace(tape.path)
        self._size = (self._size or 0) + size
        name = str(tape.path.relative_to(self._folder))
        return _Kept(
            name, size, digest, round(file.seconds, 3), file.packets, file.lost, file.late, tape.dropped
        )

    def _log(self, path: Path, entry: dict[str, object]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with path.open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        self._size = (self._size or 0) + len(line)

    def _give_up(self, tape: Tape, error: Exception) -> None:
        tape.failure = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if tape.file is not None:
            tape.file.discard()
        with contextlib.suppress(OSError):  # the disk that refused the speech may refuse this as well
            _part(tape.path).unlink(missing_ok=True)
        self._say(_failed(self._folder, tape.failure))

    def _make_room(self, path: Path) -> None:
        """Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._size is None:
            self._size = sum(size for _, size, _ in _files(self._folder))
        if self._size > self._limit:
            self._size = _sweep(self._folder, int(self._limit * _DOWN_TO))
        if shutil.disk_usage(path.parent).free < _RESERVE:
            raise NotWritten(f"less than {_RESERVE >> 20} MiB are left, which are kept for events")

    def _say(self, problem: Problem | None) -> None:
        if self._failing or problem is not None:
            self._failing = problem is not None
            self._told(problem)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _files(folder: Path) -> list[tuple[float, int, Path]]:
    """Changed when (s since 1970), bytes, where."""
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            if path.is_file():
                found.append((stat.st_mtime, stat.st_size, path))
    return found


def _sweep(folder: Path, limit: int) -> int:
    """Remove the oldest until at most `limit` bytes are left; how many that is. Raises OSError."""
    files = sorted(_files(folder))
    size = sum(bytes_ for _, bytes_, _ in files)
    removed = 0
    for _, bytes_, path in files:
        if size <= limit:
            break
        path.unlink(missing_ok=True)
        size, removed = size - bytes_, removed + 1
    log.info("talk.recordings_removed", files=removed, bytes_left=size)
    return size


def _failed(folder: Path, reason: str) -> Problem:
    return Problem(
        "talk.not_recorded",
        Text(f"talk is not recorded under {folder}: {reason}", f"无法在 {folder} 保存对讲录音：{reason}"),
        Text(
            "free some space or check the disk; talk itself goes on",
            "请清理空间或检查磁盘；对讲本身不受影响",
        ),
    )
