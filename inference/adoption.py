"""A manifest for a model that Ultralytics exported, from what the export says of itself: no Ultralytics needed."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from inference.manifest import Manifest, ModelRefused, sha256
from inference.runtime import onnx_runtime
from streams.problem import Problem, Text


def adopted(file: Path, licence: str) -> Manifest:
    """The manifest of an .onnx of Ultralytics, or of the .xml in an OpenVINO folder of theirs.

    licence: what the model may be used under; an export states it of the code at most. The manifest has to be written
    beside the file as NAME.yaml. Raises ModelRefused for what says nothing of itself, OSError.
    """
    told = _of_onnx(file) if file.suffix == ".onnx" else _of_folder(file)
    try:
        names = _names(told["names"])
        height, width = _sides(told["imgsz"])
        return Manifest.model_validate(
            {
                "name": re.sub(r"[^\w.-]", "-", file.stem),
                "file": file.name,
                "sha256": sha256(file),
                "licence": licence,
                "notice": str(told.get("description", "")),
                "classes": names,
                "input": {"width": width, "height": height, "colour": "rgb", "scale": 1 / 255},
                "decoder": _decoder(told),
            }
        )
    except (KeyError, ValueError, SyntaxError, TypeError, ValidationError) as error:
        raise ModelRefused(_speechless(file)) from error


def _of_onnx(file: Path) -> Mapping[str, Any]:
    try:
        session = onnx_runtime().InferenceSession(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises bare RuntimeErrors of many private types
        raise ModelRefused(_speechless(file)) from error
    return dict(session.get_modelmeta().custom_metadata_map)


def _of_folder(file: Path) -> Mapping[str, Any]:
    path = file.with_name("metadata.yaml")
    try:
        told = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, YAMLError) as error:
        raise ModelRefused(_speechless(file)) from error
    return told if isinstance(told, Mapping) else {}


def _names(told: object) -> list[str]:
    """{0: 'truck', 1: 'car'}, as a mapping or written out."""
    named = ast.literal_eval(told) if isinstance(told, str) else told
    assert isinstance(named, Mapping)
    return [str(named[index]) for index in range(len(named))]


def _sides(told: object) -> tuple[int, int]:
    """[height, width], as a list or written out."""
    height, width = ast.literal_eval(told) if isinstance(told, str) else told  # type: ignore[misc]
    return int(height), int(width)


def _decoder(told: Mapping[str, Any]) -> Literal["yolov8", "yolov10"]:
    if (task := told.get("task", "detect")) != "detect":
        raise ValueError(f"a model for {task}")
    whole = str(told.get("end2end", "")) == "True" or "'nms': True" in str(told.get("args", ""))
    return "yolov10" if whole else "yolov8"


def _speechless(file: Path) -> Problem:
    return Problem(
        "model.unnamed",
        Text(
            f"{file.name} does not say its classes and size as Ultralytics' exports of a detector do",
            f"{file.name} 没有像 Ultralytics 检测模型导出那样说明类别和尺寸",
        ),
        Text("write its manifest by hand", "请手工编写模型清单"),
    )
