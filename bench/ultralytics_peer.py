"""Ultralytics' own prediction, and the same network as an ONNX file for ours: a YOLO11n from its makers' plan, with
random weights, for what it takes does not hang on what it says."""

import os
from importlib.util import find_spec
from pathlib import Path

from inference.adoption import adopted
from inference.detections import Detector
from inference.detectors import ultralytics
from inference.manifest import Manifest, Model, sha256

_PLAN = "yolo11n"
_LICENCE = "AGPL-3.0"


def installed() -> bool:
    return find_spec("ultralytics") is not None and find_spec("torch") is not None


def exported(desk: Path, side: int) -> Model:
    """YOLO11n at this input side, as an .onnx with its manifest; the .pt lies beside it."""
    os.environ.update(YOLO_OFFLINE="True", YOLO_AUTOINSTALL="false", YOLO_CONFIG_DIR=str(desk))
    from ultralytics import YOLO  # noqa: PLC0415

    weights = desk / f"{_PLAN}.pt"
    yolo = YOLO(f"{_PLAN}.yaml")
    yolo.ckpt = {}
    yolo.save(weights)
    file = Path(YOLO(weights).export(format="onnx", imgsz=side, opset=17, simplify=False, verbose=False))
    return Model(manifest=adopted(file, _LICENCE), path=file)


def predicting(model: Model, threads: int) -> Detector:
    """Their `predict` on the .pt that the model was exported from."""
    weights = model.path.with_suffix(".pt")
    words = {"file": weights.name, "sha256": sha256(weights), "decoder": "own"}
    manifest = Manifest.model_validate({**model.manifest.model_dump(), **words})
    theirs = ultralytics.Spec(device="cpu")
    return ultralytics.build(theirs, Model(manifest=manifest, path=weights), threads)
