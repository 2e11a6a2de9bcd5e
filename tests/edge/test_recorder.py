"""Clips of events, from a ring that fills while they are written."""

import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from edge.worker import recorder as module
from edge.worker.recorder import Recorder, Recording
from streams.camera import RingSink
from streams.ring import Ring
from streams.source import StreamInfo
from tests.support import ffmpeg
from tests.support.browser import played
from tests.support.encoded import START, Shot, filled, shot
from tests.support.sinks import PATIENCE, eventually

NAME = "gate/2023/11/14/case.mp4"


class Work:
    """A recorder's thread and a ring; times are s from START, and clips do not wait for a camera that is gone."""

    def __init__(self, root: Path, seconds: float = 60.0) -> None:
        self.root, self.bell = root, threading.Event()
        self.recorder = Recorder(root, self.bell)
        self.ring = Ring(seconds)
        self.recorder.start()

    def orders(self, start: float, end: float, name: str = NAME) -> Recording:
        recording = self.recorder.order(self.ring, name, START + start, START + end)
        assert recording is not None
        return recording

    def gets(self, start: float, end: float) -> Path:
        """A clip that is written without a complaint."""
        recording = self.orders(start, end)
        assert recording.done.wait(PATIENCE)
        assert recording.problem is None
        path = self.root / recording.name
        assert ffmpeg.complaints(path) == ""
        return path


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setattr(module, "_PACE", 0.01)
    monkeypatch.setattr(module, "_OVERTIME", 0.5)
    return Work(tmp_path / "evidence")


def pictures(path: Path) -> int:
    return int(ffmpeg.stream(path)["nb_read_frames"])


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
@pytest.mark.parametrize("bframes", [0, 2])
def test_it_begins_at_the_key_frame_before_and_ends_with_its_time(
    codec: str, bframes: int, work: Work
) -> None:
    taken = shot(codec=codec, bframes=bframes if codec != "mjpeg" else 0)
    filled(work.ring, taken)
    path = work.gets(1.55, 3.05)
    begin = 1.5 if codec == "mjpeg" else 1.0
    assert pictures(path) == round((3.0 - begin) * 10) + 1
    assert ffmpeg.times(path)[0] == pytest.approx(taken.packets[0].time - START, abs=1e-3)


def test_what_the_ring_no_longer_has_is_not_waited_for(work: Work) -> None:
    filled(work.ring, shot())
    assert pictures(work.gets(-30, 2.05)) == 21


def test_its_seconds_are_written_while_they_pass(work: Work) -> None:
    taken = shot()
    work.ring.open(taken.info)
    for packet in taken.packets[:15]:
        work.ring.put(packet)
    recording = work.orders(0.5, 2.55)
    recording._deadline += PATIENCE  # the camera is there: it only takes its time
    part = work.root / "gate/2023/11/14/.case.mp4.part"
    eventually(part.exists)
    for packet in taken.packets[15:]:
        assert not recording.done.wait(0.01) or packet.time > START + 2.5
        work.ring.put(packet)
    assert recording.done.wait(PATIENCE)
    assert work.bell.is_set()
    assert pictures(work.root / recording.name) == 26
    assert not part.exists()


