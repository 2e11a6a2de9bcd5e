"""The ONNX Runtime backend with the shipped model: sees a truck, and says what is wrong with a bad model."""

from pathlib import Path

import av
import numpy as np
import pytest

from edge import assets
from inference.detections import Detections
from inference.detector import DetectorFailed
from inference.detectors import onnx
from inference.manifest import Manifest, Model, find
from inference.views import Cutter, View, fitted, placed


@pytest.fixture(scope="module")
def model() -> Model:
    return find("sandwatch-proof-416", [assets.models()])


def truck_picture() -> av.VideoFrame:
    """6 s into the demo clip: the truth has truck0 at 95,202,176,240."""
    with av.open(str(assets.folder() / "demo" / "clip.mp4")) as clip:
        for index, picture in enumerate(clip.decode(video=0)):
            if index == 60:
                return picture
    raise AssertionError("the clip is too short")


def test_the_shipped_model_finds_the_truck_in_a_crop(model: Model) -> None:
    detector = onnx.build(onnx.Spec(), model, threads=1)
    view = View(20, 110, 224, 224)
    picture = Cutter(detector.size, detector.fit).cut(truck_picture(), view)
    (found,) = detector.detect([picture])
    cut = fitted(view, detector.size, detector.fit)
    best = placed(found, view, cut, (640, 360))
    assert detector.classes[best.labels[0]] == "truck"
    assert best.scores[0] > 0.3
    assert np.abs(best.boxes[0] - [95, 202, 176, 240]).max() < 25


def test_an_empty_picture_has_nothing_in_it(model: Model) -> None:
    detector = onnx.build(onnx.Spec(), model, threads=1)
    grey = np.full((234, 416, 3), 114, np.uint8)
    (found,) = detector.detect([grey])
    assert (found.scores < 0.3).all()


def test_what_was_in_the_input_before_does_not_matter(model: Model) -> None:
    detector = onnx.build(onnx.Spec(), model, threads=1)
    small = np.random.default_rng(1).integers(0, 255, (100, 160, 3)).astype(np.uint8)
    (first,) = detector.detect([small])
    detector.detect([np.full((416, 416, 3), 255, np.uint8)])
    (again,) = detector.detect([small])
    assert_same(first, again)


def assert_same(first: Detections, second: Detections) -> None:
    assert np.array_equal(first.boxes, second.boxes)
    assert np.array_equal(first.scores, second.scores)


def edited(model: Model, **changes: object) -> Model:
    manifest = Manifest.model_validate({**model.manifest.model_dump(), **changes})
    return Model(manifest=manifest, path=model.path)


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ("truck", "bus")},
        {"decoder": "deim"},
        {"input": {"width": 320, "height": 320}},
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_at_once(model: Model, changes: dict[str, object]) -> None:
    with pytest.raises(DetectorFailed) as failed:
        onnx.build(onnx.Spec(), edited(model, **changes), threads=1)
    assert model.manifest.name in failed.value.problem.say("en")


def test_a_file_that_is_no_model_is_refused(model: Model, tmp_path: Path) -> None:
    junk = tmp_path / "junk.onnx"
    junk.write_bytes(b"not a model at all")
    with pytest.raises(DetectorFailed) as failed:
        onnx.build(onnx.Spec(), Model(manifest=model.manifest, path=junk), threads=1)
    assert failed.value.problem.code == "model.failed"
