"""docs/scaling.md as it stands there: a box at a town's broker, bridged to the county's, bridged to the city's."""

import asyncio
import csv
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.centre.service import Centre
from edge.centre.spreadsheet import Spreadsheet
from edge.commands import Asked, Commands
from edge.mqtt import BrokerAddress
from edge.mqtt_pace import Pace
from edge.outbox import Outbox
from tests.support.centres import reading
from tests.support.mosquitto import PATIENCE_S, Mosquitto, Witness, until, witness
from tests.support.occurrences import SITE
from tests.support.publishing import outbox_at, publishing, quick, sent_all, store

pytestmark = pytest.mark.e2e

GUIDE = (Path(__file__).parents[2] / "docs/scaling.md").read_text("utf-8")
DOWN = 2  # topics of each bridge that come down: a SUBSCRIBE each


def shown(name: str, **hosts: int) -> tuple[str, ...]:
    """A configuration of the guide, with ports of this machine in the place of its hosts."""
    found = re.search(rf"```conf {name}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    text = found[1]
    for host, port in hosts.items():
        assert f"{host}.example.org:1883" in text
        text = text.replace(f"{host}.example.org:1883", f"127.0.0.1:{port}")
    return tuple(text.splitlines())


@dataclass(frozen=True)
class Levels:
    town: Mosquitto
    county: Mosquitto
    city: Mosquitto


@pytest.fixture
def levels(tmp_path: Path) -> Iterator[Levels]:
    for name in ("town", "county", "city"):
        (tmp_path / name).mkdir()
    every = shown("broker")
    city = Mosquitto(tmp_path / "city", lines=every)
    county = Mosquitto(tmp_path / "county", lines=(*every, *shown("county", city=city.port)))
    town = Mosquitto(tmp_path / "town", lines=(*every, *shown("town", county=county.port)))
    with city, county, town:
        yield Levels(town, county, city)


@asynccontextmanager
async def a_box(outbox: Outbox, levels: Levels, commands: Commands | None = None) -> AsyncIterator[None]:
    pace = Pace(first=0.5, cap=1.0, chance=Random(1))
    async with publishing(
        outbox, levels.town.port, acknowledge="centre", hear=reading, pace=pace, commands=commands
    ):
        yield


@asynccontextmanager
async def a_city(levels: Levels, out: Path) -> AsyncIterator[Centre]:
    address = BrokerAddress("127.0.0.1", levels.city.port, client_id="city", session=600)
    table = Spreadsheet(out)
    centre = Centre(address, table, "city", "410000/410100", ladder=quick())
    task = asyncio.create_task(centre.run())
    try:
        yield centre
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        table.close()


def ids(out: Path) -> list[str]:
    with out.open(encoding="utf-8-sig", newline="") as file:
        return [line["id"] for line in csv.DictReader(file)]


async def standing(levels: Levels) -> None:
    """Both bridges are up, and have subscribed above to each of the topics that come down."""
    for above, name in ((levels.county, "bridge-410122-huangzhuang"), (levels.city, "bridge-410122")):
        await until(lambda: above.log.count(f"Sending SUBACK to {name}\n") >= DOWN, name)  # noqa: B023


async def test_events_go_up_and_the_acknowledgement_comes_down(tmp_path: Path, levels: Levels) -> None:
    out = tmp_path / "city.csv"
    await standing(levels)
    async with (
        outbox_at(tmp_path / "outbox.sqlite") as outbox,
        a_city(levels, out),
        witness(levels.county.port) as county,
        witness(levels.city.port) as city,
        a_box(outbox, levels),
    ):
        sent = await store(outbox, 200)
        await sent_all(outbox)
        await until(lambda: len(city.states()) > 0)
    assert sorted(ids(out)) == sorted(sent)
    assert next(state["state"] for state in city.states()) == "online"
    # Nothing goes round. What the box itself says again on a slow machine says so, and is answered again.
    again = [event["id"] for event in county.events() if event["data"]["replayed"]]
    for seen in (county, city):
        times = _times(seen).items()
        first = {what: often for what, often in times if not _names(what, again)}
        assert set(first.values()) == {1}


def _names(what: str, again: list[str]) -> bool:
    return '"replayed":true' in what or any(f'"{each}"' in what for each in again)


def _times(seen: Witness) -> Counter[str]:
    """How often each message passed."""
    return Counter(f"{one.topic} {bytes(one.payload)!r}" for one in seen.messages)


async def test_a_command_goes_down_and_its_answer_up_with_all_that_mqtt_5_says(
    tmp_path: Path, levels: Levels
) -> None:
    heard: list[Asked] = []

    async def obey(asked: Asked) -> None:
        heard.append(asked)
        assert asked.reply is not None
        assert asked.send(asked.reply, b'{"state":"done"}', 10)

    await standing(levels)
    reply = SITE.topic("reply", "desk-7")
    async with outbox_at(tmp_path / "outbox.sqlite") as outbox:
        commands = Commands(SITE, {"status": obey})
        async with a_box(outbox, levels, commands), _client(levels.city) as desk:
            await desk.subscribe(reply, 1)
            await asyncio.wait_for(commands.online.wait(), PATIENCE_S)
            await until(lambda: f"{SITE.topic('cmd')}/+" in levels.town.log)
            await desk.publish(SITE.topic("cmd", "status"), b"{}", 1, properties=_asking(reply))
            answer = await asyncio.wait_for(anext(desk.messages), PATIENCE_S)
    assert answer.payload == b'{"state":"done"}'
    assert answer.properties is not None
    assert vars(answer.properties)["CorrelationData"] == b"the-7th"
    assert len(heard) == 1


def _client(broker: Mosquitto) -> aiomqtt.Client:
    version = aiomqtt.ProtocolVersion.V5
    return aiomqtt.Client("127.0.0.1", broker.port, protocol=version, timeout=PATIENCE_S)


def _asking(reply: str) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = reply
    properties.CorrelationData = b"the-7th"
    properties.MessageExpiryInterval = 60
    return properties


async def test_what_is_another_countys_or_goes_the_other_way_does_not_pass(levels: Levels) -> None:
    await standing(levels)
    other = SITE.topic("ev").replace("410122", "410184")
    async with (
        witness(levels.city.port) as city,
        witness(levels.town.port) as town,
        _client(levels.county) as county,
        _client(levels.city) as above,
    ):
        await county.publish(f"{other}/note", b"{}", 1)
        await county.publish(SITE.topic("cmd", "status"), b"{}", 1)
        await above.publish(f"{SITE.topic('ev')}/note", b"from above", 1)
        await county.publish(f"{SITE.topic('ev')}/note", b"the last", 1)
        await until(lambda: "the last" in str(_times(city)))
        await until(lambda: "/cmd/status" in str(_times(town)))
    assert "410184" not in str(_times(city))
    assert "/cmd/" not in str(_times(city))
    assert "/ev/" not in str(_times(town))


@pytest.mark.parametrize("level", ["town", "county", "city"])
async def test_a_broker_that_is_killed_on_the_way_loses_nothing(
    tmp_path: Path, levels: Levels, level: str
) -> None:
    """Brokers here keep nothing on disk: what one had in memory is gone."""
    out = tmp_path / "city.csv"
    broker: Mosquitto = getattr(levels, level)
    await standing(levels)
    async with (
        outbox_at(tmp_path / "outbox.sqlite") as outbox,
        a_city(levels, out) as centre,
        a_box(outbox, levels),
    ):
        sent = await store(outbox, 100)
        await until(lambda: centre.tally.stored > 10)
        broker.kill()
        sent += await store(outbox, 100, 100)
        broker.start()
        sent += await store(outbox, 100, 200)
        await sent_all(outbox)
    assert sorted(ids(out)) == sorted(sent)


def test_the_guide_lets_no_topic_go_both_ways() -> None:
    lines: list[Any] = [line.split() for name in ("town", "county") for line in _topics(name)]
    assert len(lines) > 12
    ways = {topic: way for _, topic, way, _ in lines}
    assert set(ways.values()) == {"in", "out"}
    assert all((way == "in") == topic.endswith(("/down", "/cmd/+")) for topic, way in ways.items())


def _topics(name: str) -> list[str]:
    found = re.search(rf"```conf {name}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return [line for line in found[1].splitlines() if line.startswith("topic ")]
