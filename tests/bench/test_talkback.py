"""What the talk-back's bench makes of what it hears, and how it loses packets."""

from itertools import groupby, islice

import pytest

from bench.report import Goal
from bench.talkback.findings import figures, goals
from bench.talkback.losses import Loss, lost
from bench.talkback.mouth import PITCHES
from bench.talkback.plan import Crowd
from bench.talkback.survey import Heard, matched


@pytest.mark.parametrize("bursts", [False, True])
@pytest.mark.parametrize("rate", [0.02, 0.05, 0.10])
def test_as_much_is_lost_as_was_said(rate: float, bursts: bool) -> None:
    packets = list(islice(lost(Loss(rate, bursts), seed=7), 200_000))
    assert sum(packets) / len(packets) == pytest.approx(rate, rel=0.1)
    rows = [len(list(row)) for gone, row in groupby(packets) if gone]
    mean = sum(rows) / len(rows)
    assert mean == pytest.approx(3.0 if bursts else 1 / (1 - rate), rel=0.1)
    assert packets == list(islice(lost(Loss(rate, bursts), seed=7), 200_000))


def test_single_losses_are_alone() -> None:
    assert [n for n, gone in enumerate(islice(lost(Loss(every=100), 0), 300), 1) if gone] == [100, 200, 300]
    assert not any(islice(lost(Loss(), 0), 1000))


def test_a_mark_is_known_by_its_pitch() -> None:
    said = [(1000.0 + n * 0.3, n % len(PITCHES)) for n in range(20)]
    late = [(at + 1.7 - 900, PITCHES[pitch] * 1.05) for at, pitch in said]  # another clock, five marks later
    assert matched(said, late, shift=900.0) == pytest.approx([1.7] * 20)


def test_a_mark_heard_twice_counts_once_and_one_from_nowhere_not_at_all() -> None:
    said = [(10.0, 0), (10.3, 1)]
    heard = [(10.1, PITCHES[0]), (10.15, PITCHES[0]), (10.2, PITCHES[3]), (9.9, PITCHES[1]), (10.4, 5000.0)]
    assert matched(said, heard, shift=0.0) == pytest.approx([0.1])


def crowd(delay: float, cpu: float, grown: int = 0) -> Crowd:
    heard = Heard(said=60, lost=3, delays=(delay,) * 60)
    held = {"tasks": 5, "threads": 1, "files": 20, "rss": 50 << 20}
    more = {name: value + grown for name, value in held.items()}
    pressed = {"granted": [1.0, 2.0], "heard": [10.0, 30.0]}
    return Crowd(cpu, heard, heard, {"5pc": heard}, heard, pressed, (held, held, more))


def test_goals_are_met_by_a_good_relay_and_missed_by_a_bad_one() -> None:
    good: dict[str, Goal] = goals({"ours": {10: crowd(0.1, 0.03)}})
    assert all(goal.met for goal in good.values())
    bad = goals({"ours": {10: crowd(0.3, 0.3, grown=1)}})
    missed = {name for name, goal in bad.items() if not goal.met}
    assert missed == {
        "mouth_to_ear_p95_at_0pc",
        "mouth_to_ear_p95_at_5pc",
        "cpu_per_listener",
        "joins_tasks_left",
        "joins_threads_left",
        "joins_files_and_sockets_left",
    }


def test_a_relay_that_is_not_heard_meets_nothing() -> None:
    silent = crowd(0.1, 0.03)
    silent.clean = silent.after = Heard(said=60, lost=0, unheard=60)
    found = {"ours": {10: silent}}
    assert not goals(found)["mouth_to_ear_p95_at_0pc"].met
    assert not goals(found)["lasting_delay_after_loss"].met
    assert figures(found)
