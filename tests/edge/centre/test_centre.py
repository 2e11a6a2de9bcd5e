"""From a box's outbox over a real broker into a real table, and back: what is stored is what the box may forget."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest

from edge.centre.service import Centre
from edge.centre.spreadsheet import Spreadsheet
from edge.centre.table import Table, TableFailed
from edge.mqtt import BrokerAddress
from edge.mqtt_pace import Pace
from edge.outbox import Outbox
from streams.problem import Problem, Text
from tests.support.centres import reading
from tests.support.consuming import Consumer
from tests.support.mosquitto import Mosquitto, until
from tests.support.occurrences import SEAL, SITE, message
from tests.support.postgres import Postgres
from tests.support.publishing import outbox_at, publishing, quick, sent_all, store

KEEPS: dict[str, Any] = {"acknowledge": "centre", "hear": reading}


def hurried() -> Pace:
    return Pace(first=0.3, cap=0.6, chance=Random(1))


@asynccontextmanager
async def consuming(
    port: int, table: Table, name: str = "1", *, speaks_5: bool = True
) -> AsyncIterator[Centre]:
    address = BrokerAddress("127.0.0.1", port, client_id=f"centre-{name}", session=600, speaks_5=speaks_5)
    centre = Centre(address, table, "all", ladder=quick())
    task = asyncio.create_task(centre.run())
    try:
        yield centre
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def ids(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [line["id"] for line in csv.DictReader(file) if line["payload"]]


@pytest.mark.parametrize("speaks_5", [True, False])
async def test_what_is_stored_is_what_the_box_may_forget(tmp_path: Path, speaks_5: bool) -> None:
    table = Spreadsheet(tmp_path / "events.csv")
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(tmp_path / "outbox.sqlite") as outbox,
            consuming(broker.port, table, speaks_5=speaks_5) as centre,
            publishing(outbox, broker.port, pace=hurried(), speaks_5=speaks_5, **KEEPS),
        ):
            sent = await store(outbox, 300)
            await sent_all(outbox)
    assert sorted(ids(tmp_path / "events.csv")) == sorted(sent)
    assert centre.tally.stored == 300


class Failing:
    """A table whose disk is full for a while."""

    def __init__(self, table: Table, times: int) -> None:
        self._table, self.times = table, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def commit(self, records: Any) -> int:
        if self.times > 0:
            self.times -= 1
            raise TableFailed(Problem("test.full", Text("full", "满"), Text("wait", "等待")))
        return self._table.commit(records)


async def test_nothing_is_acknowledged_that_is_not_stored(tmp_path: Path) -> None:
    real = Spreadsheet(tmp_path / "events.csv")
    table: Any = Failing(real, 10**6)
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(tmp_path / "outbox.sqlite") as outbox,
            consuming(broker.port, table),
            publishing(outbox, broker.port, pace=hurried(), **KEEPS),
        ):
            sent = await store(outbox, 20)
            await until(lambda: table.times < 10**6 - 2)
            assert await outbox.consumer("centre").waiting() == 20
            table.times = 0
            await sent_all(outbox)
    assert sorted(ids(tmp_path / "events.csv")) == sorted(sent)


async def test_somebody_elses_message_is_counted_and_holds_nothing_up(tmp_path: Path) -> None:
    table = Spreadsheet(tmp_path / "events.csv")
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(tmp_path / "outbox.sqlite") as outbox,
            consuming(broker.port, table) as centre,
            publishing(outbox, broker.port, pace=hurried(), **KEEPS),
        ):
            await store(outbox, 1)
            await sent_all(outbox)
            async with aiomqtt.Client("127.0.0.1", broker.port, timeout=60) as other:
                for payload in (b"\xff\xfe", b"{}", b""):
                    await other.publish(f"{SITE.topic('ev')}/vehicle.zone/gate", payload, 1)
            await store(outbox, 1, start=1)
            await sent_all(outbox)
    assert centre.tally.unreadable == 3
    assert ids(tmp_path / "events.csv") == ["0/0", "1/0"]


async def test_numbers_that_are_missing_are_seen(tmp_path: Path) -> None:
    table = Spreadsheet(tmp_path / "events.csv")
    sealed = [json.dumps(_event(seq)).encode() for seq in (1, 2, 5)]
    with Mosquitto(tmp_path) as broker:
        async with consuming(broker.port, table) as centre:
            async with aiomqtt.Client("127.0.0.1", broker.port, timeout=60) as box:
                await until(lambda: "SUBSCRIBE" in broker.log)
                for payload in sealed:
                    await box.publish(f"{SITE.topic('ev')}/vehicle.zone/gate", payload, 1)
            await until(lambda: centre.tally.stored == 3)
    assert [(gap.first, gap.last) for gap in table.missing()] == [(3, 4)]


def _event(seq: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SEAL(message(f"case{seq}"), seq).payload)
    return found


async def _growing(outbox: Outbox, number: int) -> list[str]:
    """Events as they come, ten at a time."""
    sent: list[str] = []
    for start in range(0, number, 10):
        sent += await store(outbox, 10, start)
        await asyncio.sleep(0.02)
    return sent


async def test_killed_again_and_again_it_stores_everything_once(tmp_path: Path) -> None:
    out, number, random = tmp_path / "events.csv", 3_000, Random(5)
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(tmp_path / "outbox.sqlite") as outbox,
            publishing(outbox, broker.port, pace=hurried(), **KEEPS),
        ):
            growing = asyncio.create_task(_growing(outbox, number))
            for _ in range(4):
                have = len(ids(out))
                with Consumer(broker.port, str(out)):
                    wanted = min(number, have + random.randrange(1, 400))
                    await until(lambda wanted=wanted: len(ids(out)) >= wanted)  # type: ignore[misc]
            with Consumer(broker.port, str(out)) as last:
                sent = await growing
                await sent_all(outbox)
                assert last.stop() == 0
    assert sorted(ids(out)) == sorted(sent)


async def test_two_share_the_load_and_one_of_them_dies_for_good(tmp_path: Path, postgres: Postgres) -> None:
    number = 2_000
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(tmp_path / "outbox.sqlite") as outbox,
            publishing(outbox, broker.port, pace=hurried(), **KEEPS),
        ):
            with Consumer(broker.port, postgres.url, "one"):
                with Consumer(broker.port, postgres.url, "two"):
                    await until(lambda: broker.log.count("Sending SUBACK to sandwatch-centre") >= 4)
                    growing = asyncio.create_task(_growing(outbox, number))
                    await until(lambda: _stored(postgres) > number // 4)
                sent = await growing
                await sent_all(outbox)
    assert [each for (each,) in postgres.rows("SELECT id FROM sandwatch_events ORDER BY seq")] == sent
    shares = [
        broker.log.count(f"Sending PUBLISH to sandwatch-centre-sandwatch-{name}") for name in ("one", "two")
    ]
    assert min(shares) > number // 20


def _stored(postgres: Postgres) -> int:
    exists = postgres.rows("SELECT to_regclass('sandwatch_events') IS NOT NULL")
    return int(postgres.rows("SELECT count(*) FROM sandwatch_events")[0][0]) if exists[0][0] else 0
