"""sandwatch cases: what people see, and what they say."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cases.casefile import CaseFile
from edge.cli_cases import app
from tests.support.casebooks import DUTY, obeying
from tests.support.casewords import told, word

ONE, TWO = "0190d1c2-0000-7000-8000-00000000aaaa", "0190d1c2-0000-7000-8000-00000000bbbb"


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    file = CaseFile(tmp_path / "cases.sqlite", DUTY, "boot")
    file.take([told(ONE), told(TWO, "bank")])
    file.hear(TWO, word("closed", "c-1", finding="[red]nothing\x1b[2J[/red] there"), "county")
    file.close()
    return tmp_path


def cases(storage: Path, *arguments: str, language: str = "en_US.UTF-8") -> Result:
    before = [*arguments, "--storage", str(storage)]
    return CliRunner().invoke(app, before, env={"LC_ALL": language, "COLUMNS": "200"})


def test_the_list_shows_what_needs_somebody(storage: Path) -> None:
    shown = cases(storage)
    assert shown.exit_code == 0, shown.output
    assert "00000000aaaa" in shown.stdout
    assert "reception within 5 min" in shown.stdout
    assert "黄庄派出所, 张三" in shown.stdout
    assert "bbbb" not in shown.stdout
    assert "bbbb" in cases(storage, "--all").stdout
    assert "aaaa" not in cases(storage, "--camera", "bank").stdout
    assert "aaaa" not in cases(storage, "--overdue").stdout


def test_it_speaks_chinese(storage: Path) -> None:
    shown = cases(storage, "--all", language="zh_CN.UTF-8").stdout
    assert "待接收" in shown
    assert "已办结" in shown
    assert "5 分钟内接收" in shown


def test_machines_get_json(storage: Path) -> None:
    one, two = json.loads(cases(storage, "--all", "--json").stdout)
    assert (one["event_id"], one["state"], one["overdue"]) == (ONE, "open", False)
    assert (two["event_id"], two["state"]) == (TWO, "closed")
    assert one["due"]["at"].endswith("Z")


def test_one_case_is_shown_from_its_beginning_and_nothing_in_it_is_obeyed(storage: Path) -> None:
    shown = cases(storage, "show", "bbbb")
    assert TWO in shown.stdout
    assert "[red]nothing [2J[/red] there" in shown.stdout
    assert "\x1b[2J" not in shown.stdout
    assert "officer (county)" in shown.stdout
    steps = json.loads(cases(storage, "show", TWO, "--json").stdout)["timeline"]
    assert [step["kind"] for step in steps] == ["opened", "closed"]


def test_what_somebody_says_is_done_by_the_running_gateway(storage: Path) -> None:
    with obeying(storage):
        sent = cases(storage, "dispatch", "aaaa", "三中队", "--officer", "李四", "--by", "王五")
        assert (sent.exit_code, sent.stdout.strip()) == (0, "dispatched")
        again = cases(storage, "evaluate", TWO, "4", "--remark", "ok")
        assert again.exit_code == 0, again.output
        refused = cases(storage, "close", TWO, "twice")
        assert refused.exit_code == 1
        assert "the case is evaluated" in refused.stderr
        assert cases(storage, "reopen", TWO).exit_code == 0
        assert cases(storage, "close", "aaaa", "turned back", "--proof", "photo 7").exit_code == 0
    shown = cases(storage, "show", "aaaa").stdout
    assert "王五" in shown
    assert "三中队; 李四" in shown
    assert "turned back; photo 7" in shown


def test_without_a_running_gateway_nothing_is_changed(storage: Path) -> None:
    late = cases(storage, "close", "aaaa", "gone", "--wait", "0.1")
    assert late.exit_code == 1
    assert "no running gateway" in late.stderr
    with obeying(storage):
        assert cases(storage, "evaluate", TWO, "4").exit_code == 0  # it takes requests, and that one is gone
    assert "open" in cases(storage).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "cccc"), "there is no case cccc"),
        (("show", "0"), "there is no case 0"),
        (("close", "aaaa", " "), "`finding` is not allowed so"),
        (("close", "aaaa", "x" * 4001), "`finding` is not allowed so"),
    ],
)
def test_a_mistake_is_said_in_words(storage: Path, arguments: tuple[str, ...], says: str) -> None:
    failed = cases(storage, *arguments)
    assert failed.exit_code == 1
    assert says in failed.stderr


def test_an_end_that_two_cases_share_is_not_guessed(storage: Path) -> None:
    file = CaseFile(storage / "cases.sqlite", DUTY, "boot")
    file.take([told("0190d1c2-0000-7000-8000-11111111aaaa")])
    file.close()
    assert "more than one case ends in aaaa" in cases(storage, "show", "aaaa").stderr


def test_where_no_gateway_ever_ran_that_is_said(tmp_path: Path) -> None:
    failed = cases(tmp_path)
    assert failed.exit_code == 1
    assert "there is no cases.sqlite" in failed.stderr
