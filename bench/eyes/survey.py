"""Every contestant on every picture and every clip, on all cores."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeVar

from bench.eyes.clips import Clip
from bench.eyes.contestants import Contestant
from bench.eyes.footage import Footage, watch
from bench.eyes.glance import Eyes, weathered
from bench.eyes.judging import Seen
from bench.eyes.labelled import Still
from bench.eyes.weather import WEATHERS
from inference.detections import Detector

_CHUNK = 8  # stills per task: some seconds of work

# Sets photographed by day in which trucks or excavators are labelled: seen again in other weather.
WEATHERED = frozenset({"toll_day", "highway_photos", "open_images", "excavators"})

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture in one weather, and what each model (by name) saw in it. aspect: width over height."""

    still: Still
    weather: str
    aspect: float
    seen: dict[str, Seen]


@dataclass(frozen=True, slots=True)
class Survey:
    """footage: by clip, then by model."""

    models: tuple[str, ...]
    shots: tuple[Shot, ...]
    clips: tuple[Clip, ...]
    footage: dict[str, dict[str, Footage]]


def survey(
    contestants: Sequence[Contestant],
    stills: Sequence[Still],
    clips: Sequence[Clip],
    processes: int | None = None,
) -> Survey:
    """processes: None takes every core. Raises ModelRefused, DetectorFailed, StreamError."""
    processes = processes or len(os.sched_getaffinity(0))
    chunks = [stills[first : first + _CHUNK] for first in range(0, len(stills), _CHUNK)]
    pairs = [(clip, contestant) for clip in clips for contestant in contestants]
    shots = [shot for part in _mapped(partial(_look, contestants), chunks, processes) for shot in part]
    footage: dict[str, dict[str, Footage]] = {}
    for (clip, contestant), seen in zip(pairs, _mapped(_play, pairs, processes), strict=True):
        footage.setdefault(clip.name, {})[contestant.name] = seen
    return Survey(tuple(each.name for each in contestants), tuple(shots), tuple(clips), footage)


def _mapped(function: Callable[[Task], Result], tasks: Sequence[Task], processes: int) -> Iterator[Result]:
    """In order. Fresh interpreters, as the daemon's workers are: a fork copies locks of threads it does not copy."""
    if min(processes, len(tasks)) <= 1:
        yield from map(function, tasks)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(function, tasks)


@lru_cache(maxsize=16)
def _detector(contestant: Contestant) -> Detector:
    return contestant.detector()


def _look(contestants: Sequence[Contestant], stills: Sequence[Still]) -> list[Shot]:
    eyes = {each.name: Eyes(_detector(each)) for each in contestants}
    return [
        Shot(still, name, shot.shape[1] / shot.shape[0], {model: eye.on(shot) for model, eye in eyes.items()})
        for still in stills
        for name, shot in weathered(still, tuple(WEATHERS) if still.source in WEATHERED else ())
    ]


def _play(pair: tuple[Clip, Contestant]) -> Footage:
    clip, contestant = pair
    return watch(clip.path, _detector(contestant), contestant.model(), clip.rule, dict(clip.zones))
