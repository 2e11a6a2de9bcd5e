"""What the Triton of the tests runs: an ONNX file under its Python backend, one picture after the other.

A file of Triton's model repository, not of ours: TRITON_TEST_ONNX and TRITON_TEST_PACKAGES say what it needs.
"""

import os
import sys
from typing import Any

sys.path[:0] = os.environ["TRITON_TEST_PACKAGES"].split(os.pathsep)  # it runs isolated: no PYTHONPATH

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import triton_python_backend_utils as triton  # noqa: E402


class TritonPythonModel:
    def initialize(self, _: dict[str, str]) -> None:
        self._session = onnxruntime.InferenceSession(
            os.environ["TRITON_TEST_ONNX"], providers=["CPUExecutionProvider"]
        )

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Any) -> Any:
        pictures = _values(request, "images").astype(np.float32)
        sides = [pictures.shape[:1:-1]] * len(pictures)
        if _has_sizes(request) and not np.array_equal(_values(request, "sizes"), sides):
            return triton.InferenceResponse(error=triton.TritonError("sizes that are not the input's"))
        found = [self._session.run(None, {"images": picture[None]})[0] for picture in pictures]
        return triton.InferenceResponse([triton.Tensor.from_dlpack("output", np.concatenate(found))])


def _has_sizes(request: Any) -> bool:
    return triton.get_input_tensor_by_name(request, "sizes") is not None


def _values(request: Any, name: str) -> Any:
    # Its as_numpy() was built for numpy 1 and quietly garbles the arrays of numpy 2.
    return np.from_dlpack(triton.get_input_tensor_by_name(request, name))
