"""How the bench of many cameras tells who woke when, and what the daemon counted."""

import json
from pathlib import Path

import pytest

from bench.cameras import wake_delays
from bench.drops import counted
from bench.probe.notes import Note


def mark(camera: int, part: int, at: float, level: str = "resting") -> Note:
    return Note("mark", f"camera-{camera}/{part}/{level}", at)


def woke(camera: int, at: float) -> Note:
    return Note("woke", f"camera-{camera}", at)


def test_a_wake_counts_from_its_own_lorry() -> None:
    notes = [mark(1, 0, 10.0), mark(1, 1, 30.0), woke(1, 10.4), woke(1, 31.0), woke(2, 10.1)]
    delays, slept = wake_delays(notes)
    assert delays == [pytest.approx(0.4)]  # part 1 is another camera's lorry
    assert slept == 0


def test_cameras_beyond_six_share_their_lorries() -> None:
    delays, slept = wake_delays([mark(8, 1, 10.0), woke(8, 11.0), mark(8, 7, 130.0)])
    assert (delays, slept) == ([1.0], 1)


def test_less_than_half_a_lorry_wakes_at_once() -> None:
    assert wake_delays([woke(1, 9.5), mark(1, 0, 10.0, "awake")]) == ([0.0], 0)


def test_who_was_awake_anyhow_says_nothing() -> None:
    assert wake_delays([woke(1, 2.0), mark(1, 0, 10.0, "awake")]) == ([], 0)


def test_counts_are_summed_over_cameras(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [
        {"event": "camera.retrying", "code": "camera.silent", "camera": "a"},
        {
            "event": "daemon.stopping",
            "cameras": {"a": {"wakes": 2, "ring_bytes": 1 << 20}, "b": {"wakes": 3}},
        },
    ]
    log.write_text("no json\n" + "".join(json.dumps(line) + "\n" for line in lines))
    found = counted(log)
    assert (found.sums["wakes"], found.rings, found.lost) == (5, 1.0, {"camera.silent": 1})
