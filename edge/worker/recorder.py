"""Clips of events, written beside the analysis while their seconds pass."""

import contextlib
import hashlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import structlog

from streams.clip import ClipFailed, ClipWriter
from streams.problem import Problem, Text
from streams.ring import Kept, Ring

log = structlog.get_logger()

_MOST = 32  # clips being written at once: a convoy in front of four cameras
_PACE = 0.25  # s between two rounds: a quarter of a second's packets at a time
_OVERTIME = 10.0  # s after a clip should have ended: its camera is gone, and what there is has to do
_AWAY = 5.0  # s without a packet after which a camera counts as gone (see read_timeout): two clips, not a gap
_BLOCK = 1 << 20  # bytes hashed at a time


class Recording:
    """One clip under way. `done` is set once `path` is whole, or `problem` says why it is not."""

    def __init__(
        self, ring: Ring, root: Path, name: str, start: float, end: float, hurry: threading.Event
    ) -> None:
        """name: under root, "camera/2026/05/01/….mp4". start, end: s since 1970. hurry: set by `cut`."""
        self.name = name
        self._hurry = hurry
        self.done = threading.Event()
        self.problem: Problem | None = None
        self.bytes, self.sha256 = 0, ""
        self.began = 0.0
        """When its first picture was shown, s since 1970; once it is done."""
        self._ring, self._root, self._end = ring, root, end
        self._part = (root / name).with_name(f".{Path(name).name}.part")
        self._writer: ClipWriter | None = None
        first = ring.key_before(start)
        self._ordered = ring.last_number
        self._place = self._ordered if first is None else first - 1
        self._last: Kept | None = None
        self._deadline = time.monotonic() + max(0.0, end - time.time()) + _OVERTIME

    @property
    def ended(self) -> float:
        """When its last picture was shown, s since 1970; once it is done."""
        return self._last.packet.time if self._last else self.began

    def cut(self) -> None:
        """End with what has come so far."""
        self._deadline = 0.0
        self._hurry.set()

    def advance(self) -> None:
        """Write what has come since; finish when the time is over."""
        try:
            over = self._write()
            if over or time.monotonic() >= self._deadline:
                self._finish()
        except (OSError, ClipFailed) as error:
            self._give_up(error)
        except Exception as error:  # a defect in one clip must not hold up an event's END for ever
            log.exception("recorder.defect", clip=self.name)
            self._give_up(error)

    def _write(self) -> bool:
        """True: it has all its seconds, or the camera's stream became another one."""
        while (kept := self._ring.read(self._place, 0.0)) is not None:
            changed = self._last is not None and not _goes_on(self._last, kept)
            if changed and kept.number <= self._ordered:
                self._begin_again()
            elif changed or kept.packet.dts > self._end:
                return self._writer is not None
            self._place = kept.number
            self._put(kept)
        return False

    def _begin_again(self) -> None:
        """What came before the event does not go with it, and the event is worth more."""
        if self._writer is not None:
            self._writer.discard()
        self._writer = self._last = None

    def _put(self, kept: Kept) -> None:
        if self._writer is None:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._writer = ClipWriter(self._part, kept.info)
            self.began = kept.packet.time
        self._writer.write(kept.packet)
        self._last = kept

    def _finish(self) -> None:
        """Durable and atomic, like a snapshot: the old state or the whole clip."""
        if self._writer is None:
            raise ClipFailed("nothing came from the camera")
        self._writer.close()
        self._writer = None
        digest = hashlib.sha256()
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
            while block := file.read(_BLOCK):
                digest.update(block)
                self.bytes += len(block)
        self.sha256 = digest.hexdigest()
        self._part.replace(self._root / self.name)
        self.done.set()

    def _give_up(self, error: Exception) -> None:
        self.problem = _not_recorded(self._root, error)
        if self._writer is not None:
            self._writer.discard()
        with contextlib.suppress(OSError):  # the disk that refused the clip may refuse this as well
            self._part.unlink(missing_ok=True)
        self.done.set()


class Recorder:
    """The thread that moves all recordings of a worker along."""

    def __init__(self, root: Path, bell: threading.Event) -> None:
        """bell: rung when a recording is done."""
        self._root, self._bell = root, bell
        self._lock = threading.Lock()
        self._open: list[Recording] = []
        self._work, self._hurry = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.refused = 0

    def start(self) -> None:
        self._thread.start()

    def order(self, ring: Ring, name: str, start: float, end: float) -> Recording | None:
        """None: too many are being written already; `refused` counts."""
        with self._lock:
            if len(self._open) >= _MOST:
                self.refused += 1
                log.warning("recorder.too_many", clip=name, most=_MOST)
                return None
            recording = Recording(ring, self._root, name, start, end, self._hurry)
            self._open.append(recording)
        self._work.set()
        return recording

    def _run(self) -> None:
        while True:
            self._work.wait()
            self._round()
            self._hurry.wait(_PACE)
            self._hurry.clear()

    def _round(self) -> None:
        with self._lock:
            under_way = list(self._open)
        for recording in under_way:
            recording.advance()
        with self._lock:
            self._open = [recording for recording in self._open if not recording.done.is_set()]
            if not self._open:
                self._work.clear()
        if any(recording.done.is_set() for recording in under_way):
            self._bell.set()


def _goes_on(last: Kept, kept: Kept) -> bool:
    """Whether both fit into one clip. The declared rate is a guess, another one at each connection."""
    alike = replace(last.info, rate=None) == replace(kept.info, rate=None)
    return alike and kept.packet.dts - last.packet.dts < _AWAY


def _not_recorded(root: Path, error: Exception) -> Problem:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Problem(
        "clip.failed",
        Text(f"no clip could be kept under {root}: {reason}", f"无法在 {root} 保存录像：{reason}"),
        Text(
            "free some space or check the disk and the camera; events go on without clips",
            "请清理空间，检查磁盘和摄像机；事件照常上报，但没有录像",
        ),
    )
