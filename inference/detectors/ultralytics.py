"""kind: ultralytics -- a site's own model in the form Ultralytics keeps it: .pt, .engine, .onnx or an OpenVINO folder.

Optional, and never imported unless a site asks for it: Ultralytics is under the AGPL-3.0 (or a licence bought from
its makers), which then holds for what runs here; `pip install 'sandwatch[ultralytics]'` is that decision. Exports to
.onnx and OpenVINO run without it in `kind: onnx` and `kind: openvino` (decoder: yolov8 or yolov10), faster.
A .pt file is a pickle that may run code when it is loaded: only known classes are let in (ULTRALYTICS_SAFE_LOAD), and
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Literal

import numpy as np
import structlog
from pydantic import Field

from inference.detections import Detections, Picture
from inference.detector import Described, DetectorFailed, DetectorSpec
from inference.manifest import Model
from inference.network import LOWEST_SCORE
from inference.refusals import failed, lost, missing, unfit
from streams.problem import Problem, Text

_RUNTIME = "Ultralytics"
_NMS_IOU = 0.5

log = structlog.get_logger()


class Spec(DetectorSpec):
    """detector: {kind: ultralytics, ...} in the configuration. device: auto is a CUDA card where torch sees one."""

    kind: Literal["ultralytics"] = "ultralytics"
    model: str = Field(default="site-model", pattern=r"^[\w.-]+$")
    models: Path | None = None
    threads: int = Field(default=0, ge=0, le=64)
    device: Literal["auto", "cpu", "cuda"] = "auto"


def build(spec: Spec, model: Model, threads: int) -> "UltralyticsDetector":
    """A detector that is ready to run. threads: used where the spec says 0. Raises DetectorFailed."""
    return UltralyticsDetector(model, spec, spec.threads or threads)


class UltralyticsDetector(Described):
    """A YOLO object of theirs. See inference.detections.Detector."""

    flexible = False  # an exported model has one size, and they enlarge a smaller picture to it

    def __init__(self, model: Model, spec: Spec, threads: int) -> None:
        super().__init__(model.manifest)
        self._path = model.path
        # It writes settings into the home folder of whoever runs it, which a service does not have.
        self._settings = tempfile.TemporaryDirectory(prefix="sandwatch-yolo-")
        self._library = _library(Path(self._settings.name), threads)
        self._device = _device(spec.device)
        self._lost: Problem | None = None
        self._yolo = self._opened()
        self.detect([np.full((self.size[1], self.size[0], 3), 114, np.uint8)])
        self._check_classes()

    @property
    def problem(self) -> Problem | None:
        return self._lost

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        # One by one: an .onnx or .engine of theirs has a batch of one unless it was exported otherwise.
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        height, width = picture.shape[:2]
        padded = np.full((self.size[1], self.size[0], 3), self._manifest.input.pad, np.uint8)
        padded[:height, :width] = picture
        try:
            boxes = self._predict(padded)
        except Exception as error:  # torch and each of their backends raise what they like
            if self._device == "cpu":
                raise DetectorFailed(failed(self._manifest.name, _RUNTIME, error)) from error
            self._fall_back(error)
            return self._one(picture)
        return _sound(boxes, (width, height))

    def _predict(self, padded: Picture) -> Any:
        (result,) = self._yolo.predict(
            padded,
            imgsz=[self.size[1], self.size[0]],
            conf=LOWEST_SCORE,
            iou=_NMS_IOU,
            agnostic_nms=True,
            device=self._device,
            verbose=False,
        )
        if result.boxes is None:
            raise ValueError("this model finds no boxes")
        return result.boxes

    def _opened(self) -> Any:
        try:
            return self._library.YOLO(str(self._path), task="detect")
        except Exception as error:  # torch and each of their backends raise what they like
            raise DetectorFailed(failed(self._manifest.name, _RUNTIME, error)) from error

    def _fall_back(self, error: Exception) -> None:
        self._lost = lost(self._manifest.name, self._device, error)
        log.error("detector.device_lost", device=self._device, reason=self._lost.what.en)
        self._device = "cpu"
        self._yolo = self._opened()  # what lay on the card is gone with it

    def _check_classes(self) -> None:
        named = tuple(self._yolo.names[index] for index in sorted(self._yolo.names))
        if named != self.classes:
            has, listed = ", ".join(named[:8]), ", ".join(self.classes[:8])
            why = Text(
                f"the model has {len(named)} classes ({has}), its manifest lists {len(self.classes)} ({listed})",
                f"模型有 {len(named)} 个类别（{has}），清单列出 {len(self.classes)} 个（{listed}）",
            )
            raise DetectorFailed(unfit(self._manifest.name, why))


def _library(settings: Path, threads: int) -> Any:
    """Import it so that it neither calls home nor installs packages by itself."""
    os.environ.update(YOLO_OFFLINE="True", YOLO_AUTOINSTALL="false", YOLO_CONFIG_DIR=str(settings))
    os.environ.setdefault(
        "ORT_DISABLE_TELEMETRY", "1"
    )  # it runs an .onnx by ONNX Runtime: see inference.runtime
    os.environ.setdefault("YOLO_VERBOSE", "false")
    os.environ.setdefault("ULTRALYTICS_SAFE_LOAD", "true")  # weights of known classes only, no other code
    try:
        import torch  # noqa: PLC0415
        import ultralytics  # noqa: PLC0415
    except ImportError as error:
        raise DetectorFailed(missing(_RUNTIME, "ultralytics")) from error
    torch.set_num_threads(threads)
    _mend_torchvision()
    return ultralytics


def _mend_torchvision() -> None:
    """A torchvision built for another torch does not import, and a prediction needs of it nothing but its NMS."""
    try:
        import torchvision  # noqa: F401, PLC0415
    except (ImportError, RuntimeError) as error:
        from ultralytics.utils.nms import TorchNMS  # noqa: PLC0415

        log.info("detector.torchvision_replaced", reason=str(error))
        stand_in = ModuleType("torchvision")
        stand_in.ops = SimpleNamespace(nms=TorchNMS.nms)  # type: ignore[attr-defined]
        sys.modules["torchvision"] = stand_in


def _device(wanted: str) -> str:
    import torch  # noqa: PLC0415

    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def _sound(boxes: Any, size: tuple[int, int]) -> Detections:
    corners = np.clip(boxes.xyxy.cpu().numpy(), 0, [*size, *size]).astype(np.float32)
    scores = boxes.conf.cpu().numpy().astype(np.float32)
    found = Detections(corners, scores, boxes.cls.cpu().numpy().astype(np.int32))
    order = np.argsort(-scores, kind="stable")
    inside = (corners[order, 2] > corners[order, 0]) & (corners[order, 3] > corners[order, 1])
    return found.keep(order).keep(inside)
