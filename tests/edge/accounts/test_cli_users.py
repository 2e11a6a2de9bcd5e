"""sandwatch users, beside a box that has been started."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.accounts.file import FILE, AccountsFile
from edge.cli_users import app

PASSWORD = "three words suffice\n"


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, words, input=typed)


@pytest.fixture
def storage(tmp_path: Path) -> str:
    AccountsFile.open(tmp_path / FILE).close()
    return f"--storage={tmp_path}"


def test_from_the_first_code_to_a_disabled_account(storage: str, tmp_path: Path) -> None:
    shown = run("code", storage)
    assert shown.exit_code == 0
    assert run("code", storage).output == shown.output
    assert run("code", "--renew", storage).output != shown.output
    added = run("add", "wang", "--role=admin", storage, typed=PASSWORD * 2)
    assert added.exit_code == 0, added.output
    assert run("add", "li", "--role=operator", "--camera=gate", storage, typed=PASSWORD * 2).exit_code == 0
    assert run("code", storage).exit_code == 1
    assert run("disable", "li", storage).exit_code == 0
    assert json.loads(run("list", "--json", storage).output) == [
        {"name": "li", "role": "operator", "cameras": ["gate"], "disabled": True},
        {"name": "wang", "role": "admin", "cameras": ["*"], "disabled": False},
    ]
    assert run("disable", "li", "--undo", storage).exit_code == 0
    assert run("password", "li", storage, typed="another three words\n" * 2).exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "accounts.jsonl").read_text().splitlines()]
    assert [(line["command"], line["id"]) for line in lines] == [
        ("account.add", "wang"),
        ("account.add", "li"),
        ("account.disable", "li"),
        ("account.enable", "li"),
        ("account.password", "li"),
    ]


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("add", "a/b"), PASSWORD),
        (("add", "wang"), "short\n"),
        (("add", "wang", "--camera=a b"), PASSWORD),
        (("password", "nobody"), PASSWORD),
        (("disable", "nobody"), ""),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(storage: str, words: tuple[str, ...], typed: str) -> None:
    refused = run(*words, storage, typed=typed * 2)
    assert refused.exit_code == 1
    assert run("list", storage).output == ""
