"""`sandwatch demo`: what a newcomer types, and what it says when it cannot."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.support.daemon import patiently

pytestmark = pytest.mark.e2e

PATIENCE_S = 120.0


def demo(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "edge", "demo", *arguments],
        cwd=folder,
        env={**os.environ, "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until_said(process: "subprocess.Popen[str]", words: str) -> str:
    """What it said up to the first line that matches, and until it was told to stop."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(words, line):
            break
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    return "".join(lines) + rest


def test_it_shows_an_event_that_came_through_mqtt_and_its_snapshot(tmp_path: Path) -> None:
    process = demo(tmp_path, "--seconds", "600")  # by which the exit code says whether one came
    shown = r"NEW +vehicle\.zone +river-bank +truck #\d+ .* snapshot: (\S+\.jpg)"
    said = until_said(process, shown)
    assert process.returncode == 0, said
    event = re.search(shown, said)
    assert event is not None, said
    assert cv2.imread(str(tmp_path / event[1])) is not None
    for step in range(1, 5):
        assert f"[{step}/4]" in said
    assert "Traceback" not in said


def test_without_an_event_it_fails(tmp_path: Path) -> None:
    """A camera that does not exist gives none, so the exit code must not say that all is well."""
    process = demo(tmp_path, "--seconds", "600", SANDWATCH_DEMO_CAMERA="rtsp://u:hunter2@127.0.0.1:1/x")
    said = until_said(process, "127.0.0.1:1/x cannot be reached")
    assert process.returncode == 1
    assert "127.0.0.1:1/x cannot be reached" in said
    assert "hunter2" not in said


def test_it_ends_by_itself_after_the_seconds_it_was_given(tmp_path: Path) -> None:
    process = demo(tmp_path, "--seconds", "1", SANDWATCH_DEMO_CAMERA="rtsp://127.0.0.1:1/x")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "0 events came back through MQTT" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly_and_leaves_nobody_behind(tmp_path: Path, number: signal.Signals) -> None:
    process = demo(tmp_path)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "live" in line:
            break
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, "".join(lines) + rest
    assert "Traceback" not in rest
    assert len(children) >= 2  # the camera and the worker
    patiently(lambda: not [child for child in children if Path(f"/proc/{child}").exists()])


def test_an_address_that_is_none_is_refused_without_repeating_it(tmp_path: Path) -> None:
    process = demo(tmp_path, SANDWATCH_DEMO_CAMERA="http://u:hunter2@host/x")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "rtsp://" in said
    assert "hunter2" not in said


def test_a_demo_that_is_killed_leaves_nobody_behind(tmp_path: Path) -> None:
    process = demo(tmp_path)
    assert process.stdout is not None
    for line in process.stdout:
        if "live" in line:
            break
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert len(children) >= 2
    patiently(lambda: not [child for child in children if Path(f"/proc/{child}").exists()])
