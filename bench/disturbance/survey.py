"""Every contestant in every scenario, as many scenarios at a time as there are cores."""

import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

import cv2

from bench.disturbance import peers
from bench.disturbance.contestant import Answer, Contestant
from bench.disturbance.judging import Record
from bench.disturbance.scenario import Look, Scenario, Told
from bench.provingground.sun import LATITUDE, LONGITUDE
from inference.terrain.sight import Sight

OURS = "sandwatch"
_PEERS = {"MOG2": peers.mog2, "fixed reference": peers.fixed, "running average": peers.running}
EVERYBODY = (OURS, *_PEERS)


@dataclass(frozen=True, slots=True)
class Course:
    """One scenario. records: by contestant."""

    told: Told
    records: Mapping[str, Record]


def survey(
    scenarios: Sequence[Scenario], names: Sequence[str] = EVERYBODY, processes: int | None = None
) -> list[Course]:
    """processes: None takes every core. Raises what scenarios and contestants raise."""
    processes = processes or len(os.sched_getaffinity(0))
    return list(_mapped(partial(play, names=tuple(names)), scenarios, processes))


def play(scenario: Scenario, names: Sequence[str]) -> Course:
    """All of them side by side: every picture is made once."""
    cv2.setNumThreads(1)  # a camera has no more in the daemon
    sight = scenario.sight()
    with tempfile.TemporaryDirectory() as desk:
        contestants = {name: build(name, Path(desk), sight) for name in names}
        records = {name: Record.empty() for name in names}
        for look, counts in _looks(scenario, list(contestants.values())):
            for name, contestant in contestants.items():
                begun = perf_counter()
                answer = contestant.look(look)
                records[name].ms.append((perf_counter() - begun) * 1000)
                if counts:
                    records[name].noted(look, answer.shown, answer.silence)
    return Course(scenario.told, records)


def played(scenario: Scenario, contestant: Contestant) -> Iterator[tuple[Look, Answer, bool]]:
    """One contestant's course, look by look; whether the look counts."""
    for look, counts in _looks(scenario, [contestant]):
        yield look, contestant.look(look), counts


def build(name: str, desk: Path, sight: Sight | None) -> Contestant:
    """Raises KeyError: no such contestant."""
    if name == OURS:
        from bench.disturbance.ours import Ours  # noqa: PLC0415  (only where it is asked for)

        return Ours(desk, sight, (LATITUDE, LONGITUDE))
    return _PEERS[name](sight)


def _looks(scenario: Scenario, contestants: Sequence[Contestant]) -> Iterator[tuple[Look, bool]]:
    """Each look, and whether it counts; everybody settles before the first that does."""
    settled = False
    for look in scenario.looks():
        if look.time >= scenario.told.begins and not settled:
            settled = True
            for contestant in contestants:
                contestant.settle(look.time)
        yield look, settled


def _mapped(function: partial[Course], tasks: Sequence[Scenario], processes: int) -> Iterator[Course]:
    """In order. Fresh interpreters, as the daemon's workers are: a fork copies locks of threads it does not copy."""
    if processes == 1 or len(tasks) == 1:
        yield from map(function, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(function, tasks)
