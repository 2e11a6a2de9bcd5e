"""Many quiet cameras on the real daemon: its CPU, its memory, and whether anything was lost."""

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import floors, scenes
from bench.report import Goal, Report
from bench.scenes import Coding, Scene
from bench.server import served
from bench.site import Running, Usage, running

QUESTION = "What do 24 quiet 1080p25 cameras cost the daemon in CPU and memory, and is anything lost?"

_QUIET = Scene("quiet", 120.0, lead=20.0)
_CODING = Coding(2.0, "cbr")
_WORKERS = 2
_SETTLE = 40.0  # s: arrivals are looked at, and the 15 s of the rings are full


def run(quick: bool) -> Report:
    """quick: 4 cameras for half a minute."""
    clip = scenes.made(_QUIET, [_CODING])[_CODING]
    cameras, seconds = (4, 30.0) if quick else (24, 600.0)
    few = asyncio.run(_measured(clip, _WORKERS, 20.0))
    many = asyncio.run(_measured(clip, cameras, seconds))
    apiece = _apiece(few, many)
    return Report(
        figures={
            "cameras": cameras,
            "seconds": many.seconds,
            "cpu_cores": {"main": many.main_cpu, "workers": many.worker_cpu, "server_apart": many.server_cpu},
            "rss_mib": {"main": many.rss_main, **many.rss_workers},
            "uss_mib_workers": many.uss,
            "ring_mib_per_camera": many.rings / cameras,
            "fixed_mib_per_worker": (few.uss - few.rings) / _WORKERS - apiece,
            **_lost(many.counts),
            "why_lost": dict(many.losses),
        },
        goals={
            # Fewer cameras say nothing of 24.
            **({} if quick else {"quiet_24_cpu": Goal(many.cpu, "cores", at_most=0.8)}),
            "memory_per_camera": Goal(apiece, "MiB", at_most=40),
        },
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """CPU in cores; memory in MiB at the end; uss: of all workers; rings: encoded bytes that all of them kept."""

    cameras: int
    seconds: float
    main_cpu: float
    worker_cpu: float
    server_cpu: float
    rss_main: float
    rss_workers: Mapping[str, float]
    uss: float
    rings: float
    counts: Mapping[str, Mapping[str, Any]]
    losses: Mapping[str, int]

    @property
    def cpu(self) -> float:
        return self.main_cpu + self.worker_cpu


async def _measured(clip: Path, cameras: int, seconds: float) -> _Measured:
    print(f"{cameras} cameras: {_SETTLE:.0f} s to settle, then {seconds:.0f} s", file=sys.stderr)
    with served(clip) as camera:
        async with running([camera.url] * cameras, _WORKERS) as daemon:
            await asyncio.sleep(_SETTLE)
            spent, before, start = floors.cpu(camera.process), daemon.usage(), time.monotonic()
            await asyncio.sleep(seconds)
            passed = time.monotonic() - start
            after, serving = daemon.usage(), (floors.cpu(camera.process) - spent) / passed
    return _figures(cameras, passed, before, after, serving, daemon)


def _figures(
    cameras: int, passed: float, before: Usage, after: Usage, serving: float, daemon: Running
) -> _Measured:
    return _Measured(
        cameras=cameras,
        seconds=passed,
        main_cpu=(after.main_cpu - before.main_cpu) / passed,
        worker_cpu=(sum(after.worker_cpu) - sum(before.worker_cpu)) / passed,
        server_cpu=serving,
        rss_main=after.main_rss / 2**20,
        rss_workers={f"worker_{number}": rss / 2**20 for number, rss in enumerate(after.worker_rss)},
        uss=sum(after.worker_uss) / 2**20,
        rings=sum(counts["ring_bytes"] for counts in daemon.counts.values()) / 2**20,
        counts=daemon.counts,
        losses=daemon.losses,
    )


def _apiece(few: _Measured, many: _Measured) -> float:
    """MiB per camera over the encoded bytes it keeps; what a worker needs without a camera falls out."""
    more = many.cameras - few.cameras
    return ((many.uss - many.rings) - (few.uss - few.rings)) / more


def _lost(counts: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    names = ("pictures", "glimpses", "analysed", "dropped", "skipped", "spoilt", "wakes", "reconnects")
    return {name: sum(each[name] for each in counts.values()) for name in names}
