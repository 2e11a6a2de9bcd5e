"""kind: onnx -- a model file run by ONNX Runtime on the CPU."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from inference.decoders import DECODERS, BadOutput
from inference.detections import Detections, Fit, Picture
from inference.detector import DetectorFailed, DetectorSpec
from inference.manifest import Model
from streams.problem import Problem, Text

if TYPE_CHECKING:  # 40 MB that the daemon's main process, which only reads the Spec, has no use for
    import onnxruntime

_LOWEST_SCORE = 0.1  # what the tracker's second stage still uses (ByteTrack); lower is noise


class Spec(DetectorSpec):
    """detector: {kind: onnx, ...} in the configuration."""

    kind: Literal["onnx"] = "onnx"
    model: str = Field(default="sandwatch-proof-416", pattern=r"^[\w.-]+$")
    models: Path | None = None
    threads: int = Field(default=0, ge=0, le=64)


class OnnxDetector:
    """One ONNX Runtime session and the input buffer it reads. See inference.detections.Detector."""

    def __init__(self, model: Model, threads: int) -> None:
        self._manifest = model.manifest
        self._session = _session(model, threads)
        self._decode = DECODERS[model.manifest.decoder]
        shape = (1, 3, model.manifest.input.height, model.manifest.input.width)
        self._tensor = np.full(shape, model.manifest.input.pad * model.manifest.input.scale, np.float32)
        self._filled = (0, 0)
        self._feed = _feed(self._session, self._tensor, self.size)
        self._check_output()

    @property
    def classes(self) -> tuple[str, ...]:
        return self._manifest.classes

    @property
    def size(self) -> tuple[int, int]:
        return self._manifest.input.width, self._manifest.input.height

    @property
    def fit(self) -> Fit:
        return self._manifest.input.fit

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        self._fill(picture)
        try:
            outputs = self._session.run(None, self._feed)
            found = self._decode(outputs, self.size, _LOWEST_SCORE)
        except BadOutput as error:
            raise DetectorFailed(_bad_output(self._manifest.name, str(error))) from error
        except Exception as error:  # onnxruntime raises bare RuntimeErrors of many private types
            raise DetectorFailed(_failed(self._manifest.name, error)) from error
        return found.keep(found.labels < len(self.classes))

    def _fill(self, picture: Picture) -> None:
        height, width = picture.shape[:2]
        recipe = self._manifest.input
        planes = picture.transpose(2, 0, 1)
        if recipe.colour == "rgb":
            planes = planes[::-1]
        inside = self._tensor[0, :, :height, :width]
        if recipe.scale == 1.0:
            inside[...] = planes
        else:
            np.multiply(planes, recipe.scale, out=inside)
        if (height, width) != self._filled:  # else the padding of the last picture is still there
            self._tensor[0, :, height:, :] = recipe.pad * recipe.scale
            self._tensor[0, :, :height, width:] = recipe.pad * recipe.scale
            self._filled = (height, width)

    def _check_output(self) -> None:
        """One empty run: a class list that does not fit the model must fail now, not at the first truck."""
        blank = np.full((*self._tensor.shape[2:], 3), self._manifest.input.pad, np.uint8)
        self._one(blank)
        if self._manifest.decoder == "yolox":
            classes = self._session.get_outputs()[0].shape[-1]
            if isinstance(classes, int) and classes - 5 != len(self.classes):
                words = f"the model has {classes - 5} classes, its manifest lists {len(self.classes)}"
                raise DetectorFailed(_bad_output(self._manifest.name, words))


def build(spec: Spec, model: Model, threads: int) -> OnnxDetector:
    """A detector that is ready to run. threads: used where the spec says 0. Raises DetectorFailed."""
    return OnnxDetector(model, spec.threads or threads)


def _session(model: Model, threads: int) -> "onnxruntime.InferenceSession":
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: its warnings speak of graph optimisation
    # Spinning threads burn a core between pictures; a gateway is idle most of the time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises bare RuntimeErrors of many private types
        raise DetectorFailed(_failed(model.manifest.name, error)) from error


def _feed(
    session: "onnxruntime.InferenceSession", tensor: NDArray[np.float32], size: tuple[int, int]
) -> dict[str, NDArray[np.generic]]:
    inputs = session.get_inputs()
    feed: dict[str, NDArray[np.generic]] = {inputs[0].name: tensor}
    for extra in inputs[1:]:  # DEIM wants the size its boxes are scaled to: ours is the input's own
        feed[extra.name] = np.array([size], np.int64)
    return feed


def _failed(name: str, error: Exception) -> Problem:
    first = str(error).splitlines()[0][:200]
    return Problem(
        "model.failed",
        Text(f"model {name}: ONNX Runtime says: {first}", f"模型 {name}：ONNX Runtime 报错：{first}"),
        Text(
            "check the model file, or choose another detector.model", "请检查模型文件，或更换 detector.model"
        ),
    )


def _bad_output(name: str, why: str) -> Problem:
    return Problem(
        "model.layout",
        Text(f"model {name} does not fit its manifest: {why}", f"模型 {name} 与清单不符：{why}"),
        Text("correct classes, input or decoder in the manifest", "请更正清单中的 classes、input 或 decoder"),
    )
