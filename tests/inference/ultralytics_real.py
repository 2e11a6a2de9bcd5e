"""The ultralytics backend against the real thing. Not part of the suite: it needs Ultralytics and torch (AGPL-3.0,
1.2 GB) in a place of their own: `make test-ultralytics`.

The models are built from Ultralytics' own plans with random weights, and their last biases raised so that they find
something: what the boxes show is nonsense, that every way of running them finds the same is the test.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.adoption import adopted
from inference.decoders import iou
from inference.detections import Detections
from inference.detector import DetectorFailed
from inference.detectors import onnx, ultralytics
from inference.manifest import Manifest, Model, sha256

SIDE = 160
SURE = 0.2  # of boxes scored near 0.1, one side may drop what the other keeps
PICTURES = [
    np.random.default_rng(seed).integers(0, 255, (height, width, 3)).astype(np.uint8)
    for seed, height, width in ((1, 160, 160), (2, 90, 160))
]


@pytest.fixture(scope="module", params=["yolov8n", "yolo11n", "yolo26n"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with site.pt and site.onnx."""
    folder = tmp_path_factory.mktemp(request.param)
    os.environ.update(YOLO_OFFLINE="True", YOLO_AUTOINSTALL="false", YOLO_CONFIG_DIR=str(folder))
    import torch  # noqa: PLC0415
    from ultralytics import YOLO  # noqa: PLC0415

    torch.manual_seed(7)
    yolo: Any = YOLO(f"{request.param}.yaml")
    make_telling(yolo.model, torch)
    yolo.ckpt = {}
    yolo.save(folder / "site.pt")
    YOLO(folder / "site.pt").export(format="onnx", imgsz=SIDE, simplify=False, opset=17)
    yield folder
    shutil.rmtree(folder)


def make_telling(network: Any, torch: Any) -> None:
    """Random weights answer 0.01 everywhere, for boxes as large as the picture: let some cells of class 3 answer
    more, for boxes smaller than a cell, so that hardly any overlap."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = None  # the mean of what it has seen, so that signals keep their strength
    head = network.model[-1]
    with torch.no_grad():
        network.train()
        for _ in range(4):
            network(torch.rand(2, 3, SIDE, SIDE))
        network.eval()
        for branch in (*head.cv3, *(getattr(head, "one2one_cv3", None) or ())):
            branch[-1].weight[3].normal_(0, 0.3)
            branch[-1].bias[3] = -5.5
        for branch in (*head.cv2, *(getattr(head, "one2one_cv2", None) or ())):
            branch[-1].weight.zero_()  # the same box in every cell of a level, other sides in each
            distances = branch[-1].bias.view(4, -1)  # four sides, each in 16 bins or as one number
            distances[:] = torch.rand(distances.shape) / 2
            distances[:, 0] += 6.0 if distances.shape[1] > 1 else 0.2


def described(site: Path, name: str) -> Model:
    manifest = adopted(site / "site.onnx", "AGPL-3.0")
    words = {"file": name, "sha256": sha256(site / name)}
    if name.endswith(".pt"):
        words["decoder"] = "own"
    return Model(
        manifest=Manifest.model_validate({**manifest.model_dump(), **words}),
        path=site / name,
    )


def found_by(module: Any, model: Model) -> list[Detections]:
    detector = module.build(module.Spec(), model, 2)
    found: list[Detections] = detector.detect(PICTURES)
    return found


@pytest.mark.parametrize("name", ["site.pt", "site.onnx"])
def test_our_backend_finds_in_the_export_what_theirs_finds(site: Path, name: str) -> None:
    theirs = found_by(ultralytics, described(site, name))
    ours = found_by(onnx, described(site, "site.onnx"))
    for their, our in zip(theirs, ours, strict=True):
        sure = their.keep(their.scores > SURE)
        assert len(sure) > 3
        assert_found(sure, our)
        assert_found(our.keep(our.scores > SURE), their)


def assert_found(wanted: Detections, found: Detections) -> None:
    """Nearly all: where boxes overlap by about a half, the last digit of a score tells which one stays."""
    alike = wanted.labels[:, None] == found.labels[None, :]
    overlaps = np.where(alike, iou(wanted.boxes, found.boxes), 0).max(axis=1)
    assert (overlaps > 0.95).mean() > 0.9


def test_another_class_list_is_refused(site: Path) -> None:
    model = described(site, "site.pt")
    wrong = model.manifest.model_copy(update={"classes": ("truck",)})
    with pytest.raises(DetectorFailed, match="the model has 80 classes"):
        found_by(ultralytics, Model(manifest=wrong, path=model.path))


def test_a_file_that_is_no_model_is_refused(site: Path) -> None:
    junk = site / "junk.pt"
    junk.write_bytes(b"not a model at all")
    model = described(site, "site.pt")
    with pytest.raises(DetectorFailed):
        found_by(ultralytics, Model(manifest=model.manifest, path=junk))
