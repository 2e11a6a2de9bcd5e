"""From a camera's packets to what is published, with its clip: the real parts, turned by hand."""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.envelope import Occurrence
from edge.evidence.room import Room
from edge.worker import recorder as recording
from edge.worker.job import CameraJob, ClipJob, Job
from edge.worker.messages import Found, Look, Point
from edge.worker.recorder import Recorder
from edge.worker.station import Station
from edge.worker.watch import Watch
from inference.detections import Detections, Fit, Picture
from inference.detectors import onnx
from inference.manifest import Manifest, Model, ModelInput
from inference.rules import zone
from streams.packet import Packet
from streams.sources import file
from tests.support import ffmpeg
from tests.support.encoded import START, Shot, encoded
from tests.support.sinks import eventually

SIZE = (320, 180)


class Painted:
    """Finds the white rectangle."""

    classes = ("truck",)
    size = (320, 320)
    fit: Fit = "letterbox"
    flexible = False
    problem = None

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        rows, columns = np.nonzero(picture[..., 0] > 190)
        if len(rows) < 50:
            return Detections.none()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int32))


def scene(seconds: float, truck: tuple[float, float], *, gop: int = 20) -> Shot:
    """A grey place at 10 Hz through which a white lorry drives between these two seconds."""
    width, height = SIZE
    grain = np.random.default_rng(1).integers(0, 12, (height, width, 3), np.uint8)

    def picture(moment: float) -> NDArray[np.uint8]:
        made = grain + np.uint8(60)
        if truck[0] <= moment < truck[1]:
            left = round(width * 0.1 + (moment - truck[0]) * 12) % (width - 60)
            made[80:116, left : left + 48] = 255
        return made

    return encoded((picture(number / 10) for number in range(round(seconds * 10))), gop=gop)


def job(folder: Path, clip: ClipJob | None, *, attention: bool, presets: Sequence[str] = ()) -> Job:
    camera = CameraJob(
        name="gate",
        source=file.Spec(path=Path("/nonexistent"), pace="real"),
        fps=5,
        zones={},
        rules=(zone.Spec(objects=("truck",), dwell=0.6, leave=1.0, repeat=0),),
        attention=attention,
        clip=clip,
        presets=dict.fromkeys(presets, ()),
    )
    manifest = Manifest(
        name="painted",
        file="painted.onnx",
        sha256="0" * 64,
        licence="-",
        classes=Painted.classes,
        input=ModelInput(width=320, height=320),
        decoder="yolox",
    )
    return Job(
        cameras=(camera,),
        detector=onnx.Spec(),
        model=Model(manifest=manifest, path=folder / "painted.onnx"),
        threads=1,
        evidence=folder / "evidence",
        time_zone="UTC",
        log_level="error",
        log_format="json",
    )


