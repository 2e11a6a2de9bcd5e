"""docs/adding.md: its three kinds, put in place as it says, in a gateway that then runs on them."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.daemon import Gateway
from tests.support.executed import DOCS, ROOT
from tests.support.mosquitto import Mosquitto

pytestmark = pytest.mark.e2e

_SITE = """\
site: {{id: s1, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{port}"}}
storage: {{path: "{storage}"}}
detector: {{kind: thermal, label: truck, above: 150}}
streams:
  - {{name: heat, kind: picture, path: "{picture}", every: 100ms, attention: always,
      rules: [{{kind: gathering, least: 2, leave: 0s}}]}}
"""
# As if the files lay in their packages: both the daemon and its workers begin with this.
_PLACED = """\
import importlib
for package in ("inference.rules", "inference.detectors", "streams.sources"):
    importlib.import_module(package).__path__.append({folder!r} + "/" + package)
"""


@pytest.fixture
def placed(tmp_path: Path) -> dict[str, str]:
    """The environment of a gateway that has the page's three files."""
    page = (DOCS / "adding.md").read_text("utf-8")
    blocks = re.findall(r"^`([\w/]+)\.py`\..*?```python\n(.*?)```", page, re.S | re.M)
    assert len(blocks) == 3
    for name, code in blocks:
        folder, _, file = name.rpartition("/")
        into = tmp_path / "placed" / folder.replace("/", ".")
        into.mkdir(parents=True)
        (into / f"{file}.py").write_text(code, "utf-8")
    (tmp_path / "placed/sitecustomize.py").write_text(
        _PLACED.format(folder=str(tmp_path / "placed")), "utf-8"
    )
    return {"PYTHONPATH": f"{tmp_path / 'placed'}:{ROOT}"}


@contextmanager
def overwritten(file: Path) -> Iterator[None]:
    """A picture of two hot lorries, written again and again."""
    picture = np.full((360, 640, 3), 40, np.uint8)
    for x in (100, 400):
        cv2.rectangle(picture, (x, 150), (x + 60, 180), (255, 255, 255), -1)
    new = file.with_suffix(".new.png")
    stop = threading.Event()

    def program() -> None:
        while not stop.wait(0.05):
            cv2.imwrite(str(new), picture)
            new.rename(file)

    thread = threading.Thread(target=program)
    cv2.imwrite(str(file), picture)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_three_kinds_make_an_event(tmp_path: Path, placed: dict[str, str]) -> None:
    picture = tmp_path / "now.png"
    with overwritten(picture), Mosquitto(tmp_path) as broker:
        text = _SITE.format(port=broker.port, storage=tmp_path / "storage", picture=picture)
        with Gateway(tmp_path, text, **placed) as gateway:
            stored = gateway.wait("event.stored", phase="new", type="vehicle.gathering")
            assert stored["camera"] == "heat"


def test_what_is_wrong_in_their_settings_is_said_with_its_place(
    tmp_path: Path, placed: dict[str, str]
) -> None:
    text = _SITE.format(port=1, storage=tmp_path / "storage", picture="none.png").replace(
        "least: 2", "least: 1"
    )
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "edge", "check", str(tmp_path / "site.yaml")]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **placed, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 1
    assert "least" in done.stdout + done.stderr
    assert "site.yaml:7" in done.stdout + done.stderr
