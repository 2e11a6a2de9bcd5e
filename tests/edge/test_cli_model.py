from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge import assets
from edge.cli import app
from inference.manifest import read

SHIPPED = next(assets.models().glob("*.yaml"))
NAME = SHIPPED.stem


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("SANDWATCH_MODELS", str(tmp_path / "models"))


def test_the_list_says_what_is_there_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "yard.yaml").write_text("name: yard\n", "utf-8")
    lines = CliRunner().invoke(app, ["model", "list"]).output.splitlines()
    assert any(line.startswith(f"+ {NAME}") for line in lines)
    broken = next(number for number, line in enumerate(lines) if line.startswith("x yard"))
    assert "Field required" in lines[broken + 1]


def test_a_model_of_the_site_hides_ours(tmp_path: Path) -> None:
    site = tmp_path / "models"
    site.mkdir()
    (site / SHIPPED.name).write_bytes(SHIPPED.read_bytes())
    file = read(SHIPPED).file
    (site / file).write_bytes((SHIPPED.parent / file).read_bytes())
    lines = CliRunner().invoke(app, ["model", "list"]).output.splitlines()
    marks = [line[0] for line in lines if NAME in line and line[0] in "+-x"]
    assert marks == ["+", "-"]


def test_pull_and_verify(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["model", "pull", NAME, "--from", str(SHIPPED.parent)])
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "models") in result.output
    tried = CliRunner().invoke(app, ["model", "verify", NAME])
    assert tried.exit_code == 0, tried.output
    assert "sound" in tried.output
    assert "excavator" in tried.output


def test_what_is_not_there_is_said_without_a_trace() -> None:
    result = CliRunner().invoke(app, ["model", "verify", "nothing"])
    assert result.exit_code == 78
    assert "no model named 'nothing'" in result.output
    assert "Traceback" not in result.output


def test_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "正常" in CliRunner().invoke(app, ["model", "verify"]).output


def test_a_smaller_form_and_how_fast_each_runs(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["model", "export", "--into", str(tmp_path / "models")])
    assert made.exit_code == 0, made.output
    assert made.output.splitlines()[-1].startswith(f"{NAME}-int8: ")
    lines = CliRunner().invoke(app, ["model", "bench"]).output.splitlines()
    ways = {tuple(line.split()[:3]) for line in lines if " ms" in line}
    assert {("onnx", "cpu", "f32"), ("openvino", "cpu", "f32"), ("openvino", "cpu", "int8")} <= ways


def test_a_model_that_says_nothing_of_itself_is_not_adopted(tmp_path: Path) -> None:
    file = tmp_path / "ours.onnx"
    file.write_bytes((SHIPPED.parent / read(SHIPPED).file).read_bytes())
    result = CliRunner().invoke(app, ["model", "adopt", str(file), "--licence", "Apache-2.0"])
    assert result.exit_code == 78
    assert "does not say its classes" in result.output
