"""The ONNX Runtime backend: the shipped model sees a truck, pictures of any size and number, and bad models."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from edge import assets
from inference.detections import Detections
from inference.detector import DetectorFailed
from inference.detectors import onnx
from inference.manifest import Model, find
from inference.network import Network
from inference.views import Cutter, View, fitted, placed
from tests.support.networks import PICTURES, PLACES, LostCard, black, described, edited, places, white_finder


@pytest.fixture(scope="module")
def model() -> Model:
    return find("sandwatch-nano", [assets.models()])


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
    assert np.allclose(first.boxes, second.boxes, atol=1e-3)
    assert np.allclose(first.scores, second.scores, atol=1e-5)


@pytest.mark.parametrize("sides", [("width", "height"), (96, 64)])
@pytest.mark.parametrize("batch", ["batch", 1])
def test_pictures_of_any_size_together_are_found_as_one_by_one(
    tmp_path: Path, sides: tuple[int | str, int | str], batch: int | str
) -> None:
    detector = onnx.build(onnx.Spec(), white_finder(tmp_path, sides=sides, batch=batch), threads=1)
    assert detector.flexible == (sides == ("width", "height"))
    assert [places(found) for found in detector.detect(PICTURES)] == PLACES
    assert [places(detector.detect([picture])[0]) for picture in PICTURES] == PLACES


class Noted:
    """An engine that remembers what it was run on."""

    def __init__(self, engine: onnx.OnnxEngine) -> None:
        self._engine = engine
        self.shapes: list[tuple[int, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def run(self, tensor: NDArray[np.generic], size: tuple[int, int]) -> list[NDArray[np.generic]]:
        self.shapes.append(tensor.shape)
        return self._engine.run(tensor, size)


def test_a_smaller_picture_is_padded_to_the_next_32_only_and_like_sizes_run_at_once(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    engine = Noted(onnx.OnnxEngine(model, "cpu", 1))
    detector = Network(model, engine)
    engine.shapes.clear()
    detector.detect(PICTURES)
    assert sorted(engine.shapes) == [(2, 3, 64, 96), (3, 3, 32, 64)]
    engine.shapes.clear()
    detector.detect([black(96, 64)] * 20)
    assert [shape[0] for shape in engine.shapes] == [8, 8, 4]


def test_a_picture_larger_than_the_input_is_the_callers_mistake(tmp_path: Path) -> None:
    detector = onnx.build(onnx.Spec(), white_finder(tmp_path), threads=1)
    with pytest.raises(ValueError, match="97x64"):
        detector.detect([black(97, 64)])


def test_colours_and_values_are_laid_out_as_the_manifest_says(tmp_path: Path) -> None:
    """The network looks for 255 in all channels: 55 with mean -200 is as good."""
    made = white_finder(tmp_path)
    model = described(made.path, made.manifest.classes, (96, 64), "yolox", mean=[0, 0, -200], colour="rgb")
    detector = onnx.build(onnx.Spec(), model, threads=1)
    picture = np.full((64, 96, 3), 255, np.uint8)
    picture[..., 0] = 55  # blue, the last channel of RGB
    (found,) = detector.detect([picture])
    assert found.scores[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"classes": ("truck", "bus")}, "the model has 8 classes, its manifest lists 2"),
        ({"decoder": "deim"}, "this looks like yolox with 8 classes"),
        ({"decoder": "own"}, "kind: ultralytics"),
        ({"outputs": ("boxes",)}, "ONNX Runtime says"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_at_once(
    model: Model, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(DetectorFailed) as failed:
        onnx.build(onnx.Spec(), edited(model, **changes), threads=1)
    assert model.manifest.name in failed.value.problem.say("en")
    assert words in failed.value.problem.say("en")


def test_a_size_that_a_fixed_model_does_not_have_is_refused(tmp_path: Path) -> None:
    fixed = edited(white_finder(tmp_path, sides=(96, 64)), input={"width": 128, "height": 64})
    with pytest.raises(DetectorFailed) as failed:
        onnx.build(onnx.Spec(), fixed, threads=1)
    assert "its input is 96x64 px, the manifest says 128x64" in failed.value.problem.say("en")


def test_a_file_that_is_no_model_is_refused(model: Model, tmp_path: Path) -> None:
    junk = tmp_path / "junk.onnx"
    junk.write_bytes(b"not a model at all")
    with pytest.raises(DetectorFailed) as failed:
        onnx.build(onnx.Spec(), Model(manifest=model.manifest, path=junk), threads=1)
    assert failed.value.problem.code == "model.failed"


def test_a_device_that_this_runtime_was_not_built_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DetectorFailed) as failed:
        onnx.build(onnx.Spec(device="tensorrt"), white_finder(tmp_path), threads=1)
    assert failed.value.problem.code == "detector.device"
    assert "tensorrt" in failed.value.problem.say("zh")


def test_a_graphics_card_lost_in_mid_run_costs_no_picture(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    engine = onnx.OnnxEngine(model, "cpu", 1)
    detector = Network(model, engine)
    assert detector.problem is None
    engine._device, engine._session = "cuda", LostCard()
    assert [places(found) for found in detector.detect(PICTURES)] == PLACES
    assert detector.problem is not None
    assert detector.problem.code == "detector.device_lost"
    assert "CUDA failure 999" in detector.problem.say("en")
    assert engine.device == "cpu"


def test_a_model_that_fails_on_the_cpu_fails(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    engine = onnx.OnnxEngine(model, "cpu", 1)
    detector = Network(model, engine)
    engine._session = LostCard()
    with pytest.raises(DetectorFailed):
        detector.detect(PICTURES)


def test_it_tells_its_makers_nothing(tmp_path: Path) -> None:
    """What ONNX Runtime reports by default begins with a device id in the home folder."""
    code = (
        "from inference.detectors import onnx; from inference.manifest import find; from edge import assets;"
        "onnx.build(onnx.Spec(), find('sandwatch-nano', [assets.models()]), 1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**clean(), "HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
