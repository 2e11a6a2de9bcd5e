"""Orders over MQTT, as a centre sends and hears them."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.commands import LONGEST, Asked, Commands
from edge.orders.door import Door
from edge.settings.orders import DEFAULT_MAY, Permission
from tests.support.occurrences import SITE
from tests.support.ordering import Place, asked, working

ALL = tuple(Permission)


class Wire:
    """The connection of the moment."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any], bytes | None]] = []

    def say(
        self, topic: str, payload: bytes, *, correlation: bytes | None = None, expiry: int | None = None
    ) -> bool:
        self.said.append((topic, json.loads(payload), correlation))
        return True

    async def hears(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(60):
            while len(self.said) < count:
                await asyncio.sleep(0.005)
        return [said for _, said, _ in self.said]


def message(
    name: str,
    payload: bytes,
    *,
    expiry: int | None = 30,
    reply: str | None = "centre/1",
    correlation: bytes = b"\x00\xff",
    retain: bool = False,
) -> aiomqtt.Message:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if reply is not None:
        properties.ResponseTopic, properties.CorrelationData = reply, correlation
    if expiry is not None:
        properties.MessageExpiryInterval = expiry
    return aiomqtt.Message(SITE.topic("cmd", "") + name, payload, 1, retain, 1, properties)


def body(**fields: Any) -> bytes:
    return json.dumps({"id": "a1", **fields}).encode()


async def test_answers_go_where_it_asks_with_its_correlation(tmp_path: Path) -> None:
    async with working(Place(tmp_path).made()[0]) as orders:
        commands, wire = Commands(SITE, {}, Door(orders, "county", ALL)), Wire()
        commands.connected(wire)
        commands.take(message("look", body(camera="gate")))
        said = await wire.hears(2)
    assert [(each["id"], each["command"], each["state"]) for each in said] == [
        ("a1", "look", "accepted"),
        ("a1", "look", "done"),
    ]
    assert {(topic, correlation) for topic, _, correlation in wire.said} == {("centre/1", b"\x00\xff")}
    assert Place(tmp_path).audited()[0].correlation == "00ff"


async def test_over_3_1_1_the_payload_says_where_and_until_when(tmp_path: Path) -> None:
    async with working(Place(tmp_path).made()[0]) as orders:
        commands, wire = Commands(SITE, {}, Door(orders, "county", ALL)), Wire()
        commands.connected(wire)
        own = body(camera="gate", reply_to="centre/2", expires=time.time() + 60)
        commands.take(message("look", own, reply=None, expiry=None))
        await wire.hears(2)
    assert [(topic, said["state"]) for topic, said, _ in wire.said] == [
        ("centre/2", "accepted"),
        ("centre/2", "done"),
    ]


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("dance", b"{}", "order.unknown"),
        ("look", b"", "order.malformed"),
        ("look", b"[]", "order.malformed"),
        ("look", b"\xff\x00", "order.malformed"),
        ("look", b'{"id":"a","camera":NaN}', "order.malformed"),
        ("look", b"[" * 90_000, "order.malformed"),
        ("look", b'{"id":"\\ud800"}', "order.malformed"),
        ("look", b" " * (LONGEST + 1), "order.too_large"),
        ("ptz", b'{"id":"a"}', "order.forbidden"),
        ("config.apply", b'{"id":"a"}', "order.forbidden"),
        ("talk", b"{}", "order.unknown"),
    ],
)
async def test_what_is_no_order_is_refused_aloud_and_the_line_lives_on(
    tmp_path: Path, name: str, payload: bytes, code: str
) -> None:
    place = Place(tmp_path)
    async with working(place.made()[0]) as orders:
        commands, wire = Commands(SITE, {}, Door(orders, "county", DEFAULT_MAY)), Wire()
        commands.connected(wire)
        commands.take(message(name, payload))
        (said,) = await wire.hears(1)
        assert (said["state"], said["code"]) == ("refused", code)
        commands.take(message("look", body(camera="gate")))
        await wire.hears(3)
    assert len(place.worker.orders) == 1


