import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from edge.worker.engine import Engine
from edge.worker.job import CameraJob, Job
from edge.worker.link import Link
from edge.worker.messages import FROM_WORKER, FromWorker, Trouble
from edge.worker.recorder import Recorder
from edge.worker.station import Station
from edge.worker.watch import Watch
from inference.detections import Detections, Fit, Picture
from inference.detector import DetectorFailed
from inference.detectors import kserve, onnx, openvino
from inference.manifest import Manifest, Model, ModelInput
from inference.rules import zone
from streams.frame import Frame
from streams.problem import Problem, Text
from streams.sources import file

CAMERAS = ("gate", "bank", "road")


class Asked:
    """A detector that notes how many pictures it was asked about at once, and fails when told to."""

    classes = ("truck",)
    size = (416, 416)
    fit: Fit = "letterbox"
    flexible = False
    problem: Problem | None = None

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.fails = False

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.asked.append(len(pictures))
        if self.fails:
            raise DetectorFailed(Problem("model.failed", Text("it is gone", "它没了"), Text("wait", "等待")))
        return [Detections.none() for _ in pictures]


def jobs(folder: Path) -> Job:
    recipe = ModelInput(width=416, height=416)
    manifest = Manifest(
        name="asked",
        file="a.onnx",
        sha256="0" * 64,
        licence="-",
        classes=("truck",),
        input=recipe,
        decoder="yolox",
    )
    cameras = tuple(
        CameraJob(
            name=name,
            source=file.Spec(path=Path("/nonexistent")),
            fps=5,
            zones={},
            rules=(zone.Spec(objects=("truck",)),),
            attention=False,
        )
        for name in CAMERAS
    )
    model = Model(manifest=manifest, path=folder / "a.onnx")
    return Job(cameras, onnx.Spec(), model, 1, folder / "evidence", "UTC", "error", "json")


class Desk:
    """An engine over three cameras that have a picture each, and what it sent."""

    def __init__(self, folder: Path, detector: Asked, *, at_once: bool) -> None:
        made, bell = jobs(folder), threading.Event()
        self._stations = [Station(camera, bell, lambda _: None, lambda *_: None) for camera in made.cameras]
        recorder = Recorder(made.evidence, bell)
        watches = tuple(
            Watch(replace(camera), made, detector, station, recorder)
            for camera, station in zip(made.cameras, self._stations, strict=True)
        )
        ours, self._theirs = socket.socketpair()
        self._engine = Engine(watches, bell, Link(ours), detector, at_once=at_once)
        self._bell = bell

    @contextmanager
    def running(self) -> Iterator[None]:
        for station in self._stations:
            picture = av.VideoFrame.from_ndarray(np.full((180, 320, 3), 80, np.uint8), format="bgr24")
            station.slot.put(Frame(picture.reformat(format="yuv420p"), 1000.0, 0))
        stop = threading.Event()
        thread = threading.Thread(target=self._engine.run, args=(stop,))
        self._bell.set()
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)

    def said(self, count: int) -> list[FromWorker]:
        with self._theirs.makefile("rb") as lines:
            return [FROM_WORKER.validate_json(next(lines)) for _ in range(count)]


def until(asked: list[int], pictures: int) -> None:
    clock = threading.Event()
    for _ in range(6000):
        if sum(asked) >= pictures:
            return
        clock.wait(0.01)
    pytest.fail(f"asked only about {asked}")


@pytest.mark.parametrize(("at_once", "asked"), [(True, [3]), (False, [1, 1, 1])])
def test_a_server_is_asked_about_all_cameras_at_once(tmp_path: Path, at_once: bool, asked: list[int]) -> None:
    detector = Asked()
    with Desk(tmp_path, detector, at_once=at_once).running():
        until(detector.asked, 3)
    assert detector.asked == asked


def test_when_it_fails_every_camera_says_so(tmp_path: Path) -> None:
    detector = Asked()
    detector.fails = True
    desk = Desk(tmp_path, detector, at_once=True)
    with desk.running():
        said = desk.said(3)
    troubles = [each for each in said if isinstance(each, Trouble)]
    assert {each.camera for each in troubles if each.problem is not None} == set(CAMERAS)


def test_what_the_detector_goes_on_in_spite_of_is_said(tmp_path: Path) -> None:
    detector = Asked()
    detector.problem = Problem("model.device", Text("the card is lost", "显卡丢失"), Text("restart", "重启"))
    desk = Desk(tmp_path, detector, at_once=False)
    with desk.running():
        said = desk.said(3)
    assert {each.problem.code for each in said if isinstance(each, Trouble) and each.problem} == {
        "model.device"
    }


def test_which_ways_are_asked_at_once() -> None:
    assert kserve.Spec().at_once
    assert openvino.Spec(hint="throughput").at_once
    assert onnx.Spec(device="cuda").at_once
    assert not onnx.Spec().at_once
