"""A site's own export of Ultralytics runs in our backends, described by what it says of itself."""

from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from inference.adoption import adopted
from inference.detectors import onnx
from inference.manifest import Model, ModelRefused, sha256, verified
from tests.support.networks import silent_yolov8

TOLD = {"names": "{0: 'truck', 1: 'excavator'}", "imgsz": "[64, 64]", "task": "detect", "description": "ours"}


def test_an_onnx_export_is_described_and_runs(tmp_path: Path) -> None:
    file = silent_yolov8(tmp_path, TOLD)
    manifest = adopted(file, "AGPL-3.0")
    assert (manifest.classes, manifest.decoder) == (("truck", "excavator"), "yolov8")
    assert (manifest.input.colour, manifest.input.width) == ("rgb", 64)
    detector = onnx.build(onnx.Spec(), Model(manifest=manifest, path=file), threads=1)
    (found,) = detector.detect([np.zeros((40, 64, 3), np.uint8)])
    assert len(found) == 0


def test_what_is_written_can_be_read_again(tmp_path: Path) -> None:
    file = silent_yolov8(tmp_path, TOLD)
    manifest = adopted(file, "AGPL-3.0")
    YAML(typ="safe").dump(manifest.model_dump(mode="json"), tmp_path / "site.yaml")
    assert verified(tmp_path / "site.yaml").manifest == manifest


def test_an_openvino_folder_is_described_by_its_metadata(tmp_path: Path) -> None:
    (tmp_path / "site.bin").write_bytes(b"weights")
    file = tmp_path / "site.xml"
    file.write_text("<net/>")
    (tmp_path / "metadata.yaml").write_text(
        "task: detect\nimgsz: [384, 640]\nnames:\n  0: truck\n  1: loader\nend2end: true\n"
    )
    manifest = adopted(file, "AGPL-3.0")
    assert (manifest.input.width, manifest.input.height) == (640, 384)
    assert (manifest.classes, manifest.decoder) == (("truck", "loader"), "yolov10")
    assert manifest.sha256 == sha256(file)


@pytest.mark.parametrize(
    "changes",
    [{"names": ""}, {"names": "{1: 'truck'}"}, {"task": "segment"}, {"imgsz": "[64]"}, {"imgsz": "[65, 64]"}],
)
def test_one_that_says_too_little_or_something_else_is_refused(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    with pytest.raises(ModelRefused) as refused:
        adopted(silent_yolov8(tmp_path, {**TOLD, **changes}), "AGPL-3.0")
    assert refused.value.problem.code == "model.unnamed"
