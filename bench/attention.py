"""What a camera costs while nothing happens and while something does, and what is missed and how late it is noticed."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
import psutil

from bench import box, floors, scenes, wakes
from bench.bare import Bare
from bench.report import Figure, Goal, Report, spread
from bench.scenes import FPS, Coding, Scene
from bench.server import served
from edge.plan import model_for
from edge.replay import Replay
from edge.worker.job import CameraJob
from inference.detections import Detector
from inference.detectors import onnx
from inference.findings import Phase
from inference.manifest import Model
from inference.pipeline import Step
from inference.sheets import Sheet
from streams import kinds
from streams.frame import Frame

QUESTION = "What does a 1080p25 camera cost, quiet and busy, and what does attention miss or notice late?"

_SHIPPED = Coding(2.0, "cbr")  # as most cameras are set up when they are bought
_CODINGS = tuple(Coding(gop, rate) for gop in (2.0, 10.0) for rate in ("cbr", "vbr"))
_QUIET = Scene("quiet", 120.0, lead=20.0)
_VISITED = Scene("visited", 255.0, scenes.visits(9, first=22.3, pause=15.0))
_BUSY = Scene("busy", 41.0, scenes.visits(4, first=0.0, pause=0.0, sizes=(1.0,)), seed=3)
_SETTLE = 30.0  # s: the camera's arrival is looked at, and the analysis has come to rest
_CAMERAS = 4  # in one worker, whose heartbeat they share; what is reported is one of them

Say = Callable[[str], None]


def run(quick: bool) -> Report:
    """Raises NoFfmpeg where the program is missing."""
    floors.needs_ffmpeg()
    spec = onnx.Spec()
    model = model_for(spec)
    detector = onnx.build(spec, model, threads=1)
    codings = (_SHIPPED,) if quick else _CODINGS
    drawn = (
        Scene("visited-quick", 60.0, scenes.visits(2, first=15.3, pause=12.0), seed=2) if quick else _VISITED
    )
    quiet = asyncio.run(_quiet(scenes.made(_QUIET, [_SHIPPED])[_SHIPPED], 2 if quick else 6))
    busy = _busy(scenes.made(_BUSY, [_SHIPPED])[_SHIPPED], detector, model, 2 if quick else 5)
    clips = scenes.made(drawn, codings)
    recall = {coding: _recall(drawn, clip, detector, model) for coding, clip in clips.items()}
    watched = _watched(drawn, clips, detector)
    return _report(quiet, busy, recall, watched)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


# --- quiet: everything watches the same camera at the same time


@dataclass(frozen=True, slots=True)
class _Costs:
    """CPU s per s of camera, one sample per span of time. main: of the daemon's first process, for all cameras."""

    demux: list[float]
    keys: list[float]
    full: list[float]
    ours: list[float]
    main: list[float]


async def _quiet(clip: Path, spans: int) -> _Costs:
    """Raises FileNotFoundError without a Mosquitto."""
    _say(f"a quiet camera: {_SETTLE:.0f} s to settle, then {spans} times {_SPAN:.0f} s")
    with served(clip) as camera, box.desk() as desk:
        site = desk.site([camera.url] * _CAMERAS)
        async with box.daemon(desk, site) as main:
            await box.connected(desk, _CAMERAS)
            with (
                floors.beside(floors.demux, camera.url) as demux,
                floors.beside(floors.key_frames, camera.url) as keys,
                floors.beside(floors.everything, camera.url) as full,
            ):
                rows = await _spans(spans, desk, demux, keys, full, main)
    return _Costs(*(list(column) for column in zip(*rows, strict=True)))


async def _spans(spans: int, desk: box.Desk, *watched: psutil.Process) -> list[tuple[float, ...]]:
    """Those in which every camera stayed; one that was dialled again is looked at whole, and is not quiet. Raises
    RuntimeError where there are too few."""
    await asyncio.sleep(_SETTLE)
    rows: list[tuple[float, ...]] = []
    for _ in range(2 * spans):
        lives, before = box.lives(desk), _Spent.of(*watched)
        await asyncio.sleep(_SPAN)
        if box.lives(desk) == lives:
            rows.append(_Spent.of(*watched).since(before))
        else:
            _say("a camera was dialled again: not counted")
        if len(rows) == spans:
            return rows
    raise RuntimeError("cameras are lost again and again: the machine is too busy to measure on")


