"""Snapshots: both copies open, the boxes are where they should be, hashes fit, and a bad disk is said plainly."""

import hashlib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from inference.findings import Finding, Phase, Severity, Sighting
from inference.snapshot import SnapshotFailed, annotated, write
from streams.frame import Frame

ZONES = {"gate": np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]])}


def finding(box: tuple[float, float, float, float] = (0.25, 0.25, 0.5, 0.5)) -> Finding:
    return Finding(
        type="vehicle.zone",
        phase=Phase.NEW,
        key="zone/gate/1",
        rule="zone",
        zone="gate",
        severity=Severity.HIGH,
        whistle=None,
        objects=(Sighting(1, "truck", 0.8, box),),
        since=0.0,
        time=3.0,
    )


def frame() -> Frame:
    picture = np.full((360, 640, 3), 90, np.uint8)
    return Frame(av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p"), 3.0, 0)


def test_a_clean_and_a_drawn_copy_that_open_and_match_their_hashes(tmp_path: Path) -> None:
    proofs = write(tmp_path, "gate/2026/11/21/x", frame(), finding(), ZONES)
    assert [proof.kind for proof in proofs] == ["snapshot", "clean"]
    for proof in proofs:
        data = (tmp_path / proof.path).read_bytes()
        assert len(data) == proof.bytes
        assert hashlib.sha256(data).hexdigest() == proof.sha256
    drawn, clean = (cv2.imread(str(tmp_path / proof.path)) for proof in proofs)
    assert drawn is not None
    assert clean is not None
    assert clean.std() < 3
    assert drawn.shape == clean.shape == (360, 640, 3)
    assert np.abs(drawn[90:180, 160].astype(int) - 90).max() > 100  # the left side of the box
    assert np.abs(drawn[200:250, 240:300].astype(int) - 90).max() < 40  # nothing is drawn elsewhere


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (-0.2, -0.2, 0.1, 0.1), (0.99, 0.99, 1.0, 1.0)])
def test_a_box_at_the_edge_can_be_drawn(box: tuple[float, float, float, float]) -> None:
    drawn = annotated(np.zeros((90, 160, 3), np.uint8), finding(box), ZONES)
    assert drawn.max() == 255


def test_no_half_written_file_is_left_when_the_disk_refuses(tmp_path: Path) -> None:
    (tmp_path / "gate").write_text("a file where the folder should be")
    with pytest.raises(SnapshotFailed) as failed:
        write(tmp_path, "gate/x", frame(), finding(), ZONES)
    assert failed.value.problem.code == "snapshot.disk"
    assert str(tmp_path) in failed.value.problem.say("en")
    assert [path.name for path in tmp_path.rglob("*")] == ["gate"]