class Turned:
    """A watch whose camera, eye and analysis take turns; only the recorder has a thread."""

    def __init__(
        self,
        folder: Path,
        clip: ClipJob | None,
        *,
        attention: bool = False,
        presets: Sequence[str] = (),
        room: Room | None = None,
    ) -> None:
        made = job(folder, clip, attention=attention, presets=presets)
        made = replace(made, room=room or made.room)
        self.storage = folder
        bell = threading.Event()
        self.station = Station(made.cameras[0], bell, lambda _: None, lambda *_: None)
        recorder = Recorder(made.evidence, bell)
        recorder.start()
        self.watch = Watch(made.cameras[0], made, Painted(), self.station, recorder)
        self.said: list[Occurrence] = []
        self._left: list[Packet] = []

    def opens(self, taken: Shot) -> None:
        self.station.camera.sink.opened(taken.info)
        self._left = list(taken.packets)

    def plays(self, until: float) -> None:
        """What the camera sends up to this second, looked at as it comes."""
        while self._left and self._left[0].time < START + until:
            self.station.camera.sink.packet(self._left.pop(0))
            while self.station.camera.eye.turn(0.0):
                self._looks()
            self._hears(self.watch.tick())

    def waits(self, condition: Callable[[], object]) -> None:
        def heard() -> object:
            self._hears(self.watch.tick())
            return condition()

        eventually(heard)

    def points(self, preset: str | None) -> None:
        self._hears(self.watch.obey(Point(camera="gate", preset=preset)))

    def closes(self) -> None:
        self.watch.cut()
        self._hears(self.watch.close(time.monotonic() + 60))

    def phases(self) -> list[str]:
        return [str(each.phase) for each in self.said]

    def clip(self, said: Occurrence) -> Path:
        """That this message names, with nothing wrong about it."""
        (proof,) = [each for each in said.proof if each.kind == "clip"]
        path = self.storage / proof.uri
        content = path.read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (proof.size, proof.sha256)
        assert ffmpeg.complaints(path) == ""
        return path

    def _looks(self) -> None:
        frame = self.watch.take()
        if frame is not None:
            self._hears(self.watch.step(frame))

    def _hears(self, found: list[Found]) -> None:
        self.said += [each.occurrence for each in found if each.occurrence.type == "vehicle.zone"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_PACE", 0.01)


def kinds(said: Occurrence) -> list[str]:
    return [each.kind for each in said.proof]


def test_an_end_that_comes_before_its_clip_waits_for_it(tmp_path: Path) -> None:
    turned = Turned(tmp_path, ClipJob(before=3.0, after=8.0))
    turned.opens(scene(14, (4.0, 6.0)))
    turned.plays(9.0)
    assert turned.phases() == ["new"]
    assert kinds(turned.said[0]) == ["snapshot", "clean"]
    turned.plays(14.0)
    turned.waits(lambda: len(turned.said) == 2)
    new, end = turned.said
    assert (end.phase, end.reason, end.event_id) == ("end", "lost", new.event_id)
    assert (new.n, end.n) == (0, 1)
    path = turned.clip(end)
    # From the key frame at or before 3 s before the lorry came to 8 s after it was reported.
    begins = (new.since - START - 3.0) // 2 * 2
    shown = ffmpeg.times(path)
    assert len(shown) == pytest.approx((new.time - START + 8.0 - begins) * 10 + 1, abs=1.01)
    turned.closes()
    assert turned.phases() == ["new", "end"]


def test_a_case_that_is_still_open_gets_its_clip_in_an_update(tmp_path: Path) -> None:
    turned = Turned(tmp_path, ClipJob(before=1.0, after=1.0))
    turned.opens(scene(14, (4.0, 10.0)))
    turned.plays(8.0)
    turned.waits(lambda: len(turned.said) == 2)
    assert turned.phases() == ["new", "update"]
    turned.clip(turned.said[1])
    turned.plays(14.0)
    assert turned.phases() == ["new", "update", "end"]
    assert [each.n for each in turned.said] == [0, 1, 2]
    assert len({each.event_id for each in turned.said}) == 1
    assert kinds(turned.said[2]) == ["snapshot", "clean"]  # the best there was


def test_a_stop_ends_the_case_with_what_there_is_of_its_clip(tmp_path: Path) -> None:
    turned = Turned(tmp_path, ClipJob(before=3.0, after=60.0))
    turned.opens(scene(10, (4.0, 10.0)))
    turned.plays(8.05)
    turned.closes()
    assert turned.phases() == ["new", "end"]
    assert turned.said[1].reason == "stopped"
    assert ffmpeg.times(turned.clip(turned.said[1]))[-1] == pytest.approx(8.0, abs=0.2)


def test_a_camera_that_dies_before_its_clip_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_OVERTIME", 2.0)
    turned = Turned(tmp_path, ClipJob(before=3.0, after=60.0))
    turned.opens(scene(11, (4.0, 6.0)))
    turned.plays(11.0)
    turned.waits(lambda: any("clip" in kinds(each) for each in turned.said) and "end" in turned.phases())
    assert (turned.phases()[0], turned.phases()[-1], turned.phases().count("end")) == ("new", "end", 1)
    (told,) = [each for each in turned.said if "clip" in kinds(each)]
    assert len(ffmpeg.times(turned.clip(told))) > 50


def test_a_disk_that_refuses_costs_the_clip_and_not_the_event(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("in the way")
    turned = Turned(tmp_path, ClipJob(before=3.0, after=2.0))
    turned.opens(scene(14, (4.0, 7.0)))
    turned.plays(14.0)
    turned.waits(lambda: "end" in turned.phases())
    assert turned.phases() in (["new", "end"], ["new", "update", "end"])
    assert all(each.proof == () for each in turned.said)
    assert "no clip could be kept" in (turned.said[1].proof_error or "")


def test_a_case_for_whose_clip_there_is_no_room_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_MOST", 0)
    turned = Turned(tmp_path, ClipJob(before=1.0, after=2.0))
    turned.opens(scene(10, (4.0, 6.0)))
    turned.plays(10.0)
    assert turned.phases() == ["new", "end"]
    assert kinds(turned.said[0]) == ["snapshot", "clean"]
    assert "too many clips" in (turned.said[0].proof_error or "")
    assert turned.watch.clip_problem is not None
    assert turned.watch.clip_problem.code == "clip.too_many"


@pytest.mark.parametrize(
    ("room", "kept", "code"),
    [
        (Room(clips=1 << 60), ["snapshot", "clean"], "evidence.no_clips"),
        (Room(clips=1 << 60, pictures=1 << 60), [], "evidence.no_pictures"),
    ],
)
def test_a_disk_that_is_nearly_full_costs_clips_first_then_pictures_and_no_event(
    tmp_path: Path, room: Room, kept: list[str], code: str
) -> None:
    turned = Turned(tmp_path, ClipJob(before=1.0, after=2.0), room=room)
    turned.opens(scene(10, (4.0, 6.0)))
    turned.plays(10.0)
    assert turned.phases() == ["new", "end"]
    assert [kinds(each) for each in turned.said] == [kept, kept]
    assert turned.watch.clip_problem is not None
    assert turned.watch.clip_problem.code == "evidence.no_clips"
    problem = turned.watch.snapshot_problem or turned.watch.clip_problem
    assert problem.code == code
    assert "are free" in (turned.said[0].proof_error or "")


def test_without_clips_nothing_is_waited_for(tmp_path: Path) -> None:
    turned = Turned(tmp_path, None)
    turned.opens(scene(10, (4.0, 6.0)))
    turned.plays(10.0)
    assert turned.phases() == ["new", "end"]
    assert list((tmp_path / "evidence").rglob("*.mp4")) == []


def test_two_cases_of_one_camera_have_a_clip_each(tmp_path: Path) -> None:
    turned = Turned(tmp_path, ClipJob(before=1.0, after=3.0))
    first, second = scene(12, (3.0, 5.0)), scene(12, (3.0, 5.0)).after(12)
    turned.opens(Shot(first.info, first.packets + second.packets))
    turned.plays(24.0)
    turned.waits(lambda: turned.phases().count("end") == 2)
    ended = [each for each in turned.said if "clip" in kinds(each)]
    assert len({turned.clip(each) for each in ended}) == 2
    assert turned.phases().count("new") == 2


def test_a_camera_at_rest_loses_nothing_of_a_lorry_that_comes_between_its_key_frames(tmp_path: Path) -> None:
    """2 s between key frames: the first glimpse of it is late, its event is not."""
    taken = scene(40, (24.5, 30.0))
    always, auto = (
        Turned(tmp_path / "always", None),
        Turned(tmp_path / "auto", ClipJob(before=2.0, after=2.0), attention=True),
    )
    for turned in (always, auto):
        turned.opens(taken)
        turned.plays(24.0)
    assert auto.station.camera.eye.resting
    decoded = auto.station.camera.statistics().eye
    assert decoded.glimpses > 5
    assert decoded.pictures < 160, "of 240"
    always.plays(40.0)
    auto.plays(40.0)
    auto.waits(lambda: "end" in auto.phases())
    awake, woken = always.said[0], auto.said[0]
    assert woken.since == pytest.approx(awake.since, abs=0.25)
    assert woken.since < START + 25.0, "before the key frame that showed it first"
    (proof,) = [each for message in auto.said for each in message.proof if each.kind == "clip"]
    assert ffmpeg.complaints(tmp_path / "auto" / proof.uri) == ""
    assert auto.phases()[0] == "new"
    assert auto.phases()[-1] == "end"
    assert auto.phases().count("new") == auto.phases().count("end") == 1


def test_a_look_on_request_wakes_a_camera_at_rest(tmp_path: Path) -> None:
    turned = Turned(tmp_path, None, attention=True)
    turned.opens(scene(30, (99, 99)))
    turned.plays(24.0)
    eye = turned.station.camera.eye
    assert eye.resting
    assert turned.watch.obey(Look(camera="gate")) == []
    assert not eye.resting
    before = eye.statistics().analysed
    turned.plays(26.0)
    assert eye.statistics().analysed > before + 5


def test_a_camera_that_turns_away_and_back_while_its_clip_is_written_ends_each_case_once(
    tmp_path: Path,
) -> None:
    turned = Turned(tmp_path, ClipJob(before=1.0, after=60.0), presets=("gate", "pit"))
    turned.opens(scene(20, (1.0, 20.0)))
    turned.plays(3.0)
    assert turned.said == [], "nobody knows where it points"
    turned.points("gate")
    turned.plays(7.0)
    assert turned.phases() == ["new"]
    turned.points(None)
    turned.plays(9.0)
    turned.points("gate")
    turned.plays(14.0)
    assert turned.phases() == ["new", "new"], "the first END waits for its clip"
    turned.closes()
    lives: dict[str, list[tuple[str, int, str | None]]] = {}
    for each in turned.said:
        lives.setdefault(each.event_id, []).append((str(each.phase), each.n, each.reason))
    first, second = lives.values()
    assert first == [("new", 0, None), ("end", 1, "turned")]
    assert second == [("new", 0, None), ("end", 1, "stopped")]