_SPAN = 30.0  # s: whole groups of pictures, and enough for the 10 ms the kernel counts in


class _Spent(tuple[float, ...]):
    """Monotonic time, then CPU s so far of each."""

    @classmethod
    def of(cls, *watched: psutil.Process) -> "_Spent":
        *bare, main = watched
        ours = sum(map(box.cpu, box.workers(main))) / _CAMERAS
        return cls((time.monotonic(), *map(floors.cpu, bare), ours, box.cpu(main)))

    def since(self, before: "_Spent") -> tuple[float, ...]:
        passed = self[0] - before[0]
        return tuple((now - then) / passed for now, then in zip(self[1:], before[1:], strict=True))


# --- busy, and recall: the very same levels, as fast as they go


class _Noted(Replay):
    """Remembers what was looked at, and when events began."""

    def begin(self) -> None:
        self.looks: dict[int, tuple[Sheet, ...]] = {}
        self.events: list[float] = []

    def analysed(self, frame: Frame, step: Step) -> None:
        self.looks[round(frame.time * FPS)] = step.sheets
        self.events += [finding.since for finding in step.findings if finding.phase is Phase.NEW]


def _replay(clip: Path, detector: Detector, model: Model, *, attention: bool) -> _Noted:
    source = kinds.load("streams.sources", "file").Spec(path=clip, start=0)
    job = CameraJob(name="bench", source=source, fps=5.0, zones=wakes.ZONES, rules=(wakes.RULE,))
    replay = _Noted(job, detector, model, "UTC", lambda _: None, attention=attention)
    replay.begin()
    return replay


@dataclass(frozen=True, slots=True)
class _Busy:
    """CPU s per s of camera; views: per analysed picture."""

    ours: list[float]
    floor: list[float]
    views: float
    wakes: int


def _busy(clip: Path, detector: Detector, model: Model, repeats: int) -> _Busy:
    _say(f"a busy camera: {repeats} times")
    ours, bare = [], []
    noted = _replay(clip, detector, model, attention=True)  # also warms up
    noted.run()
    for _ in range(repeats):  # in turn, so that a slow minute of the machine hits both
        ours.append(_timed(lambda: _replay(clip, detector, model, attention=True).run()))
        bare.append(_timed(lambda: _bare(clip, model, noted.looks)))
    return _Busy(
        ours,
        bare,
        sum(map(len, noted.looks.values())) / len(noted.looks),
        noted.eye.statistics().wakes,
    )


def _bare(clip: Path, model: Model, looks: Mapping[int, tuple[Sheet, ...]]) -> None:
    with av.open(str(clip)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        Bare(model).play(container, looks, sys.maxsize)


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) / _BUSY.seconds


@dataclass(frozen=True, slots=True)
class _Recall:
    """Visits with an event. both: of the decoded ones, those that attention found as well."""

    visits: int
    everything: int
    attention: int
    both: int
    decoded: float


def _recall(drawn: Scene, clip: Path, detector: Detector, model: Model) -> _Recall:
    _say(f"events of {clip.name}, decoding everything and with attention")
    full, ours = (_replay(clip, detector, model, attention=attention) for attention in (False, True))
    full.run()
    ours.run()
    found, kept = (_met(drawn, replay.events) for replay in (full, ours))
    share = ours.eye.statistics().pictures / full.eye.statistics().pictures
    return _Recall(len(drawn.visits), len(found), len(kept), len(found & kept), share)


def _met(drawn: Scene, events: Sequence[float]) -> set[int]:
    return {
        number
        for number, visit in enumerate(drawn.visits)
        if any(visit.start - 0.5 <= since <= visit.end for since in events)
    }


