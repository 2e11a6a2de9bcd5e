"""Stills and clips by order: the worker's part on real packets, then a whole worker process."""

import asyncio
import base64
import hashlib
import io
import threading
import time
from pathlib import Path

import av
import pytest

from edge.orders.office import Orders
from edge.orders.words import Done
from edge.worker import recorder as recording
from edge.worker.errands import Errands
from edge.worker.job import CameraJob
from edge.worker.messages import Cut, Fetched, FromWorker, Piece, Ready, Take, Width
from edge.worker.parent import VisionWorker
from edge.worker.recorder import Recorder
from edge.worker.station import Station
from streams.clip import ClipWriter
from streams.reader import CameraReport, CameraState
from streams.sources import file
from streams.units import epoch
from tests.edge.test_worker import CLIP, job
from tests.support import ffmpeg
from tests.support.encoded import START, Shot, shot
from tests.support.ordering import Place, answers, asked, working
from tests.support.sinks import eventually


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_PACE", 0.01)


class Desk:
    """A camera that sent something, and whoever fetches of it."""

    def __init__(self, storage: Path) -> None:
        self.root, self.said = storage / "evidence", list[Fetched]()
        source = file.Spec(path=Path("/nonexistent"), pace="real")
        made = CameraJob(name="gate", source=source, fps=5, zones={}, rules=(), ring=120.0)
        bell = threading.Event()
        self.station = Station(made, bell, lambda _: None, lambda *_: None)
        recorder = Recorder(self.root, bell)
        recorder.start()
        self.errands = Errands({"gate": self.station}, recorder, self.root, self.said.append)
        self.errands.start()
        self.becomes(CameraState.LIVE)

    def becomes(self, state: CameraState) -> None:
        """What its reader would say."""
        self.station.camera._reader._state = CameraReport("gate", state)

    def sends(self, taken: Shot) -> None:
        self.station.camera.sink.opened(taken.info)
        for packet in taken.packets:
            self.station.camera.sink.packet(packet)

    def fetches(self, order: Take | Cut) -> Fetched:
        self.said.clear()
        self.errands.obey(order)
        eventually(lambda: [each for each in self.said if each.errand == order.errand])
        return next(each for each in self.said if each.errand == order.errand)

    def refusal(self, order: Take | Cut) -> str | None:
        problem = self.fetches(order).problem
        return problem.code if problem else None

    def sound(self, piece: Piece) -> Path:
        path = self.root.parent / piece.proof.uri
        content = path.read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (piece.proof.size, piece.proof.sha256)
        return path


def take() -> Take:
    return Take(errand="e", camera="gate", name="gate/2026/05/01/x-order.jpg")


def cut(start: float, end: float, errand: str = "e") -> Cut:
    name = f"gate/2023/11/14/{errand}-order.mp4"
    return Cut(errand=errand, camera="gate", name=name, start=START + start, end=START + end)


def event(desk: Desk, taken: Shot, name: str) -> Path:
    """A recording that an event kept, of all that was sent."""
    path = desk.root / "gate" / time.strftime("%Y/%m/%d", time.gmtime(taken.packets[0].time)) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with ClipWriter(path, taken.info) as clip:
        for packet in taken.packets:
            clip.write(packet)
    return path


