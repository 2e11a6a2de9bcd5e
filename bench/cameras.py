"""One to 24 cameras on the real daemon, served from loopback by a process whose CPU is counted apart. Each number of
cameras runs twice: nothing happens, and a lorry comes by once in two minutes, at six different times. Beside it, what
one camera costs those who decode everything (bench.peers)."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median
from typing import Any

import psutil

from bench import box, floors, peers, scenes
from bench.drops import Counts, counted
from bench.probe import notes
from bench.report import Goal, Report, spread
from bench.scenes import Coding, Scene
from bench.server import Served, served
from bench.wakes import RULE, ZONES

QUESTION = "What do 1 to 24 1080p25 cameras cost in CPU and memory, what is dropped, and how late does a box of them wake?"

LADDER = (1, 2, 4, 8, 16, 24)
_CODING = Coding(2.0, "cbr")
_PART = 20.0  # s
_PARTS = 6  # of a round: in one of them a lorry comes by, in another one for each server
_STILL = Scene("part-still", _PART, lead=20.0)
# At three places between two key frames: what is not heard from the packets' sizes waits for the next.
_VISITS = tuple(
    Scene(f"part-visit-{number}", _PART, scenes.visits(1, first=first, pause=0.0), seed=5 + number, lead=20.0)
    for number, first in enumerate((4.3, 4.9, 5.5))
)
_SETTLE = 40.0  # s: arrivals are looked at, and the 15 s of the rings are full
_WINDOW = 10.0  # s of one sample of CPU
_PAYLOAD = 1400  # bytes in an RTP packet, as GStreamer's payloaders fill them (rtpbasepayload's mtu)
_EARLY = 2.0  # s before half of the lorry is there in which some of it is
_ZONED = f"""zones: {{{", ".join(f"{name}: {[list(corner) for corner in zone]}" for name, zone in ZONES.items())}}}
    rules: [{{kind: zone, zones: [near, far], objects: [{RULE.objects[0]}], dwell: {RULE.dwell:g}s}}]"""


@dataclass(slots=True)
class _Measured:
    """Of one number of cameras. main, worker, server: cores, one sample per window; wakes: times a
    second that any thread of the daemon went on after waiting; rss, uss: MiB at the end."""

    cameras: int
    main: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    wakes: list[float] = field(default_factory=list)
    rss: dict[str, float] = field(default_factory=dict)
    uss: float = 0.0
    counts: Counts = field(default_factory=Counts)
    delays: list[float] = field(default_factory=list)
    slept: int = 0

    @property
    def cpu(self) -> list[float]:
        return [main + worker for main, worker in zip(self.main, self.worker, strict=True)]


def run(quick: bool) -> Report:
    """quick: 2 and 4 cameras, one window each. Raises NoFfmpeg, FileNotFoundError without a Mosquitto."""
    floors.needs_ffmpeg()
    ladder, windows = ((2, 4), 1) if quick else (LADDER, 12)
    quiet = {number: asyncio.run(_measured(number, windows, busy=False)) for number in ladder}
    busy = {number: asyncio.run(_measured(number, windows, busy=True)) for number in ladder}
    costs = _peers(1 if quick else 6)
    return Report(
        {
            "workers": _workers(),
            "window_s": _WINDOW,
            "network_packets_per_s_per_camera": _packets(),
            "quiet": {str(number): _figures(found) for number, found in quiet.items()},
            "a_lorry_every_2_min": {str(number): _figures(found) for number, found in busy.items()},
            "peers_cores_per_camera": {name: spread(found) for name, found in costs.items()},
            "peer_not_here": ", ".join({"ultralytics_track"} - costs.keys()) or None,
        },
        _goals(quiet),
    )


def _goals(quiet: dict[int, _Measured]) -> dict[str, Goal]:
    few, many = (
        min(number for number in quiet if number >= _workers()),
        max(quiet),
    )  # no worker without a camera
    own = (quiet[many].uss - quiet[many].counts.rings) - (quiet[few].uss - quiet[few].counts.rings)
    cpu, woken = median(quiet[many].cpu), median(quiet[many].wakes)
    return {
        # Fewer cameras say nothing of 24.
        **({"quiet_24_cpu": Goal(cpu, "cores", at_most=0.8)} if many == LADDER[-1] else {}),
        "quiet_wakes_per_packet": Goal(woken / (many * _packets()), "ratio", at_most=1.0),
        "memory_per_camera": Goal(own / (many - few), "MiB over its ring", at_most=40),
    }


def _figures(found: _Measured) -> dict[str, Any]:
    return {
        "cpu_cores": spread(found.cpu),
        "cpu_cores_per_camera": spread([each / found.cameras for each in found.cpu]),
        "main_cores": spread(found.main),
        "server_cores_apart": spread(found.server),
        "wakes_per_s": spread(found.wakes),
        "rss_mib": {**found.rss, "all": sum(found.rss.values())},
        "ring_mib_per_camera": found.counts.rings / found.cameras,
        "counts": found.counts.figures(),
        "wake_delay_s": spread(found.delays) if found.delays else None,
        "slept_through": found.slept,
    }


def _packets() -> float:
    """RTP packets that a camera sends in a second: its bytes, in what its payloader puts into one."""
    clip = scenes.made(_STILL, [_CODING])[_CODING]
    return clip.stat().st_size / _PART / _PAYLOAD


async def _measured(cameras: int, windows: int, *, busy: bool) -> _Measured:
    kind = "with lorries" if busy else "quiet"
    print(f"{cameras} cameras, {kind}: {_SETTLE + windows * _WINDOW:.0f} s", file=sys.stderr)
    found = _Measured(cameras)
    with box.desk() as desk, _servers(busy) as servers:
        urls = [each.url for each in islice(cycle(servers), cameras)]
        site = desk.site(urls, settings=[_ZONED], workers=_workers())
        marks = {notes.FOLDER: str(desk.folder), notes.MARKS: _marks()} if busy else {}
        async with box.daemon(desk, site, module="bench.probe" if busy else "edge", more=marks) as main:
            await box.connected(desk, cameras)
            await asyncio.sleep(_SETTLE)
            for _ in range(windows):
                await _window(found, main, [each.process for each in servers])
            _note_memory(found, main)
        found.counts = counted(desk.log)
        found.delays, found.slept = wake_delays(list(notes.read(desk.folder)))
    return found


async def _window(found: _Measured, main: psutil.Process, servers: Sequence[psutil.Process]) -> None:
    ours = [main, *box.workers(main)]
    groups = ([main], ours[1:], servers)
    before, woken, begin = (
        [sum(map(box.cpu, group)) for group in groups],
        sum(map(box.wakes, ours)),
        time.monotonic(),
    )
    await asyncio.sleep(_WINDOW)
    passed = time.monotonic() - begin
    after = [sum(map(box.cpu, group)) for group in groups]
    spent = [(now - then) / passed for now, then in zip(after, before, strict=True)]
    for samples, each in zip((found.main, found.worker, found.server), spent, strict=True):
        samples.append(each)
    found.wakes.append((sum(map(box.wakes, ours)) - woken) / passed)


def _note_memory(found: _Measured, main: psutil.Process) -> None:
    found.rss["main"] = main.memory_info().rss / 2**20
    for number, worker in enumerate(box.workers(main)):
        memory = worker.memory_full_info()
        found.rss[f"worker_{number}"] = memory.rss / 2**20
        found.uss += memory.uss / 2**20


@contextlib.contextmanager
def _servers(busy: bool) -> Iterator[list[Served]]:
    """Quiet: one. Else one for each time at which the lorry may come."""
    still, *visits = (
        scenes.made(scene, [_CODING])[_CODING] for scene in (_STILL, *(_VISITS if busy else ()))
    )
    rounds = [
        [visits[place % len(visits)] if part == place else still for part in range(_PARTS)]
        for place in range(_PARTS if busy else 0)
    ]
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(served(*clips)) for clips in rounds or [[still]]]


def _marks() -> str:
    """At which packet of a part the lorry is there, camera by camera, and how many packets a part has."""
    visits = [visit for scene in _VISITS for visit in scene.visits]
    places = (round((visit.start + scenes.hidden(visit)) * scenes.FPS) for visit in visits)
    return f"{','.join(map(str, places))}/{round(_PART * scenes.FPS)}"


def wake_delays(found: Sequence[notes.Note]) -> tuple[list[float], int]:
    """s from the packet that shows half of a lorry to the wake, 0 where the camera was woken by less of it; and the
    lorries that were slept through; a camera that was awake anyhow says nothing. Camera n watches server n - 1 of
    six, whose lorry comes in that part of a round."""
    woken: dict[str, list[float]] = {}
    for note in found:
        if note.what == "woke":
            woken.setdefault(note.key, []).append(note.at)
    delays, slept = list[float](), 0
    for mark in _lorries(found):
        camera, _, level = mark.key.split("/")
        late = [at - mark.at for at in woken.get(camera, []) if -_EARLY <= at - mark.at < _PART / 2]
        if level == "resting":
            after = [each for each in late if each >= 0]
            delays += after[:1]
            slept += not after
        elif late:
            delays.append(0.0)
    return delays, slept


def _lorries(found: Sequence[notes.Note]) -> Iterator[notes.Note]:
    for note in found:
        if note.what == "mark":
            camera, part, _ = note.key.split("/")
            if int(part) % _PARTS == (int(camera.rpartition("-")[2]) - 1) % _PARTS:
                yield note


def _peers(windows: int) -> dict[str, list[float]]:
    """Cores that each needs for one quiet camera; one after the other."""
    found: dict[str, list[float]] = {}
    with _servers(busy=False) as (server,):
        for name, work in peers.peers().items():
            with floors.beside(work, server.url) as process:
                time.sleep(_WINDOW)  # connected, warm
                found[name] = [_cores(process) for _ in range(windows)]
    return found


def _cores(process: psutil.Process) -> float:
    before, begin = floors.cpu(process), time.monotonic()
    time.sleep(_WINDOW)
    return (floors.cpu(process) - before) / (time.monotonic() - begin)


def _workers() -> int:
    """As `workers: auto` chooses."""
    return len(os.sched_getaffinity(0))
