"""What README.md and docs/ tell to type, typed: each with the files, brokers and boxes that its page speaks of."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from edge.cases.casefile import CaseFile
from edge.cli import app
from edge.geo import TextData
from edge.land.folders import view
from edge.land.history import History, entry
from edge.land.orders import Answer, Mailbox
from inference.change import Change, Place, Reference
from inference.findings import Finding, Phase, Severity
from tests.support.casebooks import DUTY, obeying
from tests.support.casewords import told
from tests.support.chained import two_cases
from tests.support.daemon import patiently
from tests.support.executed import commands
from tests.support.mosquitto import Mosquitto
from tests.support.postgres import Postgres

pytestmark = pytest.mark.e2e

_SITE = """\
site: {{id: s1, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{port}"}}
storage: {{path: "{storage}"}}
detector: {{kind: fake}}
streams: [{{name: mast, kind: file, path: "{clip}", rules: [{{kind: zone}}]}}]
"""
_CASE = "0190d1c2-0000-7000-8000-00004c1f9a22"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, demo_clip: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to type in, with a site file."""
    folder = tmp_path / "desk"
    folder.mkdir()
    text = _SITE.format(port=broker.port, storage=tmp_path / "storage", clip=demo_clip)
    (folder / "site.yaml").write_text(text, "utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    folder = tmp_path / "storage"
    folder.mkdir(exist_ok=True)
    return folder


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"LC_ALL": "C.UTF-8", "COLUMNS": "200"})


def works(*words: str, code: int = 0) -> str:
    result = typed(*words)
    assert result.exit_code == code, (words, result.output, result.exception)
    return result.output


@contextmanager
def running(*words: str) -> Iterator[list[str]]:
    """A command that goes on until Ctrl-C, after which it ends well: the lines it says meanwhile."""
    lines: list[str] = []
    process = subprocess.Popen(
        [sys.executable, "-m", "edge", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", "SANDWATCH_BROKER_PASSWORD": "any"},
    )
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        yield lines
        process.send_signal(signal.SIGINT)
        assert process.wait(120) in (0, -signal.SIGINT, 130), lines
    finally:
        process.kill()
        process.wait()


def moved(words: Sequence[str], **places: str) -> list[str]:
    """With the example's servers exchanged for those that run here."""
    return [places.get(word.partition("://")[0], word) for word in words]


def here(words: Sequence[str]) -> list[str]:
    """The site file of the box is the one at hand."""
    named = [word.replace("/etc/sandwatch/", "") for word in words]
    return named if "site.yaml" in named else [*named, "--config", "site.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        *commands("README.md", "check"),
        *commands("README.zh-CN.md", "check"),
        *commands("command-line.md", "check"),
        *commands("install.md", "check"),
    ],
)
def test_check(words: list[str], desk: Path) -> None:
    assert "ok" in works("check", *here(words))


@pytest.mark.parametrize(
    "words",
    [
        *commands("README.md", "doctor"),
        *commands("README.zh-CN.md", "doctor"),
        *commands("command-line.md", "doctor"),
        *commands("install.md", "doctor"),
    ],
)
def test_doctor(words: list[str], desk: Path) -> None:
    said = typed("doctor", *here(words))
    assert said.exit_code in (0, 1), (
        said.output
    )  # 1: the clock or the permissions of whatever machine this is
    assert "broker" in said.output


@pytest.mark.parametrize(
    "words",
    [
        *commands("README.md", "run"),
        *commands("README.zh-CN.md", "run"),
        *commands("command-line.md", "run"),
    ],
)
def test_run(words: list[str], desk: Path) -> None:
    with running("run", *here(words)) as lines:
        patiently(lambda: any("mqtt.online" in line for line in lines), lambda: "".join(lines))


def test_schema_and_version() -> None:
    for words in commands("command-line.md", "schema"):
        assert "$schema" in works("schema", *words)
    for words in commands("command-line.md", "version"):
        assert works("version", *words).strip()


def test_cases(desk: Path, storage: Path) -> None:
    file = CaseFile(storage / "cases.sqlite", DUTY, "boot")
    file.take([told(_CASE)])
    file.close()
    with obeying(storage):
        for words in commands("cases.md", "cases"):
            works("cases", *words, "--storage", str(storage))


def test_evidence(desk: Path, storage: Path) -> None:
    storage.rmdir()
    two_cases(storage)
    key = works("evidence", "key", "--config", "site.yaml").split()[1]
    for words in commands("evidence.md", "evidence"):
        named = [{"CASE_ID": "a", "FINGERPRINT": key}.get(word, word) for word in words]
        works("evidence", *named, *(() if words[0] == "verify" else ("--config", "site.yaml")))


def test_land(desk: Path, storage: Path) -> None:
    mast = view(storage, "mast", None)
    place = Place(((113.62, 34.75), (113.6201, 34.75), (113.6201, 34.7501)), 0.5, 120.4, 6.0)
    History(mast.folder).add(entry(disturbance(place), "EVENT_ID", 0, "mast", None))
    stop = threading.Event()

    def gateway() -> None:
        mailbox = Mailbox(storage, "mast")
        while not stop.wait(0.02):
            for letter in mailbox.take(time.time()):
                mailbox.answer(letter, Answer(done=True, text=TextData(en="done", zh="完成")))

    worker = threading.Thread(target=gateway)
    worker.start()
    try:
        for words in commands("land.md", "land"):
            works("land", *words, "--storage", str(storage))
    finally:
        stop.set()
        worker.join()
    assert "120" in Path("digs.kml").read_text("utf-8")


def disturbance(place: Place) -> Finding:
    now = 1_780_000_000.0
    return Finding(
        type="land.disturbance",
        phase=Phase.NEW,
        key="EVENT_ID",
        rule="land",
        zone=None,
        severity=Severity.HIGH,
        whistle=None,
        objects=(),
        since=now,
        time=now,
        change=Change(((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)), 0.1, 0.9, Reference(now, "00", "day"), place),
    )


@pytest.mark.parametrize("words", [*commands("land.md", "replay"), *commands("detectors.md", "replay")])
def test_replay(words: list[str], desk: Path, demo_clip: Path) -> None:
    shutil.copy(demo_clip, "clip.mp4")
    folder = Path("folder")
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.jpg"), np.full((360, 640, 3), 90 + number, np.uint8))
    assert "track" in works("replay", *words)


def test_models() -> None:
    for words in commands("detectors.md", "model"):
        assert "sandwatch-nano" in works("model", *words)


def test_events_by_hand(desk: Path, broker: Mosquitto) -> None:
    for words in commands("events.md", "events"):
        before = broker.log.count("Sending SUBACK")
        given = moved(words, mqtts=f"mqtt://127.0.0.1:{broker.port}")
        with running("events", *(given if "--broker" in given else [*given, "--config", "site.yaml"])):
            patiently(lambda before=before: broker.log.count("Sending SUBACK") > before)  # type: ignore[misc]


@pytest.mark.parametrize("words", [*commands("events.md", "centre"), *commands("scaling.md", "centre")])
def test_the_reference_consumer(words: list[str], desk: Path, broker: Mosquitto) -> None:
    with Postgres() as database:
        given = moved(words, mqtts=f"mqtt://127.0.0.1:{broker.port}", postgresql=database.url)
        with running("centre", *given):
            patiently(lambda: broker.log.count("Sending SUBACK") > 0)
