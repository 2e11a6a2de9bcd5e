"""Orders over a real broker: MQTT 5 and 3.1.1, and what waits there while the box is away."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.commands import Commands
from edge.orders.door import Door
from edge.settings.orders import Permission
from tests.support.mosquitto import Mosquitto, until
from tests.support.occurrences import SITE
from tests.support.ordering import Place, working
from tests.support.publishing import outbox_at, publishing

ALL = tuple(Permission)


@asynccontextmanager
async def box(place: Place, port: int, *, speaks_5: bool = True, session: int = 0) -> AsyncIterator[Commands]:
    """Connected, and taking orders."""
    async with working(place.made()[0]) as orders, outbox_at(place.storage / "outbox.sqlite") as outbox:
        commands = Commands(SITE, {}, Door(orders, "centre", ALL))
        async with publishing(outbox, port, speaks_5=speaks_5, session=session, commands=commands):
            await asyncio.wait_for(commands.online.wait(), 60)
            yield commands


class Centre:
    """One client that asks and hears."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[dict[str, Any], bytes | None]] = []

    async def asks(self, name: str, *, properties: Properties | None = None, **fields: Any) -> None:
        payload = json.dumps(fields)
        await self.client.publish(SITE.topic("cmd", "") + name, payload, 1, properties=properties)

    async def listens(self) -> None:
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            correlation = getattr(message.properties, "CorrelationData", None)
            self.heard.append((json.loads(message.payload), correlation))

    def states(self, ident: str) -> list[str]:
        return [said["state"] for said, _ in self.heard if said["id"] == ident]


@asynccontextmanager
async def centre(port: int, *, speaks_5: bool = True) -> AsyncIterator[Centre]:
    version = aiomqtt.ProtocolVersion.V5 if speaks_5 else aiomqtt.ProtocolVersion.V311
    async with aiomqtt.Client("127.0.0.1", port, protocol=version, timeout=60) as client:
        await client.subscribe("centre/answers", 1)
        made = Centre(client)
        listening = asyncio.create_task(made.listens())
        try:
            yield made
        finally:
            listening.cancel()
            await asyncio.wait([listening])


def wanted(seconds: int) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic, properties.CorrelationData = "centre/answers", b"\x00\xff42"
    properties.MessageExpiryInterval = seconds
    return properties


async def test_over_mqtt_5(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with Mosquitto(tmp_path) as broker:
        async with box(place, broker.port), centre(broker.port) as office:
            await office.asks("look", properties=wanted(60), id="a", camera="gate")
            await office.asks("dance", properties=wanted(60), id="b")
            await until(lambda: office.states("a") == ["accepted", "done"] and office.states("b"))
    assert office.states("b") == ["refused"]
    assert {correlation for _, correlation in office.heard} == {b"\x00\xff42"}
    assert len(place.worker.orders) == 1


@pytest.mark.parametrize("speaks_5", [True, False])
async def test_over_mqtt_3_1_1_on_either_side(tmp_path: Path, speaks_5: bool) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            box(Place(tmp_path), broker.port, speaks_5=speaks_5),
            centre(broker.port, speaks_5=False) as office,
        ):
            more: dict[str, Any] = {"reply_to": "centre/answers", "expires": time.time() + 60}
            await office.asks("look", id="a", camera="gate", **more)
            await office.asks("look", id="b", camera="gate", reply_to="centre/answers")
            await until(lambda: office.states("a") == ["accepted", "done"] and office.states("b"))
            assert {said.get("code") for said, _ in office.heard} == {None, "order.undated"}


async def test_an_answer_reaches_a_centre_though_the_broker_was_away(tmp_path: Path) -> None:
    """Done while nobody was connected, told when somebody is."""
    place = Place(tmp_path)
    with Mosquitto(tmp_path) as broker:
        async with box(place, broker.port) as commands:
            async with centre(broker.port) as office:
                past = time.time() - 5
                await office.asks(
                    "clip", properties=wanted(60), id="a", camera="gate", **{"from": past - 5, "to": past}
                )
                await until(lambda: office.states("a") == ["accepted"] and place.worker.orders)
            broker.kill()
            await until(lambda: not commands.online.is_set())
            place.fetches_nothing()
            await until(lambda: ("clip", "failed", "x.y") in place.spoken())
            broker.start()
            async with centre(broker.port) as office:
                await until(lambda: office.states("a") == ["failed"])


async def test_what_waited_at_the_broker_is_done_only_while_it_is_wanted(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with Mosquitto(tmp_path) as broker:
        async with box(place, broker.port, session=600):
            pass
        async with centre(broker.port) as office:
            own: dict[str, Any] = {"reply_to": "centre/answers", "camera": "gate"}
            await office.asks("look", properties=wanted(1), id="late", camera="gate")
            await office.asks("look", id="late-too", expires=time.time() + 1, **own)
            await office.asks("look", properties=wanted(600), id="wanted", camera="gate")
            await asyncio.sleep(1.2)
            async with box(place, broker.port, session=600):
                await until(lambda: "done" in office.states("wanted"))
                await until(lambda: office.states("late-too"))
    assert len(place.worker.orders) == 1
    assert office.states("late") in ([], ["refused"])  # the broker lets it go by itself, some time
    assert office.states("late-too") == ["refused"]