async def test_what_is_left_on_the_broker_is_not_obeyed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    async with working(place.made()[0]) as orders:
        commands = Commands(SITE, {}, Door(orders, "county", ALL))
        commands.connected(Wire())
        commands.take(message("look", body(camera="gate"), retain=True))
        await asyncio.sleep(0.05)
    assert place.worker.orders == []


@pytest.mark.parametrize("topic", [SITE.event_topic("x", "gate"), "a/#", "$SYS/x"])
async def test_the_box_is_not_made_to_speak_where_it_must_not(tmp_path: Path, topic: str) -> None:
    async with working(Place(tmp_path).made()[0]) as orders:
        commands, wire = Commands(SITE, {}, Door(orders, "county", ALL)), Wire()
        commands.connected(wire)
        commands.take(message("look", body(camera="gate"), reply=topic))
        commands.take(message("status", body(), reply="centre/1"))
        await wire.hears(2)
    assert {said["command"] for _, said, _ in wire.said} == {"status"}


async def test_a_final_answer_waits_for_the_line(tmp_path: Path) -> None:
    async with working(Place(tmp_path).made()[0]) as orders:
        commands, wire = Commands(SITE, {}, Door(orders, "county", ALL)), Wire()
        commands.take(message("look", body(camera="gate")))
        async with asyncio.timeout(60):
            while not commands.desk._unsaid:  # type: ignore[union-attr]
                await asyncio.sleep(0.005)
        commands.connected(wire)
    assert [said["state"] for _, said, _ in wire.said] == ["done"]


async def test_after_a_restart_whoever_asked_is_told_what_became_of_it(tmp_path: Path) -> None:
    place, wire = Place(tmp_path), Wire()
    async with working(place.made()[0]) as orders:
        commands = Commands(SITE, {}, Door(orders, "county", ALL))
        commands.connected(Wire())
        commands.take(message("snapshot", body(camera="gate")))
        async with asyncio.timeout(60):
            while not place.worker.orders:
                await asyncio.sleep(0.005)
    orders, _ = place.made()
    commands = Commands(SITE, {}, Door(orders, "county", ALL))
    async with working(orders):
        commands.connected(wire)
        (said,) = await wire.hears(1)
    assert (said["id"], said["state"], said["code"]) == ("a1", "failed", "order.interrupted")
    assert wire.said[0][::2] == ("centre/1", b"\x00\xff")


@pytest.mark.parametrize("may", [DEFAULT_MAY, (Permission.LOOK,)])
async def test_talk_is_for_those_who_may_and_what_opens_something_is_on_record(
    tmp_path: Path, may: tuple[Permission, ...]
) -> None:
    place, taken = Place(tmp_path), list[bytes]()

    async def talk(asked: Asked) -> None:
        taken.append(asked.payload)

    async with working(place.made()[0]) as orders:
        door = Door(orders, "county", may)
        commands, wire = Commands(SITE, {"talk": door.talk(talk)}, door), Wire()
        commands.connected(wire)
        for op in ("open", "floor", "call"):
            commands.take(message("talk", body(op=op)))
        async with asyncio.timeout(60):
            while len(taken) + len(wire.said) < 3:
                await asyncio.sleep(0.005)
    allowed = Permission.TALK in may
    assert len(taken) == (3 if allowed else 0)
    outcomes = ["accepted"] * 2 if allowed else ["refused"] * 3
    assert [line.outcome for line in place.audited()] == outcomes


async def test_another_centre_with_the_same_id_gives_another_order(tmp_path: Path) -> None:
    place, wire = Place(tmp_path), Wire()
    async with working(place.made()[0]) as orders:
        for name in ("county", "city"):
            commands = Commands(SITE, {}, Door(orders, name, ALL))
            commands.connected(wire)
            commands.take(message("look", json.dumps(asked(id="same", camera="gate")).encode()))
        await wire.hears(4)
    assert len(place.worker.orders) == 2
