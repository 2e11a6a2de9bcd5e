import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.centre.record import Record, record
from edge.centre.spreadsheet import Spreadsheet
from edge.centre.table import Missing, TableFailed
from tests.support.occurrences import SEAL, message


def row(number: int, camera: str = "gate") -> Record:
    sealed = SEAL(message(f"case{number}", camera=camera), number)
    return record(sealed.topic, sealed.payload)


def ids(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [line["id"] for line in csv.DictReader(file)]


def test_each_message_once_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    table = Spreadsheet(path)
    assert table.commit([row(1), row(2), row(1)]) == 2
    assert table.commit([row(2), row(4)]) == 1
    assert table.missing() == [Missing(row(1).site, 3, 3)]
    table.close()
    table = Spreadsheet(path)
    assert table.commit([row(1), row(3)]) == 1
    assert table.missing() == []
    table.close()
    assert ids(path) == ["case1/0", "case2/0", "case4/0", "case3/0"]


def test_only_one_consumer_writes_a_file(tmp_path: Path) -> None:
    table = Spreadsheet(tmp_path / "events.csv")
    with pytest.raises(TableFailed) as failed:
        Spreadsheet(tmp_path / "events.csv")
    assert failed.value.problem.code == "centre.csv_taken"
    table.close()


@settings(max_examples=60)
@given(cut=st.integers(0, 4000))
def test_whatever_a_kill_left_of_the_last_line_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "events.csv"
    table = Spreadsheet(path)
    table.commit([row(number, camera="黄庄") for number in (1, 2, 3)])
    table.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    table = Spreadsheet(path)
    table.commit([row(number, camera="黄庄") for number in (1, 2, 3)])
    table.close()
    assert ids(path) == ["case1/0", "case2/0", "case3/0"]


def test_a_long_line_that_was_never_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    table = Spreadsheet(path)
    table.commit([row(1)])
    table.close()
    with path.open("ab") as file:
        file.write(b'sandwatch/v1/410000/410100/410122/site,"' + b"x" * 100_000)
    table = Spreadsheet(path)
    table.commit([row(2)])
    table.close()
    assert ids(path) == ["case1/0", "case2/0"]
    assert b"xxx" not in path.read_bytes()


def test_a_spreadsheet_calculates_nothing_of_what_came_over_the_network(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    table = Spreadsheet(path)
    table.commit([row(1, camera='=cmd|"/c calc"!A1')])
    table.close()
    with path.open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert line["camera"] == '\'=cmd|"/c calc"!A1'
    table = Spreadsheet(path)
    assert table.commit([row(1, camera='=cmd|"/c calc"!A1')]) == 0
    table.close()