def test_a_still_is_the_newest_picture_in_full_size(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.sends(shot(frames=35, size=(320, 240)))
    (piece,) = desk.fetches(take()).pieces
    assert piece.start == piece.end == pytest.approx(START + 3.4, abs=0.01)
    with av.open(str(desk.sound(piece))) as picture:
        assert (picture.streams.video[0].width, picture.streams.video[0].height) == (320, 240)


def test_a_still_is_made_smaller_and_never_larger(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.sends(shot(frames=5, size=(960, 544)))
    for width, size in ((Width.TILE, (480, 272)), (Width.LARGE, (960, 544)), (Width.SCREEN, (960, 544))):
        (piece,) = desk.fetches(take().model_copy(update={"width": width})).pieces
        with av.open(str(desk.sound(piece))) as picture:
            assert (picture.streams.video[0].width, picture.streams.video[0].height) == size


def test_nothing_is_shown_for_now_while_the_camera_is_away(tmp_path: Path) -> None:
    """Its ring still has what was before."""
    desk = Desk(tmp_path)
    assert desk.refusal(take()) == "order.no_picture"
    desk.sends(shot(frames=20))
    assert desk.fetches(take()).problem is None
    desk.becomes(CameraState.RETRYING)
    assert desk.refusal(take()) == "order.no_picture"


def test_a_clip_out_of_the_ring_is_what_the_camera_sent(tmp_path: Path) -> None:
    desk, taken = Desk(tmp_path), shot(frames=60)
    desk.sends(taken)
    (piece,) = desk.fetches(cut(2.3, 4.0)).pieces
    path = desk.sound(piece)
    assert ffmpeg.complaints(path) == ""
    # From the key frame before 2.3 s to the last picture of 4.0 s.
    assert (piece.start, piece.end) == pytest.approx((START + 2.0, START + 4.0), abs=0.01)
    assert len(ffmpeg.times(path)) == 21
    with av.open(str(path)) as clip:
        sent = [bytes(packet) for packet in clip.demux(video=0) if packet.size]
    # MP4 counts the bytes of a unit where Annex B has a start code (ISO/IEC 14496-15); the unit is the same.
    assert all(
        one.data.rpartition(b"\0\0\1")[2] in kept for one, kept in zip(taken.packets[20:], sent, strict=False)
    )


def test_what_the_ring_has_lost_comes_from_the_recordings_of_events(tmp_path: Path) -> None:
    desk, early, now = Desk(tmp_path), shot(frames=40), shot(frames=40).after(100.0)
    kept = event(desk, early, "0190.mp4")
    event(desk, early.after(-50.0), "0180.mp4")  # of another time
    desk.sends(now)
    first, second = desk.fetches(cut(2.0, 102.0)).pieces
    assert desk.sound(first) == kept
    assert (first.start, first.end) == pytest.approx((START, START + 3.9), abs=1.0)
    assert second.start == pytest.approx(START + 100.0, abs=0.01)
    (only,) = desk.fetches(cut(1.0, 3.0, "f")).pieces
    assert desk.sound(only) == kept


def test_a_clip_that_an_order_made_is_no_event(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    event(desk, shot(frames=40), "0190-order.mp4")
    assert desk.refusal(cut(0.0, 3.0)) == "order.nothing_recorded"


def test_files_that_are_no_recordings_are_passed_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    kept = event(desk, shot(frames=40), "0190.mp4")
    (kept.parent / "0001.mp4").write_bytes(b"\0" * 1000)
    (kept.parent / "0002.mp4").write_bytes(kept.read_bytes()[:500])
    (piece,) = desk.fetches(cut(0.0, 3.0)).pieces
    assert desk.sound(piece) == kept


def test_more_than_can_wait_is_refused_and_the_rest_is_fetched(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.sends(shot(frames=60))
    for number in range(60):
        desk.errands.obey(cut(0.0, 5.0, f"e{number}"))
    eventually(lambda: len(desk.said) == 60)
    codes = {each.problem.code if each.problem else "done" for each in desk.said}
    assert codes == {"done", "order.errands"}


async def test_a_whole_worker_takes_a_still_and_a_clip(tmp_path: Path) -> None:
    """By order, through the office, in a process of its own."""
    place = Place(tmp_path)
    orders, box = place.made()
    ready = asyncio.Event()

    async def receive(message: FromWorker) -> None:
        if isinstance(message, Fetched):
            box.errands.heard(message)
        elif isinstance(message, Ready):
            ready.set()

    worker = VisionWorker(job(tmp_path / "evidence"), receive)
    place.worker._obey = worker.order
    running = asyncio.create_task(worker.run())
    try:
        async with working(orders), asyncio.timeout(60):
            await ready.wait()
            done = await still(orders)
            shown = float(epoch(done.result["file"]["since"]))  # type: ignore[arg-type, index, call-overload]
            clip = asked(camera="gate", **{"from": shown - 1.0, "to": shown + 0.5})
            *_, cut_out = await answers(orders, "clip", clip)
    finally:
        running.cancel()
        await asyncio.wait([running])
    raw = base64.b64decode(str(done.result["jpeg"]))
    named = done.result["file"]
    assert isinstance(named, dict)
    assert hashlib.sha256(raw).hexdigest() == named["sha256"]
    with av.open(io.BytesIO(raw)) as picture, av.open(str(CLIP)) as original:
        assert picture.streams.video[0].width == original.streams.video[0].width
    assert isinstance(cut_out, Done), cut_out
    files = cut_out.result["files"]
    assert isinstance(files, list)
    (piece,) = files
    assert isinstance(piece, dict)
    assert ffmpeg.complaints(tmp_path / str(piece["uri"])) == ""
    assert {line.files[0].uri for line in place.audited() if line.files} == {named["uri"], piece["uri"]}


async def still(orders: Orders) -> Done:
    """As soon as there is a picture."""
    while True:
        *_, answer = await answers(orders, "snapshot", asked(camera="gate", inline_kb=256))
        if isinstance(answer, Done):
            return answer
        await asyncio.sleep(0.1)
