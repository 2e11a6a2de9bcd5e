"""What is kept of disturbances outlasts cut lines, and stays small."""

from pathlib import Path

import pytest

from edge.land import history as histories
from edge.land.history import Entry, History, entry
from inference.change import Change, Overlap, Place, Reference
from inference.findings import Finding, Phase, Severity

PLACE = Place(
    ((113.6, 34.7), (113.7, 34.7), (113.7, 34.8)),
    0.5,
    100.0,
    5.0,
    None,
    (Overlap("农田", "1", None, 3.0, 0.1),),
)
CHANGE = Change(((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)), 0.1, 0.9, Reference(1.0, "00", "day"), PLACE)


def message(case: str, number: int, phase: Phase, time: float = 10.0) -> Entry:
    finding = Finding(
        type="land.disturbance",
        phase=phase,
        key=f"key-{case}",
        rule="land",
        zone=None,
        severity=Severity.HIGH,
        whistle=None,
        objects=(),
        since=5.0,
        time=time,
        reason="restored" if phase is Phase.END else None,
        change=CHANGE,
    )
    return entry(finding, case, number, "mast", "east")


def test_what_was_told_is_read_again_as_it_was(tmp_path: Path) -> None:
    history = History(tmp_path / "view")
    told = [message("a", 0, Phase.NEW), message("a", 1, Phase.UPDATE), message("b", 0, Phase.NEW)]
    told.append(message("a", 2, Phase.END))
    for each in told:
        history.add(each)
    again = History(tmp_path / "view")
    assert again.entries() == told
    assert again.open() == {"b": told[2]}
    assert again.latest()["a"] == told[3]
    assert again.latest()["a"].change == CHANGE


def test_a_line_that_the_power_cut_costs_itself_alone(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(message("a", 0, Phase.NEW))
    with (tmp_path / "history.jsonl").open("ab") as file:
        file.write(b'{"event_id":"b","num')
    history.add(message("c", 0, Phase.NEW))
    assert set(history.latest()) == {"a", "c"}


def test_it_stays_small_and_never_forgets_an_open_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "_LARGEST", 20_000)
    monkeypatch.setattr(histories, "_AFTER", 10_000)
    history = History(tmp_path)
    history.add(message("old", 0, Phase.NEW))
    for number in range(60):
        history.add(message(f"case{number}", 0, Phase.NEW))
        history.add(message(f"case{number}", 1, Phase.END))
    assert (tmp_path / "history.jsonl").stat().st_size <= 21_000
    assert set(history.open()) == {"old"}
    assert history.latest()["case59"].phase is Phase.END
    assert "case0" not in history.latest()


def test_nothing_was_told_yet(tmp_path: Path) -> None:
    assert History(tmp_path / "nothing").entries() == []
