import json
import math
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench import report
from bench.__main__ import benches, main
from bench.report import Goal, Report, as_json, save, show, spread


@pytest.mark.parametrize(
    ("goal", "bound", "met"),
    [
        (Goal(0.99, "ms", at_most=1.0), "<= 1", True),
        (Goal(1.0, "ms", at_most=1.0), "<= 1", True),
        (Goal(1.01, "ms", at_most=1.0), "<= 1", False),
        (Goal(0.94, "ratio", at_least=0.95), ">= 0.95", False),
        (Goal(0.95, "ratio", at_least=0.95), ">= 0.95", True),
        (Goal(0.95, "ratio", at_least=0.9, at_most=0.99), "0.9-0.99", True),
        (Goal(1.0, "ratio", at_least=0.9, at_most=0.99), "0.9-0.99", False),
        (Goal(math.nan, "ms", at_most=1.0), "<= 1", False),
        (Goal(math.inf, "1/s", at_least=2000), ">= 2000", False),
    ],
)
def test_a_goal_is_met_or_missed(goal: Goal, bound: str, *, met: bool) -> None:
    assert (goal.bound, goal.met) == (bound, met)


def test_a_goal_without_a_bound_is_none() -> None:
    with pytest.raises(ValueError, match="bound"):
        Goal(1.0, "ms")


def test_json_has_exactly_what_was_agreed() -> None:
    report = Report({"a_ms": {"median": 1.5, "bad": math.nan}}, {"a": Goal(1.5, "ms", at_most=1.0)})
    document = json.loads(as_json("demo", "How long?", report))
    assert list(document) == [
        *("name", "question", "commit", "taken", "quick", "machine", "versions", "figures", "goals")
    ]
    assert document["versions"]["av"]
    assert document["figures"] == {"a_ms": {"median": 1.5, "bad": None}}
    assert document["goals"] == {"a": {"value": 1.5, "unit": "ms", "goal": "<= 1", "met": False}}
    assert document["machine"]["numpy"] == np.__version__
    assert document["machine"]["cpu"]


def test_people_see_every_figure_and_whether_goals_are_met() -> None:
    console = Console(record=True, width=120)
    report = Report({"a_ms": {"median": 1.23456}, "what": "x"}, {"b": Goal(2.0, "ms", at_most=1.0)})
    show("demo", "How long?", report, console)
    text = console.export_text()
    for word in ("How long?", "a_ms.median", "1.235", "<= 1", "missed"):
        assert word in text


def test_spread_is_made_of_samples() -> None:
    assert spread([float(n) for n in range(101)]) == {"median": 50.0, "p05": 5.0, "p95": 95.0, "samples": 101}
    assert spread([3.0])["p95"] == 3.0


def test_lists_the_benches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert "tracker " in listed
    assert "naive_tracker" not in listed


def test_every_bench_asks_and_runs() -> None:
    for module in benches():
        assert module.QUESTION.endswith("?")
        assert callable(module.run)


def test_an_unknown_bench_names_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trakcer"]) == 2
    assert "there are: " in capsys.readouterr().err


def test_the_trackers_bench_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tracker", "--json", "--quick"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["name"] == "tracker"
    goal = document["goals"]["update_40_ms"]
    assert (goal["unit"], goal["goal"], goal["met"]) == ("ms", "<= 1", goal["value"] <= 1)
    quality = document["figures"]["quality"]["at_5_hz"]
    assert quality["ours"]["id_switches"] < quality["naive"]["id_switches"]


def test_a_result_is_kept_with_what_it_was_made_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    path = save("demo", as_json("demo", "How long?", Report({"a_ms": 1.5}), quick=True))
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert (path.name, kept["quick"], kept["figures"]) == ("demo.json", True, {"a_ms": 1.5})
    assert kept["machine"]["cores"] >= 1
