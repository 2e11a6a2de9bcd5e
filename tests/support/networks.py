"""Small networks made on the spot: one convolution per level, so that what they answer can be told beforehand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from inference.detections import Detections, Picture
from inference.manifest import Manifest, Model, ModelInput, sha256

STRIDES = (8, 16, 32)
CLASSES = ("truck", "bus")
Axis = int | str


def white_finder(
    folder: Path,
    *,
    name: str = "white",
    sides: tuple[Axis, Axis] = ("width", "height"),
    batch: Axis = "batch",
    classes: tuple[str, ...] = CLASSES,
    promised: tuple[int, int] = (96, 64),
) -> Model:
    """YOLOX's form: every cell says how white it is, and calls that a truck as large as itself.

    sides: width and height of the input, a word for a free axis. classes, promised: what the manifest says.
    """
    weights = np.zeros((5 + len(CLASSES), 3, 1, 1), np.float32)
    weights[4] = 1 / (3 * 255)  # objectness: 1 for white
    bias = np.array(
        [0.5, 0.5, 0, 0, 0, 1, 0], np.float32
    )  # the cell's middle, its own size, certainly a truck
    file = folder / f"{name}.onnx"
    onnx.save(_network(weights, bias, (batch, 3, sides[1], sides[0]), rows_last=True), file)
    return described(file, classes, promised, "yolox")


def silent_yolov8(folder: Path, metadata: dict[str, str], *, side: int = 64) -> Path:
    """YOLOv8's form with two classes that finds nothing, and says of itself what an export of Ultralytics says."""
    weights, bias = np.zeros((4 + len(CLASSES), 3, 1, 1), np.float32), np.zeros(6, np.float32)
    made = _network(weights, bias, (1, 3, side, side), rows_last=False)
    helper.set_model_props(made, metadata)
    file = folder / "site.onnx"
    onnx.save(made, file)
    return file


def described(
    file: Path, classes: tuple[str, ...], size: tuple[int, int], decoder: str, **recipe: object
) -> Model:
    given = ModelInput.model_validate({"width": size[0], "height": size[1], **recipe})
    words = {"name": file.stem, "file": file.name, "sha256": sha256(file), "licence": "-", "input": given}
    manifest = Manifest.model_validate({**words, "classes": classes, "decoder": decoder})
    return Model(manifest=manifest, path=file)


def edited(model: Model, **changes: object) -> Model:
    manifest = Manifest.model_validate({**model.manifest.model_dump(), **changes})
    return Model(manifest=manifest, path=model.path)


def black(width: int, height: int, *whites: tuple[int, int]) -> Picture:
    """With a white square of 8 px at each of these places (left, top: multiples of 8)."""
    picture = np.zeros((height, width, 3), np.uint8)
    for left, top in whites:
        picture[top : top + 8, left : left + 8] = 255
    return picture


def places(found: Detections) -> list[list[float]]:
    return sorted(found.boxes[found.scores > 0.9].tolist())


PICTURES = (
    black(96, 64, (40, 24)),
    black(50, 30, (8, 0), (40, 16)),
    black(96, 64),
    black(33, 31, (0, 0)),
    black(50, 30, (16, 8)),
)
PLACES = [
    [[40, 24, 48, 32]],
    [[8, 0, 16, 8], [40, 16, 48, 24]],
    [],
    [[0, 0, 8, 8]],
    [[16, 8, 24, 16]],
]


class LostCard:
    """Stands for a session on a graphics card, which a test machine need not have: it fails when it is run."""

    def run(self, *_: object) -> None:
        raise RuntimeError("CUDA failure 999: unknown error")

    def infer(self, *_: object, **__: object) -> None:
        self.run()


def _network(
    weights: NDArray[np.float32], bias: NDArray[np.float32], shape: Sequence[Axis], *, rows_last: bool
) -> onnx.ModelProto:
    """The same 1x1 convolution over the mean of every cell, level by level, flattened into one list of cells."""
    nodes, levels = [], []
    for stride in STRIDES:
        square = [stride, stride]
        nodes += [
            helper.make_node(
                "AveragePool", ["images"], [f"mean{stride}"], kernel_shape=square, strides=square
            ),
            helper.make_node("Conv", [f"mean{stride}", "weights", "bias"], [f"map{stride}"]),
            helper.make_node("Reshape", [f"map{stride}", "flat"], [f"cells{stride}"]),
        ]
        levels.append(f"cells{stride}")
    joined = "joined" if rows_last else "output"
    nodes.append(helper.make_node("Concat", levels, [joined], axis=2))
    if rows_last:
        nodes.append(helper.make_node("Transpose", ["joined"], ["output"], perm=[0, 2, 1]))
    constants: dict[str, NDArray[Any]] = {
        "weights": weights,
        "bias": bias,
        "flat": np.array([0, len(bias), -1], np.int64),
    }
    graph = helper.make_graph(
        nodes,
        "cells",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
