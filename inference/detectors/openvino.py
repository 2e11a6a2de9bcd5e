"""kind: openvino -- the same model files, compiled by OpenVINO: often faster than ONNX Runtime on Intel's CPUs, and
the way to their graphics and neural units. Optional: `pip install 'sandwatch[openvino]'`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import structlog
from numpy.typing import NDArray
from pydantic import Field

from inference.detector import DetectorFailed, DetectorSpec
from inference.manifest import SYSTEM_MODELS, Model, quantised
from inference.network import Network
from inference.refusals import failed, lost, missing, no_precision, not_offered
from inference.tensor import Tensor
from streams.problem import Problem

if TYPE_CHECKING:
    import openvino

Device = Literal["cpu", "gpu", "npu"]
Precision = Literal["auto", "f32", "bf16", "f16", "int8"]
Hint = Literal["latency", "throughput"]

_RUNTIME = "OpenVINO"
_ABILITIES: dict[Precision, str] = {"f32": "FP32", "bf16": "BF16", "f16": "FP16"}
_MOST = 8  # pictures at once: bounds the memory of a batch; more is no faster on any device we measured

log = structlog.get_logger()


class Spec(DetectorSpec):
    """detector: {kind: openvino, ...} in the configuration.

    precision: auto is what OpenVINO takes by itself (bf16 where the CPU has it); int8 needs the exported NAME-int8
    beside the model. hint: latency answers one picture soonest; throughput works on several at once.
    """

    kind: Literal["openvino"] = "openvino"
    model: str = Field(default="sandwatch-nano", pattern=r"^[\w.-]+$")
    models: Path | None = None
    threads: int = Field(default=0, ge=0, le=64)
    device: Device = "cpu"
    precision: Precision = "auto"
    hint: Hint = "latency"

    @property
    def at_once(self) -> bool:
        return self.hint == "throughput"


def build(spec: Spec, model: Model, threads: int) -> Network:
    """A detector that is ready to run. threads: used where the spec says 0. Raises DetectorFailed, ModelRefused."""
    if spec.precision == "int8":
        model = quantised(model, (*([spec.models] if spec.models else []), SYSTEM_MODELS))
    return Network(model, OpenVinoEngine(model, spec, spec.threads or threads))


def precisions() -> tuple[Precision, ...]:
    """Those of floating point that the CPU of this box has. Raises DetectorFailed where OpenVINO is missing."""
    able = _abilities(_core(), "cpu")
    return tuple(precision for precision, ability in _ABILITIES.items() if ability in able)


def devices() -> tuple[Device, ...]:
    """Those that OpenVINO finds on this box. Raises DetectorFailed where it is missing."""
    there = _core().available_devices
    known: tuple[Device, ...] = ("cpu", "gpu", "npu")
    return tuple(device for device in known if any(name.startswith(device.upper()) for name in there))


class OpenVinoEngine:
    """A compiled model; on a device other than the CPU, the CPU takes over when that fails. See network.Engine."""

    def __init__(self, model: Model, spec: Spec, threads: int) -> None:
        self._name = model.manifest.name
        self._spec = spec
        self._threads = threads
        self._lost: Problem | None = None
        self._core = _core()
        if spec.device not in (there := devices()):
            raise DetectorFailed(not_offered(_RUNTIME, spec.device, there))
        if (ability := _ABILITIES.get(spec.precision)) and ability not in _abilities(self._core, spec.device):
            raise DetectorFailed(no_precision(_RUNTIME, spec.device, spec.precision))
        self._device: Device = spec.device
        self._names = model.manifest.outputs
        try:
            self._network = self._core.read_model(str(model.path))
            self._prepare()
        except RuntimeError as error:  # the only type OpenVINO raises
            raise DetectorFailed(failed(self._name, _RUNTIME, error)) from error

    @property
    def sides(self) -> tuple[int | None, int | None]:
        height, width = self._shape[1:3] if self.channels_last else self._shape[2:4]
        return width, height

    @property
    def most(self) -> int:
        if len(self._requests) > 1:
            return len(self._requests)
        return self._shape[0] or _MOST

    @property
    def dtype(self) -> np.dtype[np.generic]:
        dtype: np.dtype[np.generic] = np.dtype(self._network.inputs[0].get_element_type().to_dtype())
        return dtype

    @property
    def channels_last(self) -> bool:
        return self._shape[3] == 3

    @property
    def problem(self) -> Problem | None:
        return self._lost

    def run(self, tensor: Tensor, size: tuple[int, int]) -> list[NDArray[np.generic]]:
        try:
            if len(self._requests) > 1:
                return self._at_once(tensor, size)
            return self._answers(self._requests[0].infer(self._inputs(tensor, size), share_inputs=True))
        except RuntimeError as error:  # the only type OpenVINO raises
            if self._device == "cpu":
                raise DetectorFailed(failed(self._name, _RUNTIME, error)) from error
            self._fall_back(error)
            return self.run(tensor, size)

    def _at_once(self, tensor: Tensor, size: tuple[int, int]) -> list[NDArray[np.generic]]:
        """A picture to a stream: OpenVINO's own way to throughput, which beats a batch on a CPU."""
        rows = range(len(tensor))
        for row in rows:
            self._requests[row].start_async(self._inputs(tensor[row : row + 1], size), share_inputs=True)
        for row in rows:
            self._requests[row].wait()
        each = [self._answers(self._requests[row].results) for row in rows]
        return [np.concatenate(answers) for answers in zip(*each, strict=True)]

    def _inputs(self, tensor: Tensor, size: tuple[int, int]) -> list[NDArray[np.generic]]:
        # DEIM wants the size its boxes are scaled to: ours is the input's own.
        others = len(self._network.inputs) - 1
        return [tensor, *[np.tile(np.array(size, np.int64), (len(tensor), 1))] * others]

    def _answers(self, results: Any) -> list[NDArray[np.generic]]:
        return [np.asarray(results[output]) for output in self._outputs]

    def _prepare(self) -> None:
        self._shape = _shape(self._network.inputs[0].get_partial_shape())
        compiled = self._core.compile_model(self._network, self._device.upper(), self._settings())
        self._outputs = [compiled.output(name) for name in self._names] or compiled.outputs
        streams = 1
        if self._spec.hint == "throughput":
            streams = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._requests = [compiled.create_infer_request() for _ in range(streams)]

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {"PERFORMANCE_HINT": self._spec.hint.upper()}
        if self._spec.precision in _ABILITIES:
            settings["INFERENCE_PRECISION_HINT"] = self._spec.precision
        if self._device == "cpu":
            # Workers are processes that know nothing of each other: pinned, all of them take the first cores.
            settings |= {"INFERENCE_NUM_THREADS": self._threads, "ENABLE_CPU_PINNING": False}
        return settings

    def _fall_back(self, error: Exception) -> None:
        self._lost = lost(self._name, self._device, error)
        log.error("detector.device_lost", device=self._device, reason=self._lost.what.en)
        self._device = "cpu"
        self._prepare()


def _core() -> "openvino.Core":
    try:
        import openvino  # noqa: PLC0415
    except ImportError as error:
        raise DetectorFailed(missing(_RUNTIME, "openvino")) from error
    return openvino.Core()


def _abilities(core: "openvino.Core", device: Device) -> list[str]:
    return list(core.get_property(device.upper(), "OPTIMIZATION_CAPABILITIES"))


def _shape(partial: Any) -> tuple[int | None, ...]:
    return tuple(side.get_length() if side.is_static else None for side in partial)
