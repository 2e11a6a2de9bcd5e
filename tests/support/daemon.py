"""The whole gateway as a site runs it: `sandwatch run` in a process of its own, its log lines read as they come."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

# Long enough for a busy machine with a cold disk; nothing waits this long unless it is broken.
PATIENCE_S = 120.0

# Further keys of a camera that is to say nothing: a loaded machine may hold its server for seconds.
PATIENT = "connect_timeout: 30s\nread_timeout: 30s"

Line = dict[str, Any]
T = TypeVar("T")


class Gateway:
    """`with Gateway(folder, site_yaml) as gateway: gateway.wait(...)`.

    On leaving it gets SIGTERM; a gateway that does not go is killed, and the test fails.
    """

    def __init__(self, folder: Path, site: str, **environment: str) -> None:
        self._folder = folder
        self._config = folder / "site.yaml"
        self._config.write_text(site, encoding="utf-8")
        self._environment = {**os.environ, "LANG": "C.UTF-8", **environment}
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.lines: list[Line] = []
        self.raw: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            code = self.stop()
            assert code == 0, f"the gateway ended with {code}: {self.raw[-5:]}"

    def start(self) -> None:
        command = [sys.executable, "-m", "edge", "run", "--config", str(self._config)]
        self._process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=self._environment, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; the exit code."""
        process = self._process
        assert process is not None
        assert self._reader is not None
        process.send_signal(number)
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
        self._process = None
        self._reader.join(PATIENCE_S)
        return code

    def ended(self) -> int:
        """Wait until it ends by itself; the exit code."""
        assert self._process is not None
        assert self._reader is not None
        code = self._process.wait(PATIENCE_S)
        self._process = None
        self._reader.join(PATIENCE_S)
        return code

    def wait(self, what: str, *, after: int = 0, **fields: object) -> Line:
        """The first log line of that event with these fields, at or after index `after`, as soon as it is there. A
        gateway that has ended is not waited for."""

        def words() -> str:
            return f"no {what} {fields} in:\n" + "".join(self.raw[-30:])

        def found() -> Line | None:
            over = self._reader is not None and not self._reader.is_alive()
            line = next((line for line in self.lines[after:] if _is(line, what, fields)), None)
            assert line or not over, words()
            return line

        return patiently(found, words)

    def events(self, phase: str = "new") -> list[Line]:
        return [line for line in self.lines if _is(line, "event.stored", {"phase": phase})]

    def workers(self) -> list[int]:
        """Process ids of the vision workers, by their command line in /proc."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children if "edge.worker" in command_line(int(child))]

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        for text in process.stderr:
            self.raw.append(text)
            if text.startswith("{"):
                self.lines.append(json.loads(text))


def command_line(pid: int) -> str:
    """Empty for one that has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def patiently(condition: Callable[[], T | None], words: Callable[[], str] = lambda: "it never came") -> T:
    """What the condition gives once it gives something."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(words())


def site(*, broker: int, storage: Path, streams: str, workers: int = 1) -> str:
    """A site file around the given `streams:` items (YAML, indented by two)."""
    return f"""\
site: {{id: test, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{broker}"}}
storage: {{path: "{storage}"}}
workers: {workers}
log: {{level: info, format: json}}
streams:
{streams}"""


def stream(name: str, url: str, more: str = "", rule: str = "dwell: 0.4s, repeat: 0s") -> str:
    """One camera that asks for every heavy vehicle anywhere in the picture. more: further keys, one line each."""
    keys = [f'url: "{url}"', 'allow_networks: ["127.0.0.0/8"]', *more.splitlines()]
    lines = [f"  - name: {name}", *(f"    {key}" for key in keys)]
    return "\n".join([*lines, f"    rules: [{{kind: zone, objects: [heavy_vehicle], {rule}}}]\n"])


def _is(line: Line, what: str, fields: dict[str, object]) -> bool:
    return line.get("event") == what and all(line.get(name) == value for name, value in fields.items())
