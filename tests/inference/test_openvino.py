"""The OpenVINO backend answers as ONNX Runtime does, in every precision and hint; and the INT8 export."""

from pathlib import Path

import numpy as np
import pytest

from edge import assets
from inference.agreement import agreement
from inference.calibration import calibration_pictures
from inference.candidates import SURE
from inference.detector import DetectorFailed
from inference.detectors import onnx, openvino
from inference.manifest import Model, ModelRefused, find, quantised
from inference.network import Network
from inference.quantise import quantise
from tests.support.networks import PICTURES, PLACES, LostCard, edited, places, white_finder


@pytest.fixture(scope="module")
def model() -> Model:
    return find("sandwatch-nano", [assets.models()])


@pytest.mark.parametrize("hint", ["latency", "throughput"])
@pytest.mark.parametrize("sides", [("width", "height"), (96, 64)])
def test_pictures_of_any_size_together(
    tmp_path: Path, hint: openvino.Hint, sides: tuple[int | str, int | str]
) -> None:
    spec = openvino.Spec(precision="f32", hint=hint)
    detector = openvino.build(spec, white_finder(tmp_path, sides=sides), threads=2)
    assert detector.flexible == (sides == ("width", "height"))
    assert [places(found) for found in detector.detect(PICTURES)] == PLACES


def test_the_shipped_model_answers_as_under_onnx_runtime(model: Model, demo_clip: Path) -> None:
    reference = onnx.build(onnx.Spec(device="cpu"), model, threads=1)
    pictures = calibration_pictures(demo_clip, reference, 4)
    mine = openvino.build(openvino.Spec(precision="f32"), model, threads=1).detect(pictures)
    for found, wanted in zip(mine, reference.detect(pictures), strict=True):
        assert np.allclose(found.boxes, wanted.boxes, atol=0.05)
        assert np.allclose(found.scores, wanted.scores, atol=1e-3)
        assert np.array_equal(found.labels, wanted.labels)


def test_a_card_that_is_not_there_is_refused(model: Model) -> None:
    with pytest.raises(DetectorFailed) as failed:
        openvino.build(openvino.Spec(device="npu"), model, threads=1)
    assert failed.value.problem.code == "detector.device"


def test_a_card_lost_in_mid_run_costs_no_picture(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    engine = openvino.OpenVinoEngine(model, openvino.Spec(precision="f32"), 1)
    detector = Network(model, engine)
    engine._device, engine._requests = "gpu", [LostCard()]
    assert [places(found) for found in detector.detect(PICTURES)] == PLACES
    assert detector.problem is not None
    assert detector.problem.code == "detector.device_lost"


def test_a_manifest_that_does_not_fit_is_refused(model: Model) -> None:
    with pytest.raises(DetectorFailed, match="the model has 8 classes, its manifest lists 1"):
        openvino.build(openvino.Spec(), edited(model, classes=("truck",)), threads=1)


def test_int8_without_its_export_says_what_is_missing(model: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelRefused) as refused:
        openvino.build(openvino.Spec(precision="int8", models=tmp_path), model, threads=1)
    assert "sandwatch-nano-int8" in refused.value.problem.say("en")


def test_the_int8_export_stands_beside_the_model_and_belongs_to_it(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    made = quantise(model, PICTURES, tmp_path)
    assert made.manifest.made_from == model.manifest.sha256
    detector = openvino.build(openvino.Spec(precision="int8"), model, threads=1)
    assert detector.classes == model.manifest.classes
    found = detector.detect(PICTURES)
    wanted = onnx.build(onnx.Spec(), model, threads=1).detect(PICTURES)
    assert agreement(found, wanted, SURE) > 0.9

    other = white_finder(tmp_path, classes=("lorry", "bus"), promised=(128, 64))
    replaced = Model(manifest=other.manifest.model_copy(update={"sha256": "1" * 64}), path=other.path)
    with pytest.raises(ModelRefused, match="was not made from"):
        quantised(replaced, ())
