"""Memory of the daemon over time, with four cameras that lorries visit: resident bytes of each process every few
seconds, its slope after the warm-up by the median of all pairs (Theil-Sen, which one garbage collection does not
bend), and what tracemalloc says grew in the main process. The loop that people write first runs beside it on the same
camera. tracemalloc takes memory itself: it runs in a daemon of its own, after the other."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import psutil

from bench import box, floors, peers, scenes
from bench.box import Desk
from bench.report import Figures, Goal, Report
from bench.scenes import Coding, Scene
from bench.server import served
from bench.traced import AT, told

QUESTION = "Does the memory of the daemon grow over time, and what of it?"

_CAMERAS = 4
_CODING = Coding(2.0, "cbr")
_SCENE = Scene("visited-quick", 60.0, scenes.visits(2, first=15.3, pause=12.0), seed=2)
_EVERY = 2.0  # s
_MIB = 1 << 20
_Mib = list[float]


@dataclass(slots=True)
class _Course:
    """MiB over time."""

    main: _Mib = field(default_factory=list)
    workers: _Mib = field(default_factory=list)
    peer: _Mib = field(default_factory=list)


def run(quick: bool) -> Report:
    """Raises FileNotFoundError without a Mosquitto."""
    warm, seconds, traced = (30.0, 60.0, 30.0) if quick else (300.0, 1800.0, 600.0)
    clip = scenes.made(_SCENE, [_CODING])[_CODING]
    with served(clip) as camera:
        course = asyncio.run(_watched(camera.url, warm, seconds))
        grown = asyncio.run(_traced(camera.url, warm, traced))
    slopes = {name: slope(each, _EVERY) for name, each in _named(course).items()}
    figures: Figures = {
        "cameras": _CAMERAS,
        "warm_up_s": warm,
        "seconds": seconds,
        "rss_mib": {
            name: {"first": each[0], "last": each[-1], "most": max(each)}
            for name, each in _named(course).items()
        },
        "slope_mib_per_h": slopes,
        "course_mib": {name: thinned(each) for name, each in _named(course).items()},
        "grown_in_main_kib": grown,
    }
    # Less than an hour of samples tells no slope of 1 MiB/h from a sawtooth.
    goals = {f"slope_{name}": Goal(slopes[name], "MiB/h", at_most=1.0) for name in ("main", "workers")}
    return Report(figures, {} if quick else goals)


def slope(samples: Sequence[float], every: float) -> float:
    """Per hour: the median over all pairs (Theil 1950, Sen 1968). every: s between two samples."""
    step = max(1, len(samples) // 300)
    few = samples[::step]
    rises = [
        (few[late] - few[early]) / (late - early)
        for early in range(len(few))
        for late in range(early + 1, len(few))
    ]
    return median(rises) * 3600 / (every * step) if rises else 0.0


def thinned(samples: Sequence[float], most: int = 120) -> str:
    """At most so many of them, evenly, in words."""
    step = -(-len(samples) // most)
    return " ".join(f"{each:.1f}" for each in samples[::step])


def _named(course: _Course) -> dict[str, _Mib]:
    return {"main": course.main, "workers": course.workers, "peer_opencv_and_model": course.peer}


async def _watched(url: str, warm: float, seconds: float) -> _Course:
    print(f"{_CAMERAS} cameras for {warm + seconds:.0f} s", file=sys.stderr)
    course = _Course()
    with box.desk() as desk, floors.beside(peers.opencv_and_model, url) as peer:
        site = desk.site([url] * _CAMERAS)
        async with box.daemon(desk, site) as main:
            await asyncio.sleep(warm)
            for _ in range(round(seconds / _EVERY)):
                course.main.append(_rss(main))
                course.workers.append(sum(map(_rss, box.workers(main))))
                course.peer.append(_rss(peer))
                await asyncio.sleep(_EVERY)
    return course


def _rss(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / _MIB


async def _traced(url: str, warm: float, seconds: float) -> dict[str, float]:
    """KiB by which each line of the main process's Python grew, the largest first."""
    with box.desk() as desk:
        site = desk.site([url] * _CAMERAS)
        async with box.daemon(desk, site, module="bench.traced", more={AT: str(desk.folder)}) as main:
            for wait in (warm, seconds):
                await asyncio.sleep(wait)
                main.send_signal(signal.SIGUSR1)
            await _noted(desk)
        return told(desk.folder)


async def _noted(desk: Desk) -> None:
    async with asyncio.timeout(60):
        while len(list(desk.folder.glob("*.traced"))) < 2:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.2)
