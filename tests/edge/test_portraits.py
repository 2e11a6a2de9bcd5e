"""The end of an event: its best picture, and the number plate read there by the real reader.

tests/data/plate.jpg is made smaller from a picture of HyperLPR (github.com/szad670401/HyperLPR, Apache-2.0).
"""

import hashlib
from pathlib import Path

import av
import cv2
import numpy as np

from edge.worker.portraits import Portraits
from inference.findings import Finding, Phase, Severity, Sighting
from inference.pipeline import Step
from inference.plates import PlateReader
from inference.tracks import Tracks
from streams.frame import Frame

PLATE = Path(__file__).parents[1] / "data" / "plate.jpg"


def seen(phase: Phase, *, pictured: bool = True) -> Finding:
    truck = Sighting(1, "truck", 0.8, (0, 0, 1, 1), {"load": "covered"})
    reason = "left" if phase is Phase.END else None
    return Finding(
        "vehicle.zone",
        phase,
        "k",
        "zone",
        None,
        Severity.HIGH,
        None,
        (truck,),
        0.0,
        1.0,
        reason,
        pictured=pictured,
    )


def frame() -> Frame:
    picture = cv2.imread(str(PLATE))
    assert picture is not None
    canvas = np.full((200, 480, 3), 60, np.uint8)
    canvas[10 : 10 + picture.shape[0], 12 : 12 + picture.shape[1]] = picture
    return Frame(av.VideoFrame.from_ndarray(canvas, format="bgr24").reformat(format="yuv444p"), 1.0, 0)


def step(*findings: Finding) -> Step:
    tracks = Tracks(
        ids=np.array([1]),
        boxes=np.array([[8, 6, 472, 196]], np.float32),
        scores=np.array([0.8], np.float32),
        labels=np.array([0], np.int32),
        seen=np.array([True]),
        first=np.zeros(1),
        last=np.zeros(1),
    )
    return Step((), True, tracks, findings, (480, 200))


def portraits(root: Path, reader: PlateReader | None) -> Portraits:
    return Portraits(root, {}, ("truck",), lambda looked: looked, reader)


def test_the_end_tells_the_plate_and_shows_the_best_picture(tmp_path: Path) -> None:
    held = portraits(tmp_path, PlateReader())
    assert held.look(frame(), step(seen(Phase.NEW))) is None
    told, (proof, problem) = held.last(seen(Phase.END), "cam/x", read=True)
    assert problem is None
    assert [each.kind for each in proof] == ["snapshot", "clean"]
    clean = (tmp_path / "cam/x-clean.jpg").read_bytes()
    assert hashlib.sha256(clean).hexdigest() == proof[1].sha256
    known = dict(told.objects[0].attributes)
    score = known.pop("plate_score")
    assert known == {"load": "covered", "plate": "藏DT5022"}
    assert isinstance(score, float)
    assert score > 0.8


def test_without_a_reader_or_the_time_for_it_there_is_the_picture_alone(tmp_path: Path) -> None:
    for reader, read in ((None, True), (PlateReader(), False)):
        held = portraits(tmp_path, reader)
        held.look(frame(), step(seen(Phase.NEW)))
        told, (proof, _) = held.last(seen(Phase.END), "cam/x", read=read)
        assert told == seen(Phase.END)
        assert len(proof) == 2


def test_what_is_not_to_be_pictured_is_not(tmp_path: Path) -> None:
    held = portraits(tmp_path, None)
    held.look(frame(), step(seen(Phase.NEW, pictured=False)))
    assert held.last(seen(Phase.END, pictured=False), "cam/x", read=True)[1] == ((), None)


def test_a_disk_that_refuses_costs_the_picture_and_not_the_event(tmp_path: Path) -> None:
    (tmp_path / "cam").write_text("in the way")
    held = portraits(tmp_path, None)
    held.look(frame(), step(seen(Phase.NEW)))
    told, (proof, problem) = held.last(seen(Phase.END), "cam/x", read=True)
    assert told == seen(Phase.END)
    assert proof == ()
    assert problem is not None
    assert problem.code == "snapshot.disk"
