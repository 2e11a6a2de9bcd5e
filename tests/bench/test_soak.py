"""What a soak is judged by, on runs that are made up."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.soak.box import JUMPING, Sample
from bench.soak.faults import Done
from bench.soak.page import table
from bench.soak.schedule import Kind, schedule
from bench.soak.seen import Outage, courses, outages, waited
from bench.soak.slopes import grown, slope
from bench.soak.verdict import LADDER, Findings, invariants, recoveries


def line(heard: float, event: str, **fields: Any) -> dict[str, Any]:
    return {"heard": heard, "event": event, **fields}


def samples(hours: float, growth: float, seed: int = 1) -> list[Sample]:
    random = Random(seed)
    return [
        Sample(at, 200 + growth * at / 3600 + random.gauss(0, 1), 60, 12, 80, {})
        for at in range(0, round(hours * 3600), 5)
    ]


GOOD = Findings(
    seconds=1800.0,
    seed=1,
    cameras=2,
    stored={1: 10.0, 2: 11.0, 3: 12.0},
    arrived={1: 10.1, 2: 11.1, 3: 12.1},
    dropped=(),
    repeats=0,
    broker_deaths=(),
    chain=(),
    entries=4,
    samples=samples(4.0, 0.0),
    waits=[("a", 3.0)],
    courses=(),
    visits=(3, 0),
    stray=(),
    ended=0,
)


def broken(found: Findings) -> list[str]:
    return [each.name for each in invariants(found, 600.0) if each.held is False]


def test_a_good_run_holds_all() -> None:
    assert all(each.held for each in invariants(GOOD, 600.0))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"arrived": {1: 10.1, 3: 12.1}}, "no event lost"),
        ({"stored": {}}, "no event lost"),
        ({"arrived": {1: 10.1, 3: 12.1, 2: 13.0}}, "in order"),
        ({"chain": ["changed entry 3"]}, "chain verifies"),
        ({"entries": 0}, "chain verifies"),
        ({"waits": [("a", LADDER + 1)]}, "cameras back within 45 s"),
        ({"waits": [("a", float("inf"))]}, "cameras back within 45 s"),
        ({"samples": samples(4.0, 6.0)}, "memory grows by less than 1 MB/h"),
        (
            {"samples": [replace(each, fds=60 + int(each.at / 300)) for each in GOOD.samples]},
            "descriptors flat",
        ),
        ({"samples": [replace(each, tasks=80 + int(each.at / 300)) for each in GOOD.samples]}, "tasks flat"),
        ({"ended": 1}, "ends in good order"),
        ({"stray": ["Traceback"]}, "no defect in the log"),
    ],
)
def test_what_does_not_hold_is_named(changed: dict[str, Any], name: str) -> None:
    assert broken(replace(GOOD, **changed)) == [name]


def test_a_dead_broker_explains_what_comes_late_and_the_box_what_never_comes() -> None:
    late = replace(GOOD, arrived={1: 10.1, 3: 12.1, 2: 75.0})
    assert broken(replace(late, broker_deaths=[(11.5, 11.9)])) == []
    assert broken(replace(late, broker_deaths=[(9.0, 10.5)])) == []  # nobody was there yet
    assert broken(replace(late, broker_deaths=[(80.0, 81.0)])) == ["in order"]
    assert broken(replace(late, broker_deaths=[(8.0, 9.0)])) == ["in order"]
    assert broken(replace(GOOD, arrived={1: 10.1, 3: 12.1}, dropped=[(2, 2)])) == []


def test_a_short_run_cannot_tell_whether_memory_grows() -> None:
    (memory,) = [
        each for each in invariants(replace(GOOD, samples=samples(0.02, 0.0)), 0.0) if "memory" in each.name
    ]
    assert memory.held is None


@pytest.mark.parametrize("growth", [0.0, 3.0, -3.0])
def test_the_slope_is_found_in_noise_and_outliers(growth: float) -> None:
    times = [float(at) for at in range(0, 14400, 5)]
    random = Random(2)
    values = [growth * at / 3600 + random.gauss(0, 1) + (50 if random.random() < 0.02 else 0) for at in times]
    found = slope(times, values)
    assert found is not None
    assert found.low <= growth <= found.high
    assert found.high - found.low < 1.0


def test_what_came_and_went_has_not_grown() -> None:
    assert grown([5, 5, 9, 9, 9, 5, 5, 5, 5]) == 0
    assert grown([5, 5, 5, 6, 7, 8, 9, 9, 9]) == 4


def test_the_same_seed_brings_the_same_faults() -> None:
    faults = list(schedule(7, 600.0, tuple(Kind), (3.0, 9.0)))
    assert faults == list(schedule(7, 600.0, tuple(Kind), (3.0, 9.0)))
    assert faults != list(schedule(8, 600.0, tuple(Kind), (3.0, 9.0)))
    assert {fault.kind for fault in faults} == set(Kind)
    kills = [fault for fault in faults if fault.kind is Kind.BROKER_KILLED]
    assert all(one.at + one.lasts <= other.at for one, other in pairwise(kills))


def test_from_the_fault_to_the_word_and_from_its_end_to_the_picture() -> None:
    done = [
        Done(Kind.STALL, 100.0, 110.0, frozenset({"a"})),
        Done(Kind.BROKER_CUT, 100.0, 103.0, frozenset({"-"})),
        Done(Kind.STALL, 200.0, 202.0, frozenset({"a"})),
    ]
    lines = [
        line(101.0, "mqtt.lost", code="mqtt.lost"),
        line(102.0, "camera.retrying", camera="b", code="camera.ended"),
        line(104.0, "mqtt.online"),
        line(105.0, "camera.retrying", camera="a", code="camera.stalled"),
        line(109.0, "camera.live", camera="b"),
        line(113.0, "camera.live", camera="a"),
    ]
    stall, cut, short = courses(done, lines)
    assert (stall.told, stall.seen, stall.back) == ("camera.stalled", 5.0, 3.0)
    assert (cut.told, cut.seen, cut.back) == ("mqtt.lost", 1.0, 1.0)
    assert (short.told, short.seen, short.back) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "told"), [(Kind.RESET, None), (Kind.STALL, None), (Kind.GARBLED, "camera.covered")]
)
def test_what_is_seen_in_pictures_is_no_word_about_the_line(kind: Kind, told: str | None) -> None:
    lines = [
        line(101.0, "picture.trouble", camera="a", code="camera.covered"),
        line(105.0, "picture.recovered", camera="a"),
    ]
    (course,) = courses([Done(kind, 100.0, 102.0, frozenset({"a"}))], lines)
    assert course.told == told
    assert course.back == (3.0 if told else None)


def test_a_camera_has_its_time_from_the_end_of_the_last_fault_that_touched_it() -> None:
    lines = [
        line(10.0, "camera.live", camera="a"),
        line(100.0, "camera.retrying", camera="a"),
        line(101.0, "camera.refused", camera="a"),
        line(140.0, "camera.live", camera="a"),
        line(150.0, "camera.retrying", camera="b"),
    ]
    first, never = outages(lines, ("a", "b"))
    assert first == Outage("a", 100.0, 140.0)
    assert never.until == float("inf")
    own, other, everyone = (
        Done(Kind.STALL, 99.0, 120.0, frozenset({"a"})),
        Done(Kind.STALL, 99.0, 139.0, frozenset({"b"})),
        Done(Kind.WORKER, 130.0, 131.0, frozenset()),
    )
    assert waited(first, [own, other]) == 20.0
    assert waited(first, [own, other, everyone]) == 9.0
    assert waited(first, [other]) == 40.0


def test_every_kind_of_fault_has_its_row_in_the_page() -> None:
    done = [Done(kind, 10.0, 12.0, frozenset({"a"})) for kind in Kind]
    told = {
        "faults": list(recoveries(courses(done, [line(11.0, "camera.retrying", camera="a", code="x.y")])))
    }
    rows = table(told).splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {kind.value}" for kind in Kind]
    assert "| 1 | `x.y` | 1.0 s (at most 1.0 s) | - |" in rows[0]


def test_a_task_that_is_done_is_not_counted(tmp_path: Path) -> None:
    told = tmp_path / "tasks"
    subprocess.run(
        [sys.executable, "-c", _KEEPS_TASKS],
        env={**os.environ, "SOAK_TASKS": str(told), "PYTHONPATH": str(JUMPING)},
        check=True,
    )
    assert told.read_text(encoding="ascii") == "2"


_KEEPS_TASKS = """
import asyncio, os, signal

async def main():
    kept = [asyncio.create_task(asyncio.sleep(0)) for _ in range(5)]
    await asyncio.gather(*kept)
    waiting = asyncio.create_task(asyncio.Event().wait())
    os.kill(os.getpid(), signal.SIGUSR2)
    await asyncio.sleep(0)
    waiting.cancel()

asyncio.run(main())
"""
