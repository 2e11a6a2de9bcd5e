"""Stills and clips that people ask for, fetched beside the analysis by a thread of their own."""

import contextlib
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.envelope import Proof
from edge.worker.messages import Cut, Fetched, Piece, Take
from edge.worker.proofs import named
from edge.worker.recorded import recorded
from edge.worker.recorder import Recorder, Recording
from edge.worker.station import Station
from inference import snapshot
from inference.snapshot import SnapshotFailed
from streams.clip import ClipFailed
from streams.frame import Frame
from streams.problem import Problem, Text
from streams.ring import Ring
from streams.still import still

log = structlog.get_logger()

_MOST = 16  # orders waiting; what the office has under way at most
_PACE = 0.25  # s between two looks whether a clip is done


@dataclass(frozen=True, slots=True)
class _Open:
    """A clip that is being written, and what was there before it."""

    order: Cut
    recording: Recording
    pieces: tuple[Piece, ...]


class Errands:
    """send: takes what came of each, from this thread."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        recorder: Recorder,
        root: Path,
        send: Callable[[Fetched], None],
    ) -> None:
        self._stations, self._recorder, self._root, self._send = stations, recorder, root, send
        self._orders: queue.Queue[Take | Cut] = queue.Queue(_MOST)
        self._open: list[_Open] = []
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def obey(self, order: Take | Cut) -> None:
        """From another thread."""
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            self._send(Fetched(errand=order.errand, problem=_TOO_MANY))

    def _run(self) -> None:
        """Until the process ends, or the daemon has."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while True:
                with contextlib.suppress(queue.Empty):
                    self._fetch(self._orders.get(timeout=_PACE if self._open else None))
                self._look_after()

    def _fetch(self, order: Take | Cut) -> None:
        try:
            if isinstance(order, Take):
                self._send(Fetched(errand=order.errand, pieces=(self._taken(order),)))
            else:
                self._cut(order)
        except SnapshotFailed as failed:
            self._send(Fetched(errand=order.errand, problem=failed.problem))
        except ClipFailed as failed:
            self._send(Fetched(errand=order.errand, problem=_unreadable(str(failed))))
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception:  # a defect in one errand must not end those after it
            log.exception("errands.defect", camera=order.camera)
            self._send(Fetched(errand=order.errand, problem=_DEFECT))

    def _taken(self, order: Take) -> Piece:
        """Raises SnapshotFailed."""
        station = self._stations.get(order.camera)  # it may have been removed since it was asked for
        newest = station.ring.newest if station is not None else None
        if station is None or newest is None or not station.flows:
            raise SnapshotFailed(_no_picture(order.camera))
        picture = still(station.ring, newest)
        if picture is None:
            raise SnapshotFailed(_no_picture(order.camera))
        shown = (picture.pts or 0) / 1_000_000
        data = snapshot.jpeg(Frame(picture, shown, 0), order.width)
        return Piece(
            proof=named(snapshot.keep(self._root, order.name, "clean", data)), start=shown, end=shown
        )

    def _cut(self, order: Cut) -> None:
        """What the ring still has is written anew; what it has not any more, events may have recorded. Raises
        ClipFailed."""
        station = self._stations.get(order.camera)
        if station is None:
            self._told(order, recorded(self._root, order.camera, order.start, order.end))
            return
        ring = station.ring
        reaches = _reaches(ring)
        pieces: tuple[Piece, ...] = ()
        if reaches is None or order.start < reaches:
            until = order.end if reaches is None else min(order.end, reaches)
            pieces = recorded(self._root, order.camera, order.start, until)
        if reaches is None or order.end <= reaches:
            self._told(order, pieces)
            return
        recording = self._recorder.order(ring, order.name, max(order.start, reaches), order.end)
        if recording is None:
            self._send(Fetched(errand=order.errand, problem=_TOO_MANY))
            return
        self._open.append(_Open(order, recording, pieces))

    def _look_after(self) -> None:
        done = [each for each in self._open if each.recording.done.is_set()]
        self._open = [each for each in self._open if each not in done]
        for each in done:
            recording = each.recording
            if recording.problem is not None and not each.pieces:
                self._send(Fetched(errand=each.order.errand, problem=recording.problem))
                continue
            fresh = () if recording.problem is not None else (_piece(recording),)
            self._told(each.order, each.pieces + fresh)

    def _told(self, order: Cut, pieces: tuple[Piece, ...]) -> None:
        problem = None if pieces else _nothing(order.camera)
        self._send(Fetched(errand=order.errand, pieces=pieces, problem=problem))


def _reaches(ring: Ring) -> float | None:
    """How far back it goes, s since 1970; None: it is empty."""
    first = ring.key_before(0.0)
    kept = None if first is None else ring.read(first - 1, 0.0)
    return None if kept is None else kept.packet.dts


def _piece(recording: Recording) -> Piece:
    uri = f"evidence/{recording.name}"
    proof = Proof(kind="clip", uri=uri, size=recording.bytes, sha256=recording.sha256)
    return Piece(proof=proof, start=recording.began, end=recording.ended)


_TOO_MANY = Problem(
    "order.errands",
    Text("too many pictures and clips are being fetched at once", "同时提取的图片和录像过多"),
    Text("ask again in a moment", "请稍后重试"),
)
_DEFECT = Problem(
    "order.defect",
    Text("something went wrong inside", "内部错误"),
    Text("look into the gateway's log", "请查看网关日志"),
)


def _no_picture(camera: str) -> Problem:
    return Problem(
        "order.no_picture",
        Text(f"{camera} sends no picture now", f"{camera} 当前没有画面"),
        Text(
            "check the camera; a folder of separate pictures has no stream to take one from",
            "请检查摄像机；图片文件夹没有可抓拍的码流",
        ),
    )


def _nothing(camera: str) -> Problem:
    return Problem(
        "order.nothing_recorded",
        Text(f"nothing of {camera} was recorded in that time", f"该时段没有 {camera} 的录像"),
        Text(
            "ask sooner, or raise the seconds of its ring; events keep their own recordings",
            "请尽早调取，或加大该路的 ring 秒数；事件录像另有保存",
        ),
    )


def _unreadable(why: str) -> Problem:
    return Problem(
        "order.recordings",
        Text(f"the recordings cannot be read: {why}", f"无法读取录像：{why}"),
        Text("check the disk; ask for a shorter time", "请检查磁盘；或缩短调取时段"),
    )
