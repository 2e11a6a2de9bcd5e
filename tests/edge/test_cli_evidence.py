import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli_evidence import app
from tests.support.chained import Box, two_cases

SITE = """
site: {{id: s1, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:1"}}
storage: {{path: {storage}}}
streams: [{{name: gate, kind: file, path: /none.mp4}}]
"""


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = two_cases(tmp_path / "storage")
    (tmp_path / "site.yaml").write_text(SITE.format(storage=box.storage))
    return box


def sandwatch(box: Box, *args: str, language: str = "C") -> Result:
    env = {"LC_ALL": language}
    return CliRunner().invoke(app, list(args), env=env)


def config(box: Box) -> tuple[str, str]:
    return "--config", str(box.storage.parent / "site.yaml")


def fingerprint(box: Box) -> str:
    return str(sandwatch(box, "key", *config(box)).stdout.split()[1])


def test_a_case_is_exported_and_verified(box: Box, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    made = sandwatch(box, "export", "a", "-o", str(out), *config(box))
    assert made.exit_code == 0, made.output
    assert "6 entries, 11 files" in made.stdout
    checked = sandwatch(box, "verify", str(out), "--key", fingerprint(box))
    assert checked.exit_code == 0
    assert checked.stdout.splitlines()[-1] == "unchanged: everything is as it was entered"


def test_a_tampered_bundle_fails_and_says_what_in_chinese(box: Box, tmp_path: Path) -> None:
    out = tmp_path / "folder"
    sandwatch(box, "export", "a", "-o", str(out), *config(box))
    (out / "items/gate/2026/05/01/a.jpg").write_bytes(b"x")
    checked = sandwatch(box, "verify", str(out), language="zh_CN.UTF-8")
    assert checked.exit_code == 1
    assert "被改动  items/gate/2026/05/01/a.jpg" in checked.stdout
    assert "有改动：共 1 项" in checked.stdout


def test_machines_get_json(box: Box) -> None:
    checked = sandwatch(box, "verify", str(box.storage), "--json")
    told = json.loads(checked.stdout)
    assert checked.exit_code == 0
    assert (told["unchanged"], told["entries"], told["findings"]) == (True, 7, [])
    assert told["keys"] == [fingerprint(box)]


def test_another_key_than_expected_fails(box: Box) -> None:
    checked = sandwatch(box, "verify", str(box.storage), "--key", "0" * 64)
    assert checked.exit_code == 1
    assert "FOREIGN KEY" in checked.stdout


def test_what_cannot_be_read_has_its_own_code(box: Box, tmp_path: Path) -> None:
    assert sandwatch(box, "verify", str(tmp_path / "none.zip")).exit_code == 3


@pytest.mark.parametrize("args", [("--key", "xyz"), ("--head", "5"), ("--tsa-ca", "/none")])
def test_pins_that_are_none_are_wrong_usage(box: Box, args: tuple[str, str]) -> None:
    assert sandwatch(box, "verify", str(box.storage), *args).exit_code == 2


def test_cases_or_times_not_both_and_not_neither(box: Box, tmp_path: Path) -> None:
    out = ("-o", str(tmp_path / "x.zip"))
    assert sandwatch(box, "export", *out, *config(box)).exit_code == 2
    assert sandwatch(box, "export", "a", "--from", "2026-01-01", *out, *config(box)).exit_code == 2
    done = sandwatch(box, "export", "--from", "2026-01-01", "--to", "2030-01-01", *out, *config(box))
    assert done.exit_code == 0, done.output


def test_a_case_that_is_not_there_is_said(box: Box, tmp_path: Path) -> None:
    done = sandwatch(box, "export", "zzz", "-o", str(tmp_path / "x.zip"), *config(box))
    assert done.exit_code == 1
    assert "no case has the id zzz" in done.stderr


def test_a_rotation_is_prepared_and_carried_out_at_the_next_start(box: Box) -> None:
    before = fingerprint(box)
    prepared = sandwatch(box, "rotate", *config(box))
    assert prepared.exit_code == 0, prepared.output
    after = prepared.stdout.split()[1]
    assert fingerprint(box) == before
    with box.open():
        pass
    assert fingerprint(box) == after
    assert sandwatch(box, "verify", str(box.storage), "--key", before).exit_code == 0
    assert sandwatch(box, "verify", str(box.storage), "--key", after).exit_code == 0


def test_without_the_key_nothing_is_exported(box: Box, tmp_path: Path) -> None:
    (box.storage / "device.key").unlink()
    done = sandwatch(box, "export", "a", "-o", str(tmp_path / "x.zip"), *config(box))
    assert done.exit_code == 78
    assert "device key" in done.stderr
