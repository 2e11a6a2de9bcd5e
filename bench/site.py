"""The real daemon on simulated cameras, seen from outside: CPU and memory of its processes, and its own counts."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from edge.broker import embedded_broker
from edge.demo.stage import free_port

_START = 60.0  # s: a cold interpreter and a cold disk
_STOP = 20.0  # s: the daemon promises 3; a busy machine may need more

_SITE = """\
site: {{id: bench, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{port}"}}
storage: {{path: "{storage}"}}
workers: {workers}
detector: {{threads: 1}}
log: {{level: info, format: json}}
streams:
"""
_STREAM = """\
  - name: camera-{number}
    url: "{url}"
    allow_networks: ["127.0.0.0/8"]
    rules: [{{kind: zone}}]
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """At one moment. cpu: s so far; rss, uss: resident bytes, and those not shared. Workers: one each."""

    main_cpu: float
    worker_cpu: tuple[float, ...]
    main_rss: int
    worker_rss: tuple[int, ...]
    worker_uss: tuple[int, ...]


class Running:
    """A daemon whose workers are up."""

    def __init__(self, main: psutil.Process, workers: Sequence[psutil.Process], log: Path) -> None:
        self._main, self._workers, self._log = main, workers, log
        self.counts: dict[str, dict[str, Any]] = {}
        """What the daemon counted per camera; known after its end."""
        self.losses: Counter[str] = Counter()
        """Why cameras were lost, by the code of the problem, in the daemon's own words; known after its end."""

    def usage(self) -> Usage:
        """Raises psutil.NoSuchProcess where a worker died: then there is nothing to compare."""
        memory = [worker.memory_full_info() for worker in self._workers]
        return Usage(
            _cpu(self._main),
            tuple(map(_cpu, self._workers)),
            self._main.memory_info().rss,
            tuple(used.rss for used in memory),
            tuple(used.uss for used in memory),
        )

    def live(self) -> int:
        """Cameras whose pictures came."""
        return len({line["camera"] for line in self._lines() if line.get("event") == "camera.live"})

    def note_counts(self) -> None:
        for line in self._lines():
            if line.get("event") == "daemon.stopping":
                self.counts = line["cameras"]
            elif line.get("event") in {"camera.retrying", "camera.refused", "camera.failed"}:
                self.losses[f"{line.get('code')}: {line.get('problem')}".replace(line["camera"], "...")] += 1

    def _lines(self) -> list[dict[str, Any]]:
        lines = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}\n")]


@contextlib.asynccontextmanager
async def running(urls: Sequence[str], workers: int) -> AsyncIterator[Running]:
    """The daemon, watching every address as a camera of its own. Its counts may be read after the end."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        streams = "".join(_STREAM.format(number=number, url=url) for number, url in enumerate(urls, 1))
        site, log = Path(folder) / "site.yaml", Path(folder) / "log"
        site.write_text(_SITE.format(port=port, storage=folder, workers=workers) + streams, encoding="utf-8")
        async with embedded_broker("127.0.0.1", port):
            command = (sys.executable, "-m", "edge", "run", "--config", str(site))
            with log.open("wb") as file:
                process = await asyncio.create_subprocess_exec(*command, stdout=file, stderr=file)
            try:
                main = psutil.Process(process.pid)
                daemon = Running(main, await _workers(main, workers), log)
                await _all_live(daemon, len(urls))
                yield daemon
            finally:
                await _stopped(process)
            daemon.note_counts()


async def _workers(main: psutil.Process, count: int) -> list[psutil.Process]:
    async with asyncio.timeout(_START):
        while len(found := [child for child in main.children() if _is_worker(child)]) < count:  # noqa: ASYNC110 (another process: nothing to be told by)
            await asyncio.sleep(0.1)
    return found


def _is_worker(child: psutil.Process) -> bool:
    """Other children come and go."""
    try:
        return "edge.worker" in child.cmdline()
    except psutil.NoSuchProcess:
        return False


async def _all_live(daemon: Running, count: int) -> None:
    async with asyncio.timeout(_START):
        while daemon.live() < count:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.5)


async def _stopped(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP)
    except TimeoutError:
        process.kill()
        await process.wait()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
