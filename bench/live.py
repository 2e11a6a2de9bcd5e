"""The real daemon over RTSP, and what it costs: CPU and memory of its processes, seen from outside."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from edge.broker import embedded_broker
from edge.demo.stage import free_port, simulated_camera

_SETTLE = 4.0  # s: model loaded, first pictures through every path
_START = 60.0  # s: a cold interpreter and a cold disk

_SITE = """\
site: {{id: bench, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{port}"}}
storage: {{path: "{storage}"}}
workers: 1
detector: {{threads: 1}}
log: {{level: error}}
streams:
  - name: bench
    url: "{url}"
    rules: [{{kind: zone}}]
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """cpu: seconds per second of camera, main and worker together. Memory in MiB: resident, and not shared."""

    cpu_main: float
    cpu_worker: float
    rss_main: float
    rss_worker: float
    uss_main: float
    uss_worker: float

    @property
    def cpu(self) -> float:
        return self.cpu_main + self.cpu_worker


def measure(clip: Path, seconds: float) -> Cost:
    """Run `sandwatch run` on the clip, served over RTSP in a loop, and watch it for that long."""
    return asyncio.run(_measure(clip, seconds))


async def _measure(clip: Path, seconds: float) -> Cost:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_broker("127.0.0.1", port), simulated_camera(clip) as url:
            site = Path(folder) / "site.yaml"
            site.write_text(_SITE.format(port=port, storage=folder, url=url), encoding="utf-8")
            async with _daemon(site) as main:
                worker = await _worker(main)
                await asyncio.sleep(_SETTLE)
                return await _watch(main, worker, seconds)


@contextlib.asynccontextmanager
async def _daemon(site: Path) -> AsyncIterator[psutil.Process]:
    command = (sys.executable, "-m", "edge", "run", "--config", str(site))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _worker(main: psutil.Process) -> psutil.Process:
    """The vision worker, once it reads pictures: its reader thread and its inference thread run then."""
    async with asyncio.timeout(_START):
        while True:
            children = main.children()
            if children and children[0].num_threads() >= 3:
                return children[0]
            await asyncio.sleep(0.1)


async def _watch(main: psutil.Process, worker: psutil.Process, seconds: float) -> Cost:
    before = _cpu(main), _cpu(worker)
    await asyncio.sleep(seconds)
    after = _cpu(main), _cpu(worker)
    of_main, of_worker = main.memory_full_info(), worker.memory_full_info()
    return Cost(
        cpu_main=(after[0] - before[0]) / seconds,
        cpu_worker=(after[1] - before[1]) / seconds,
        rss_main=of_main.rss / 2**20,
        rss_worker=of_worker.rss / 2**20,
        uss_main=of_main.uss / 2**20,
        uss_worker=of_worker.uss / 2**20,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
