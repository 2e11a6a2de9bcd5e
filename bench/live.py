"""The real daemon over RTSP, and what it costs: CPU and memory of its processes, seen from outside."""

import asyncio
import contextlib
import multiprocessing
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.bare import Looks, watch
from edge.broker import embedded_broker
from edge.demo.stage import free_port, simulated_camera
from inference.manifest import Model

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
    allow_networks: ["127.0.0.0/8"]
    rules: [{{kind: zone}}]
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU: seconds per second of camera; bare: of the floor, which watched the same camera at the same time.
    Memory in MiB: resident, and not shared."""

    cpu_main: float
    cpu_worker: float
    cpu_bare: float
    rss_main: float
    rss_worker: float
    uss_main: float
    uss_worker: float

    @property
    def cpu(self) -> float:
        return self.cpu_main + self.cpu_worker

    @property
    def over_floor(self) -> float:
        return self.cpu / self.cpu_bare


def measure(clip: Path, model: Model, looks: Looks, pictures: int, seconds: float) -> Cost:
    """Run `sandwatch run` on the clip, served over RTSP in a loop, and the bare steps beside it; watch both for
    that long. At a camera's pace caches go cold between pictures: only a floor at that pace compares."""
    return asyncio.run(_measure(clip, (model, looks, pictures), seconds))


async def _measure(clip: Path, floor: tuple[Model, Looks, int], seconds: float) -> Cost:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_broker("127.0.0.1", port), simulated_camera(clip) as url:
            site = Path(folder) / "site.yaml"
            site.write_text(_SITE.format(port=port, storage=folder, url=url), encoding="utf-8")
            async with _daemon(site) as main:
                worker = await _worker(main)
                with _floor(url, *floor) as bare:
                    await asyncio.sleep(_SETTLE)
                    return await _watch(main, worker, bare, seconds)


@contextlib.asynccontextmanager
async def _daemon(site: Path) -> AsyncIterator[psutil.Process]:
    command = (sys.executable, "-m", "edge", "run", "--config", str(site))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


@contextlib.contextmanager
def _floor(url: str, model: Model, looks: Looks, pictures: int) -> Iterator[psutil.Process]:
    process = multiprocessing.get_context("spawn").Process(target=watch, args=(url, model, looks, pictures))
    process.start()
    assert process.pid is not None
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.join()


async def _worker(main: psutil.Process) -> psutil.Process:
    """The vision worker, once it reads pictures: its reader thread and its inference thread run then."""
    async with asyncio.timeout(_START):
        while True:
            children = main.children()
            if children and children[0].num_threads() >= 3:
                return children[0]
            await asyncio.sleep(0.1)


async def _watch(main: psutil.Process, worker: psutil.Process, bare: psutil.Process, seconds: float) -> Cost:
    before = _cpu(main), _cpu(worker), _cpu(bare)
    await asyncio.sleep(seconds)
    after = _cpu(main), _cpu(worker), _cpu(bare)
    of_main, of_worker = main.memory_full_info(), worker.memory_full_info()
    return Cost(
        cpu_main=(after[0] - before[0]) / seconds,
        cpu_worker=(after[1] - before[1]) / seconds,
        cpu_bare=(after[2] - before[2]) / seconds,
        rss_main=of_main.rss / 2**20,
        rss_worker=of_worker.rss / 2**20,
        uss_main=of_main.uss / 2**20,
        uss_worker=of_worker.uss / 2**20,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
