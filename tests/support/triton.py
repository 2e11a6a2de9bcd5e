"""A real Triton Inference Server on loopback, from the wheel that `make` puts beside the virtual environment."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.support.mosquitto import PATIENCE_S
from tests.support.ports import free_port

_HERE = Path(sys.prefix) / "triton" / "pytriton" / "tritonserver"
_SHM = "sandwatch_test_triton"
_LINES = """backend: "python"
max_batch_size: {most}
input [ {inputs} ]
output [ {{ name: "output" data_type: TYPE_FP32 dims: [ -1, -1 ] }} ]
instance_group [ {{ kind: KIND_CPU }} ]
"""


@dataclass(frozen=True)
class Shown:
    """How the server describes a model; what runs is always the one ONNX file. side: px; -1: any."""

    side: int = -1
    datatype: str = "FP32"
    most: int = 8
    sizes: bool = False
    """Whether it wants the pictures' sizes as a second input, as DEIM does."""

    def config(self) -> str:
        image = f'name: "images" data_type: TYPE_{self.datatype} dims: [ 3, {self.side}, {self.side} ]'
        inputs = f"{{ {image} }}"
        if self.sizes:
            inputs = f'{{ name: "sizes" data_type: TYPE_INT64 dims: [ 2 ] }}, {inputs}'
        return _LINES.format(most=self.most, inputs=inputs)


@dataclass
class Triton:
    """Runs inside `with`. `kill` is kill -9; `start` brings it back on the same ports."""

    folder: Path
    onnx: Path
    models: dict[str, Shown]
    http: int = field(default_factory=free_port)
    grpc: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        assert (_HERE / "bin" / "tritonserver").is_file(), f"no Triton in {_HERE}: run make setup-dev"
        self._lay_out()
        with (self.folder / "triton.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """With the processes of its models, and what they leave in shared memory."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        for left in Path("/dev/shm").glob(f"{self._region}*"):
            left.unlink(missing_ok=True)

    @property
    def _region(self) -> str:
        return f"{_SHM}_{self.http}_"

    def _lay_out(self) -> None:
        backend = self.folder / "backends" / "python"
        if backend.exists():
            return
        shutil.copytree(_HERE / "backends" / "python", backend)
        stub = _HERE / "python_backend_stubs" / f"3.{sys.version_info.minor}" / "triton_python_backend_stub"
        (backend / stub.name).symlink_to(stub)
        for name, shown in self.models.items():
            model = self.folder / "models" / name
            (model / "1").mkdir(parents=True)
            (model / "config.pbtxt").write_text(shown.config())
            shutil.copy(Path(__file__).with_name("triton_model.py"), model / "1" / "model.py")

    def _command(self) -> list[str]:
        options = {
            "model-repository": self.folder / "models",
            "backend-directory": self.folder / "backends",
            "backend-config": f"python,shm-region-prefix-name={self._region}",
            "http-address": "127.0.0.1",
            "http-port": self.http,
            "grpc-address": "127.0.0.1",
            "grpc-port": self.grpc,
            "allow-metrics": "false",
        }
        return [str(_HERE / "bin" / "tritonserver"), *(f"--{key}={value}" for key, value in options.items())]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TRITON_TEST_ONNX": str(self.onnx),
            "TRITON_TEST_PACKAGES": sysconfig.get_path("purelib"),
            "LD_LIBRARY_PATH": str(sysconfig.get_config_var("LIBDIR")),
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 2 * PATIENCE_S
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            with suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=PATIENCE_S)
                connection.request("GET", "/v2/health/ready")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log)

    @property
    def log(self) -> str:
        return (self.folder / "triton.log").read_text()