def test_its_hash_and_size_are_those_of_the_file(work: Work) -> None:
    filled(work.ring, shot())
    recording = work.orders(0, 3)
    assert recording.done.wait(PATIENCE)
    content = (work.root / NAME).read_bytes()
    assert recording.name == NAME
    assert (recording.bytes, recording.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert [path.name for path in (work.root / NAME).parent.iterdir()] == ["case.mp4"]


def test_a_camera_that_dies_leaves_what_there_is(work: Work) -> None:
    filled(work.ring, shot())
    assert pictures(work.gets(2.0, 10.0)) == 20


def test_a_camera_that_comes_back_long_after_is_not_waited_for_in_the_same_clip(work: Work) -> None:
    filled(work.ring, shot())
    recording = work.orders(2.0, 3000.0)
    eventually(lambda: recording._last is not None)
    filled(work.ring, shot().after(600))
    assert recording.done.wait(PATIENCE)
    assert pictures(work.root / NAME) == 20


def test_a_short_break_stays_in_the_clip(work: Work) -> None:
    filled(work.ring, shot(), shot().after(6))
    path = work.gets(2.0, 8.05)
    assert pictures(path) == 20 + 21
    assert ffmpeg.times(path)[20] == pytest.approx(4.0, abs=1e-3)


def test_another_declared_rate_after_a_reconnect_stays_in_the_clip(work: Work) -> None:
    again = shot().after(6)
    filled(work.ring, shot(), replace(again, info=replace(again.info, rate=None)))
    assert pictures(work.gets(2.0, 8.05)) == 20 + 21


def test_what_lies_in_the_ring_from_before_an_outage_is_no_pre_roll(work: Work) -> None:
    """Otherwise the clip would show an hour's standstill before its event."""
    filled(work.ring, shot(), shot().after(3600))
    path = work.gets(3597, 3603.05)
    assert pictures(path) == 31
    assert float(ffmpeg.stream(path)["duration"]) == pytest.approx(3.1, abs=0.01)


def test_a_resolution_that_changes_after_the_event_ends_the_clip(work: Work) -> None:
    small, large = shot(), shot(size=(320, 240)).after(4)
    sink = RingSink(work.ring)
    sink.opened(small.info)
    for packet in small.packets:
        sink.packet(packet)
    recording = work.orders(2.0, 7.0)
    for packet in large.packets:
        sink.packet(packet)
    assert recording.done.wait(PATIENCE)
    path = work.root / NAME
    assert ffmpeg.complaints(path) == ""
    assert (pictures(path), ffmpeg.stream(path)["width"]) == (20, 160)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_stream_that_changes_before_the_event_is_left_out(codec: str, work: Work) -> None:
    filled(work.ring, shot(), shot(codec=codec, size=(320, 240)).after(4))
    path = work.gets(2.0, 6.05)
    assert (pictures(path), ffmpeg.stream(path)["width"]) == (21, 320)


def test_nothing_from_the_camera_is_a_problem_said_in_both_languages(work: Work) -> None:
    recording = work.orders(0.0, 1.0)
    assert recording.done.wait(PATIENCE)
    assert recording.problem is not None
    assert recording.problem.code == "clip.failed"
    assert "nothing came from the camera" in recording.problem.say("en")
    assert "录像" in recording.problem.say("zh")


def test_cut_ends_it_with_what_there_is(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACE", 10 * PATIENCE)  # it does not wait for its next round
    filled(work.ring, shot())
    recording = work.orders(2.0, 5000.0)
    recording._deadline += 10 * PATIENCE
    eventually(lambda: recording._last is not None)
    recording.cut()
    assert recording.done.wait(PATIENCE)
    assert recording.problem is None
    assert pictures(work.root / NAME) == 20


def test_a_full_disk_costs_the_clip_and_nothing_stays_behind(work: Work) -> None:
    part = work.root / "gate/2023/11/14/.case.mp4.part"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    filled(work.ring, shot())
    recording = work.orders(0.0, 3.0)
    assert recording.done.wait(PATIENCE)
    assert recording.problem is not None
    assert "No space left" in recording.problem.say("en")
    assert list(part.parent.iterdir()) == []
    assert Path("/dev/full").exists()


def test_a_folder_that_cannot_be_made_costs_the_clip_and_no_other(work: Work) -> None:
    work.root.mkdir()
    (work.root / "gate").write_text("in the way")
    filled(work.ring, shot())
    recording = work.orders(0.0, 3.0)
    assert recording.done.wait(PATIENCE)
    assert recording.problem is not None
    other = work.orders(0.0, 3.0, "other/case.mp4")
    assert other.done.wait(PATIENCE)
    assert other.problem is None


def test_a_stream_that_fits_into_no_clip_is_a_problem(work: Work) -> None:
    taken = shot()
    filled(work.ring, Shot(StreamInfo("vp8", 160, 120, None), taken.packets))
    recording = work.orders(0.0, 3.0)
    assert recording.done.wait(PATIENCE)
    assert recording.problem is not None
    assert "vp8" in recording.problem.say("en")


def test_a_defect_in_one_clip_holds_up_no_end_and_no_other_clip(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(work.ring, shot())
    monkeypatch.setattr(module, "ClipWriter", lambda *_: 1 // 0)
    recording = work.orders(0.0, 3.0)
    assert recording.done.wait(PATIENCE)
    assert recording.problem is not None
    monkeypatch.undo()
    assert pictures(work.gets(0.0, 3.05)) == 31


def test_more_than_can_be_written_at_once_is_refused_and_counted(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    filled(work.ring, shot())
    under_way = [work.orders(0.0, 9e9, f"gate/{number}.mp4") for number in range(2)]
    assert work.recorder.order(work.ring, "gate/3.mp4", START, START + 1) is None
    assert work.recorder.refused == 1
    under_way[0].cut()
    assert under_way[0].done.wait(PATIENCE)
    eventually(lambda: work.recorder.order(work.ring, "gate/4.mp4", START, START + 1))
    under_way[1].cut()
    assert under_way[1].done.wait(PATIENCE)


def test_a_slow_writer_goes_on_at_a_key_frame(work: Work) -> None:
    """What the ring gave up before it was written is missing; what follows decodes."""
    taken = shot(120)
    small = Ring(2.0)
    recording = Recording(small, work.root, NAME, START, START + 1e6, threading.Event())
    small.open(taken.info)
    for number, packet in enumerate(taken.packets):
        small.put(packet)
        if number in (5, 60):
            recording.advance()
    recording.cut()
    recording.advance()
    assert recording.done.is_set()
    assert ffmpeg.complaints(work.root / NAME) == ""
    assert 40 < pictures(work.root / NAME) < 120


KILLED = """
import sys
from pathlib import Path
from threading import Event
from edge.worker.recorder import Recording
from streams.ring import Ring
from tests.support.encoded import START, filled, shot
ring = filled(Ring(60.0), shot(95))
recording = Recording(ring, Path(sys.argv[1]), "case.mp4", START, START + 9e9, Event())
recording.advance()
print("written", flush=True)
sys.stdin.read()
"""


def test_a_worker_that_is_killed_leaves_a_part_that_plays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.kill()
    part = tmp_path / ".case.mp4.part"
    assert ffmpeg.complaints(part) == ""
    assert pictures(part) >= 80


def test_chromium_plays_a_clip_whose_camera_died(work: Work) -> None:
    filled(work.ring, shot(size=(320, 240), bframes=2))
    took = played(work.gets(1.55, 60.0))
    assert (took["how"], took["error"], took["pictures"]) == ("ended", None, 30)
    assert took["reached"] == took["seconds"]
