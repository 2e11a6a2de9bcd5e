"""sandwatch events tail: who looks on sees what was asked for, and disturbs nothing."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.tail import Filter, line
from inference.findings import Phase, Severity
from tests.support.mosquitto import Mosquitto, until
from tests.support.occurrences import SEAL, SITE, message
from tests.support.publishing import outbox_at, publishing, sent_all, store

ROOT = Path(__file__).parents[2]
TOPIC = f"{SITE.topic('ev')}/vehicle.zone/gate"


def event(**data: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SEAL(message("case"), 7).payload)
    return {**found, "data": {**found["data"], **data}}


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (Filter(), True),
        (Filter(cameras=("gate", "mast")), True),
        (Filter(cameras=("mast",)), False),
        (Filter(types=("vehicle.*",)), True),
        (Filter(types=("land.*", "case.*")), False),
        (Filter(least=Severity.HIGH), True),
        (Filter(least=Severity.CRITICAL), False),
        (Filter(since=datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)), True),
        (Filter(since=datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC)), False),
    ],
)
def test_the_filters(wanted: Filter, passes: bool) -> None:
    assert wanted.passes(event()) is passes


def test_a_line_says_when_what_and_where_in_either_language() -> None:
    seen = event(objects=[{"label": "truck", "score": 0.914}] * 6, zone="pit")
    assert line(TOPIC, seen, UTC, "en") == (
        "1970-01-01 00:00:02  high  NEW  vehicle.zone  410122/site/gate/pit"
        "  truck 0.91, truck 0.91, truck 0.91, truck 0.91, +2  #7"
    )
    assert line(TOPIC, seen, UTC, "zh").startswith("1970-01-01 00:00:02  高  开始  vehicle.zone")


def test_nothing_of_it_steers_the_terminal() -> None:
    assert "\x1b" not in line(TOPIC, event(zone="\x1b[2J", reason="\x07"), UTC, "en")


def test_what_is_no_event_of_ours_is_no_trouble() -> None:
    assert line(TOPIC, {"time": "1970-01-01T00:00:00Z"}, UTC, "en")
    assert Filter().passes({})


class Tail:
    """The command, as somebody types it."""

    def __init__(self, port: int, *options: str) -> None:
        words = ["tail", f"--broker=mqtt://127.0.0.1:{port}", *options]
        code = "from edge.cli_events import app; app()"
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "zh_CN.UTF-8", "TZ": "UTC"},
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Tail":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            self.lines.append(text.rstrip("\n"))


async def test_it_shows_what_comes_and_acknowledges_nothing(tmp_path: Path) -> None:
    with (
        Mosquitto(tmp_path) as broker,
        Tail(broker.port) as people,
        Tail(broker.port, "--json", "--type=case.*") as cases,
    ):
        await until(lambda: broker.log.count("Sending SUBACK") >= 4)
        async with outbox_at(tmp_path / "outbox.sqlite") as outbox, publishing(outbox, broker.port):
            await store(outbox, 2)
            await outbox.append(message("0", 1, Phase.END))
            await sent_all(outbox)
            await until(lambda: len(people.lines) == 3)
        said = broker.log
    assert people.lines[0] == "1970-01-01 00:00:02  高  开始  vehicle.zone  410122/site/gate  #1"
    assert "结束" in people.lines[2]
    assert cases.lines == []
    assert "/down" not in said


async def test_it_waits_for_a_broker_that_is_away(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Tail(broker.port) as people:
        await until(lambda: broker.log.count("Sending SUBACK") == 2)
        broker.kill()
        broker.start()
        await until(lambda: broker.log.count("Sending SUBACK") >= 4)
        async with outbox_at(tmp_path / "outbox.sqlite") as outbox, publishing(outbox, broker.port):
            await store(outbox, 1)
            await until(lambda: len(people.lines) == 1)
