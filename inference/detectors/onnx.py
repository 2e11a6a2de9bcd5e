"""kind: onnx -- a model file run by ONNX Runtime, on the CPU or on what else this box's build of it offers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import structlog
from numpy.typing import NDArray
from pydantic import Field

from inference.detector import DetectorFailed, DetectorSpec
from inference.manifest import Model
from inference.network import Network
from inference.refusals import failed, lost, not_offered, not_started
from inference.runtime import onnx_runtime
from inference.tensor import Tensor
from streams.problem import Problem

if TYPE_CHECKING:  # 40 MB that the daemon's main process, which only reads the Spec, has no use for
    from onnxruntime import InferenceSession

Device = Literal["cpu", "cuda", "tensorrt", "openvino"]

_PROVIDERS: dict[Device, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
_DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}
_RUNTIME = "ONNX Runtime"
_MOST = 8  # pictures at once: bounds the memory of a batch; more is no faster on any device we measured

log = structlog.get_logger()


class Spec(DetectorSpec):
    """detector: {kind: onnx, ...} in the configuration.

    device: auto is CUDA where ONNX Runtime offers it and it starts, else the CPU.
    """

    kind: Literal["onnx"] = "onnx"
    model: str = Field(default="sandwatch-nano", pattern=r"^[\w.-]+$")
    models: Path | None = None
    threads: int = Field(default=0, ge=0, le=64)
    device: Literal["auto", Device] = "auto"

    @property
    def at_once(self) -> bool:
        return self.device in ("cuda", "tensorrt")


def build(spec: Spec, model: Model, threads: int) -> Network:
    """A detector that is ready to run. threads: used where the spec says 0. Raises DetectorFailed."""
    return Network(model, OnnxEngine(model, spec.device, spec.threads or threads))


def offered() -> tuple[Device, ...]:
    """The devices that this build of ONNX Runtime was made for."""
    there = onnx_runtime().get_available_providers()
    return tuple(device for device, provider in _PROVIDERS.items() if provider in there)


class OnnxEngine:
    """A session; on a device other than the CPU, the CPU takes over when that fails. See inference.network.Engine."""

    def __init__(self, model: Model, device: Literal["auto", Device], threads: int) -> None:
        self._model = model
        self._threads = threads
        self._lost: Problem | None = None
        self._device, self._session = self._start(device)
        self._image, *self._others = self._session.get_inputs()
        if self._image.type not in _DTYPES or len(self._image.shape) != 4:
            kind = f"{self._image.type} {self._image.shape}"
            raise DetectorFailed(failed(model.manifest.name, _RUNTIME, ValueError(f"input {kind}")))

    @property
    def sides(self) -> tuple[int | None, int | None]:
        height, width = self._image.shape[1:3] if self.channels_last else self._image.shape[2:4]
        return _fixed(width), _fixed(height)

    @property
    def most(self) -> int:
        return _fixed(self._image.shape[0]) or _MOST

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(_DTYPES[self._image.type])

    @property
    def channels_last(self) -> bool:
        return bool(self._image.shape[3] == 3)

    @property
    def device(self) -> Device:
        return self._device

    @property
    def problem(self) -> Problem | None:
        return self._lost

    def run(self, tensor: Tensor, size: tuple[int, int]) -> list[NDArray[np.generic]]:
        feed = {self._image.name: tensor}
        for other in self._others:  # DEIM wants the size its boxes are scaled to: ours is the input's own
            feed[other.name] = np.tile(np.array(size, np.int64), (len(tensor), 1))
        wanted = list(self._model.manifest.outputs) or None
        try:
            return list(self._session.run(wanted, feed))
        except Exception as error:  # onnxruntime raises bare RuntimeErrors of many private types
            if self._device == "cpu":
                raise DetectorFailed(failed(self._model.manifest.name, _RUNTIME, error)) from error
            self._fall_back(error)
            return self.run(tensor, size)

    def _fall_back(self, error: Exception) -> None:
        self._lost = lost(self._model.manifest.name, self._device, error)
        log.error("detector.device_lost", device=self._device, reason=self._lost.what.en)
        self._device, self._session = "cpu", self._open("cpu")

    def _start(self, device: Literal["auto", Device]) -> "tuple[Device, InferenceSession]":
        there = offered()
        if device != "auto":
            if device not in there:
                raise DetectorFailed(not_offered(_RUNTIME, device, there))
            return device, self._open(device)
        if "cuda" in there:
            try:
                return "cuda", self._open("cuda")
            except DetectorFailed as no_card:
                log.warning("detector.cpu_instead", wanted="cuda", reason=no_card.problem.what.en)
        return "cpu", self._open("cpu")

    def _open(self, device: Device) -> "InferenceSession":
        """Raises DetectorFailed, also where ONNX Runtime would quietly take the CPU instead."""
        providers = list(dict.fromkeys([_PROVIDERS[device], _PROVIDERS["cpu"]]))
        try:
            session = onnx_runtime().InferenceSession(
                str(self._model.path), self._options(), providers=providers
            )
        except Exception as error:  # onnxruntime raises bare RuntimeErrors of many private types
            raise DetectorFailed(failed(self._model.manifest.name, _RUNTIME, error)) from error
        session.disable_fallback()
        if session.get_providers()[0] != _PROVIDERS[device]:
            raise DetectorFailed(not_started(_RUNTIME, device))
        return session

    def _options(self) -> Any:
        options = onnx_runtime().SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: its warnings speak of graph optimisation
        # Sheets have hundreds of sizes. A plan of memory for each, laid into one arena, makes holes: a process grew by
        # 37 MB over 4,000 of them and went on, by 25 at once and no more without; a look takes as long.
        options.enable_mem_pattern = False
        # Spinning threads burn a core between pictures; a gateway is idle most of the time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return options


def _fixed(side: object) -> int | None:
    """ONNX gives a free axis a name, or nothing."""
    return side if isinstance(side, int) and side > 0 else None
