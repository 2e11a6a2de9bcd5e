"""The pipeline on the rendered clip, against what the clip really shows."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from edge import assets
from inference.decoders import iou
from inference.detections import Detections, Fit, Picture
from inference.detectors import onnx
from inference.findings import Finding, Phase
from inference.ground import Ground, Pair
from inference.manifest import find
from inference.pipeline import Pipeline, Step
from inference.rule import Scene
from inference.rules import zone
from streams.frame import Frame
from tests.support.truth import boxes, frames

TRACK = np.array([[0.0, 0.50], [0.60, 0.47], [0.70, 0.49], [0.72, 0.62], [0.40, 0.72], [0.0, 0.74]])


def played(clip: Path, every: int = 2) -> list[tuple[int, Step]]:
    """Each analysed frame's number and what the pipeline made of it."""
    detector = onnx.build(onnx.Spec(), find("sandwatch-nano", [assets.models()]), threads=2)
    scene = Scene({"track": TRACK}, detector.classes, "UTC")
    pipeline = Pipeline(detector, [zone.build(zone.Spec(zones=("track",), dwell=2), scene)])
    steps = []
    with av.open(str(clip)) as container:
        for number, picture in enumerate(container.decode(video=0)):
            if number % every == 0:
                steps.append((number, pipeline.step(Frame(picture, number / 10, number))))
    return steps


@pytest.fixture(scope="module")
def steps(demo_clip: Path) -> list[tuple[int, Step]]:
    return played(demo_clip)


def test_the_truck_is_followed_while_it_drives_on_the_near_track(steps: list[tuple[int, Step]]) -> None:
    followed = total = 0
    for number, step in steps:
        known = [each for each in frames()[number] if each.name == "truck0"]
        if not known or not 45 <= number <= 130:  # 4.5 s: wholly in the picture; 13 s: it turns away
            continue
        total += 1
        if len(step.tracks):
            followed += bool(iou(boxes(tuple(known)), step.tracks.boxes).max() >= 0.4)
    assert total == 43
    assert followed / total >= 0.9


def test_every_event_is_about_a_machine_that_is_really_there(steps: list[tuple[int, Step]]) -> None:
    begun = [
        (number, finding) for number, step in steps for finding in step.findings if finding.phase is Phase.NEW
    ]
    assert begun
    for number, finding in begun:
        real = tuple(each for each in frames()[number] if each.label != "person")
        seen = np.array([finding.objects[0].box], np.float32) * [640, 360, 640, 360]
        assert iou(seen.astype(np.float32), boxes(real)).max() >= 0.3, (number, finding)


def test_the_first_event_comes_with_the_first_truck(steps: list[tuple[int, Step]]) -> None:
    number, finding = next((number, step.findings[0]) for number, step in steps if step.findings)
    truck = next(each for each in frames()[number] if each.name == "truck0")
    seen = np.array([finding.objects[0].box], np.float32) * [640, 360, 640, 360]
    assert iou(seen.astype(np.float32), np.array([truck.box], np.float32)).max() >= 0.5
    assert number <= 90


class Painted:
    """A detector for what cannot exist here: finds the white rectangle, wherever and however large it is."""

    classes = ("truck",)
    size = (416, 416)
    fit: Fit = "letterbox"
    flexible = False
    problem = None

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        rows, columns = np.nonzero(picture[..., 0] > 200)
        if not len(rows):
            return Detections.none()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int32))


def painted(size: tuple[int, int], left: float) -> av.VideoFrame:
    """A white rectangle at the relative place `left`, 0.4 on grey, a tenth of the picture wide."""
    width, height = size
    picture = np.full((height, width, 3), 60, np.uint8)
    x, y = round(left * width), round(0.4 * height)
    picture[y : y + height // 10, x : x + width // 10] = 255
    return av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def test_a_change_of_resolution_in_mid_stream_loses_no_track() -> None:
    scene = Scene({}, Painted.classes, "UTC")
    pipeline = Pipeline(Painted(), [zone.build(zone.Spec(dwell=1, objects=("truck",)), scene)])
    findings: list[Finding] = []
    tracks: set[int] = set()
    for number in range(40):
        size = (640, 360) if number < 20 else (1280, 720)
        step = pipeline.step(Frame(painted(size, 0.2 + number * 0.01), number / 5, number))
        findings += step.findings
        tracks.update(step.tracks.ids.tolist())
    assert tracks == {1}
    assert [finding.phase for finding in findings] == [Phase.NEW]
    findings += pipeline.close(8.0)
    assert findings[-1].phase is Phase.END
    left = findings[-1].objects[0].box[0]
    assert left == pytest.approx(0.59, abs=0.02)


def test_on_measured_ground_an_event_tells_how_fast_and_where_to() -> None:
    """The picture is 100 m wide and 50 m high, east to the right: 0.01 of it in 0.2 s are 5 m/s."""
    corners = [
        ((0.0, 0.0), (0.0, 50.0)),
        ((1.0, 0.0), (100.0, 50.0)),
        ((1.0, 1.0), (100.0, 0.0)),
        ((0.0, 1.0), (0.0, 0.0)),
    ]
    ground = Ground.fitted([Pair(pixel, metres) for pixel, metres in corners])
    rule = zone.build(zone.Spec(dwell=3, objects=("truck",)), Scene({}, Painted.classes, "UTC"))
    pipeline = Pipeline(Painted(), [rule], ground=ground)
    steps = [pipeline.step(Frame(painted((640, 360), 0.2 + n * 0.01), n / 5, n)) for n in range(30)]
    (begun,) = [finding for step in steps for finding in step.findings]
    told = begun.objects[0].attributes
    assert told["speed_kmh"] == pytest.approx(18, abs=1)
    assert told["heading"] == pytest.approx(90, abs=3)


def test_time_lapse_pictures_a_minute_apart_tell_a_stay_from_a_visit() -> None:
    """A parked machine is one event from its second picture on; what is gone in the next picture is none."""
    scene = Scene({}, Painted.classes, "UTC", period=60)
    rule = zone.build(zone.Spec(dwell=3, repeat=0, objects=("truck",)), scene)
    pipeline = Pipeline(Painted(), [rule], period=60)
    places = [None, 0.2, None, 0.6, 0.6, 0.6, 0.6, None, None, None, None]
    findings: list[tuple[int, Finding]] = []
    for number, place in enumerate(places):
        picture = painted((640, 360), 2.0 if place is None else place)
        step = pipeline.step(Frame(picture, number * 60.0, number))
        findings += [(number, finding) for finding in step.findings]
    assert [(number, finding.phase) for number, finding in findings] == [(4, Phase.NEW), (9, Phase.END)]