# --- wake delay: live


def _watched(drawn: Scene, clips: Mapping[Coding, Path], detector: Detector) -> wakes.Watched:
    _say(f"waking, live: {drawn.seconds:.0f} s")
    with contextlib.ExitStack() as stack:
        urls = {coding: stack.enter_context(served(clip)).url for coding, clip in clips.items()}
        return wakes.watch(drawn, urls, detector)


# --- the report


def _report(quiet: _Costs, busy: _Busy, recall: Mapping[Coding, _Recall], watched: wakes.Watched) -> Report:
    bare, ours = (median(quiet.demux), median(quiet.keys)), median(quiet.ours)
    everything = sum(found.everything for found in recall.values())
    kept = sum(found.both for found in recall.values()) / everything if everything else float("nan")
    figures: dict[str, Figure | Mapping[str, Any]] = {
        "quiet_cpu_s_per_camera_s": {
            "a_demux": spread(quiet.demux),
            "b_demux_and_key_frames": spread(quiet.keys),
            "c_everything": spread(quiet.full),
            "d_ours": spread(quiet.ours),
            "d_over_sum_of_a_and_b": ours / sum(bare),
            f"daemon_main_process_for_{_CAMERAS}": spread(quiet.main),
        },
        "busy_cpu_s_per_camera_s": {
            "ours": spread(busy.ours),
            "floor": spread(busy.floor),
            "inputs_per_picture": busy.views,
            "wakes": busy.wakes,
        },
        "recall": {_named(coding): _recall_figures(found) for coding, found in recall.items()},
        "wake_ms": _wake_figures(watched),
    }
    ratios = [mine / bare for mine, bare in zip(busy.ours, busy.floor, strict=True)]
    return Report(
        figures,
        {
            # (b) demultiplexes as well: it is the whole floor, and the sum of both would count that twice.
            "quiet_over_floor": Goal(ours / bare[1], "ratio", at_most=1.25),
            "quiet_over_full_decode": Goal(ours / median(quiet.full), "ratio", at_most=0.125),
            "busy_over_floor": Goal(median(ratios), "ratio", at_most=1.15),
            "recall_kept": Goal(kept, "ratio", at_least=0.99),
            **wake_goals(watched),
        },
    )


def _named(coding: Coding) -> str:
    return f"{coding.rate}_gop{coding.gop:g}"


def _recall_figures(found: _Recall) -> dict[str, Figure]:
    return {
        "visits": found.visits,
        "found_decoding_everything": found.everything,
        "found_with_attention": found.attention,
        "decoded_share": found.decoded,
    }


def _wake_figures(watched: wakes.Watched) -> dict[str, Any]:
    """By coding and by size: what the delay depends on."""
    groups: dict[str, list[float]] = {}
    for wake in watched.wakes:
        for name in (_named(wake.coding), f"{_named(wake.coding)}_size_{wake.visit.size:g}"):
            groups.setdefault(name, []).append(_ms(wake))
    rested = [wake.rested for wake in watched.wakes if wake.rested is not None]
    return {
        **{name: spread(delays) for name, delays in sorted(groups.items())},
        "rested_s_after_visit": spread(rested) if rested else None,
        "never_rested": len(watched.wakes) - len(rested),
        "wakes_per_visit": sum(wake.wakes for wake in watched.wakes) / max(1, len(watched.wakes)),
        "false_wakes_per_hour": 3600 * watched.false / watched.seconds if watched.seconds else None,
    }


def wake_goals(watched: wakes.Watched) -> dict[str, Goal]:
    goals = {}
    for gop, most in ((2.0, 500), (10.0, 1000)):
        delays = [_ms(wake) for wake in watched.wakes if wake.coding.gop == gop]
        if delays:
            value = float(np.percentile(delays, 95, method="higher"))
            goals[f"wake_p95_gop{gop:g}"] = Goal(value, "ms", at_most=most)
    return goals


def _ms(wake: wakes.Wake) -> float:
    return float("inf") if wake.delay is None else 1000 * wake.delay
