"""The centre's consumer as a process of its own, to be killed: `python -m tests.support.consuming --broker ... --out ...`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import typer

from edge.cli_centre import centre
from tests.support.mosquitto import PATIENCE_S

ROOT = Path(__file__).parents[2]


class Consumer:
    """Runs inside `with`; killed at its end."""

    def __init__(self, port: int, out: str, name: str = "1", area: str = "") -> None:
        options = [f"--broker=mqtt://127.0.0.1:{port}", f"--out={out}", f"--name={name}", f"--area={area}"]
        self._command = [sys.executable, "-m", "tests.support.consuming", *options]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Consumer":
        self._process = subprocess.Popen(self._command, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """In good order: its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)


if __name__ == "__main__":
    typer.run(centre)
