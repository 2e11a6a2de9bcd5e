"""The page of figures: made of results, again and again the same, without touching what people wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.pages import BEGIN, END, PAGE, NoMarks, read, renewed
from bench.pictured import plots
from bench.report import Goal, Report, as_json

_SPREAD = {"median": 1.0, "p05": 0.5, "p95": 2.0, "samples": 3}


def result(figures: Any, *, quick: bool = False) -> dict[str, Any]:
    report = Report(figures, {"speed": Goal(2.0, "ms", at_most=1.0)})
    told: dict[str, Any] = json.loads(as_json("demo", "How fast?", report, quick=quick))
    return told


def test_figures_stand_between_the_marks_and_nowhere_else() -> None:
    page = f"# By people\n\n{BEGIN}\nold\n{END}\n\nThe end.\n"
    once = renewed(page, {"demo": result({"took_ms": _SPREAD, "of": {"peer_ms": 7.0}})}, {"demo": ["plot"]})
    assert once.startswith("# By people\n")
    assert once.endswith("\nThe end.\n")
    assert "old" not in once
    for word in ("How fast?", "1 (0.5 to 2, n=3)", "of / peer_ms", "**missed**", "performance/plot.svg"):
        assert word in once
    again = renewed(once, {"demo": result({"took_ms": _SPREAD})}, {})
    assert again.count(BEGIN) == again.count("### demo") == 1


def test_figures_with_a_page_of_their_own_are_not_told_twice() -> None:
    page = renewed(f"{BEGIN}\n{END}", {"eyes": result({"took_ms": _SPREAD})}, {"eyes": ["plot"]})
    assert "took_ms" not in page
    for word in ("| speed |", "performance/plot.svg", "[model.md](model.md)"):
        assert word in page


def test_a_smoke_test_says_that_it_is_none() -> None:
    page = f"{BEGIN}\n{END}"
    assert "not a measurement" in renewed(page, {"demo": result({}, quick=True)}, {})
    assert "not a measurement" not in renewed(page, {"demo": result({})}, {})


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(NoMarks):
        renewed("# By people", {}, {})


def test_the_page_in_the_project_has_its_marks() -> None:
    assert renewed(PAGE.read_text(encoding="utf-8"), {}, {})


def test_what_people_ask_for_first_comes_first(tmp_path: Path) -> None:
    for name in ("aaa", "latency", "cameras"):
        (tmp_path / f"{name}.json").write_text("{}")
    assert list(read(tmp_path)) == ["cameras", "latency", "aaa"]


def run_of(number: int) -> dict[str, Any]:
    spread = {**_SPREAD, "median": 0.1 * number}
    return {
        "cpu_cores": spread,
        "rss_mib": {"all": 300.0 * number},
        "wake_delay_s": spread if number > 1 else None,
    }


def test_cost_is_drawn_by_the_number_of_cameras() -> None:
    ladder = {str(number): run_of(number) for number in (1, 16, 4)}
    figures = {"quiet": ladder, "a_lorry_every_2_min": ladder, "peers_cores_per_camera": {"opencv": _SPREAD}}
    drawn = dict(plots("cameras", {"figures": figures}))
    assert set(drawn) == {"cameras-cpu", "cameras-memory", "cameras-wake"}
    assert "stroke-dasharray" in drawn["cameras-cpu"]


def test_loss_is_drawn_against_delay() -> None:
    heard = {"mouth_to_ear_ms": _SPREAD}
    crowd = {"without_loss": heard, "loss": {"2pc": heard, "5pc": heard, "one burst": heard}}
    ((name, svg),) = plots("talkback", {"figures": {"ours": {"1_listeners": crowd}, "mediarelay": {}}})
    assert name == "talkback-loss"
    assert svg.count("<polyline") == 1


def test_a_bench_without_a_plot_has_none() -> None:
    assert plots("outbox", {"figures": {}}) == []
