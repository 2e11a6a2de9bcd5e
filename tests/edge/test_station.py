"""A camera with two streams: one is analysed, the other is kept as proof."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from edge.worker import station as module
from edge.worker.job import CameraJob
from edge.worker.station import Station
from inference.rules import zone
from streams.reader import CameraReport, CameraState
from streams.sources import file
from tests.support.clips import make_clip
from tests.support.sinks import PATIENCE, eventually


def job(analysed: Path, record: Path | None = None, *, fast: bool = False) -> CameraJob:
    return CameraJob(
        name="gate",
        source=file.Spec(path=analysed, pace="fast" if fast else "real"),
        fps=5,
        zones={},
        rules=(zone.Spec(objects=("truck",)),),
        record=file.Spec(path=record, pace="real", loop=True) if record else None,
    )


class Heard:
    def __init__(self, made: CameraJob) -> None:
        self.reports: list[CameraReport] = []
        self.bell = threading.Event()
        self.station = Station(made, self.bell, self.reports.append, lambda *_: None)

    def states(self, camera: str) -> list[CameraState]:
        return [report.state for report in self.reports if report.camera == camera]

    def codes(self, camera: str) -> list[str]:
        return [report.problem.code for report in self.reports if report.camera == camera and report.problem]


@contextmanager
def started(made: CameraJob) -> Iterator[Heard]:
    heard = Heard(made)
    heard.station.start()
    try:
        yield heard
    finally:
        heard.station.stop()
        assert heard.station.join(PATIENCE)


def test_one_stream_is_analysed_and_kept(tmp_path: Path) -> None:
    with started(job(make_clip(tmp_path / "clip.mp4"))) as heard:
        eventually(lambda: CameraState.FINISHED in heard.states("gate"))
        assert heard.station.ring is heard.station.camera.ring
        assert heard.station.ring.statistics().put == 20
    assert heard.bell.is_set()
    assert {report.camera for report in heard.reports} == {"gate"}


def test_proof_is_kept_from_the_main_stream_and_the_other_is_analysed(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "small.mp4", size=(160, 120), frames=40)
    large = make_clip(tmp_path / "large.mp4", size=(320, 240))
    with started(job(small, large)) as heard:
        eventually(lambda: not heard.station.slot.empty and heard.station.ring.flows)
        frame = heard.station.slot.take()
        kept = heard.station.ring.read(-1, PATIENCE)
        eventually(lambda: CameraState.LIVE in heard.states("gate/record"))
        eventually(lambda: CameraState.LIVE in heard.states("gate"))
    assert frame is not None
    assert frame.size == (160, 120)
    assert kept is not None
    assert (kept.info.width, kept.info.height) == (320, 240)


def test_a_main_stream_that_fails_is_told_under_its_own_name_and_the_analysis_goes_on(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "small.mp4", frames=40)
    with started(job(small, tmp_path / "missing.mp4")) as heard:
        eventually(lambda: heard.codes("gate/record") and CameraState.LIVE in heard.states("gate"))
    assert heard.codes("gate/record") == ["file.missing"]
    assert heard.codes("gate") == []


def test_a_main_stream_without_a_key_frame_is_a_broken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PICTURE_TIMEOUT", 0.3)
    bare = headless(make_clip(tmp_path / "clip.mp4", frames=60), tmp_path / "bare.ts")
    with started(job(make_clip(tmp_path / "small.mp4", frames=40), bare)) as heard:
        eventually(lambda: "camera.broken" in heard.codes("gate/record"))
    assert CameraState.LIVE not in heard.states("gate/record")


def headless(source: Path, target: Path) -> Path:
    """A clip without its key frames."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as container:
        stream = container.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(video=0):
            if packet.size and not packet.is_keyframe:
                packet.stream = stream
                container.mux(packet)
    return target


def test_a_recording_played_as_fast_as_it_goes_is_analysed_whole(tmp_path: Path) -> None:
    """However slow whoever takes its pictures is."""
    taken: list[float] = []
    with started(job(make_clip(tmp_path / "clip.mp4", frames=60), fast=True)) as heard:
        slot = heard.station.slot
        while not (CameraState.FINISHED in heard.states("gate") and slot.empty):
            heard.bell.wait(0.02)
            heard.bell.clear()
            frame = slot.take()
            taken += [frame.time] if frame else []
    assert [round(moment - taken[0], 3) for moment in taken] == [number / 5 for number in range(30)]
    assert slot.statistics().dropped == 0
