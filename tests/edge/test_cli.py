"""The command line as a stranger meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from edge import assets
from edge.cli import app

GOOD = str(assets.folder() / "demo.yaml")


def test_version() -> None:
    result = CliRunner().invoke(app, ["version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("sandwatch ")


def test_check_says_yes_to_the_demo() -> None:
    result = CliRunner().invoke(app, ["check", GOOD])
    assert result.exit_code == 0
    assert "ok: 1 stream, 1 rule" in result.stdout


def test_check_names_every_mistake_with_its_place(tmp_path: Path) -> None:
    bad = tmp_path / "site.yaml"
    text = Path(GOOD).read_text(encoding="utf-8")
    text = re.sub(
        r"track: \[\[.*?\]\]",
        "track: [[0.0, 0.57], [0.45, 0.56]]",
        text.replace("fps: 5", "fbs: 5"),
        flags=re.S,
    )
    bad.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(bad)])
    assert result.exit_code == 1
    assert "streams[0].fbs: is not a known key; did you mean 'fps'?" in result.stdout
    assert "streams[0].zones.track: needs at least 3 points, has 2" in result.stdout
    as_json = CliRunner().invoke(app, ["check", "--json", str(bad)])
    assert as_json.exit_code == 1
    assert {finding["path"] for finding in json.loads(as_json.stdout)} == {
        "streams[0].fbs",
        "streams[0].zones.track",
    }


def test_check_speaks_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = CliRunner().invoke(app, ["check", str(tmp_path / "none.yaml")])
    assert "没有这个文件" in result.stdout


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(path: tuple[str, ...], command: object) -> None:
        found.append(path)
        for name, below in getattr(command, "commands", {}).items():
            walk((*path, name), below)

    walk((), typer.main.get_command(app))
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0, result.exception
    assert "Usage" in result.stdout


def test_the_demo_without_its_extra_says_what_to_install() -> None:
    """In a process of its own: here the broker's library may have been imported long ago."""
    code = "import sys; sys.modules['amqtt'] = None; sys.argv = ['sandwatch', 'demo']; from edge.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "the demo needs amqtt: pip install 'sandwatch[demo]'\n"
