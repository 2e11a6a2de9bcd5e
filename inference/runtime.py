"""ONNX Runtime, imported so that it tells nobody."""

import os
from types import ModuleType


def onnx_runtime() -> ModuleType:
    """The library. Its Linux wheels (1.31 does) send events to their makers unless this is set before it is imported:
    a device id is written to the home folder, and the gateway's line would carry it."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # noqa: PLC0415 (40 MB that the daemon's main process has no use for)

    return onnxruntime  # type: ignore[no-any-return]
