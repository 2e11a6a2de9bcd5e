"""Commands over MQTT: to which topics the box answers, and what it takes at once."""

import asyncio

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.commands import LONGEST, Address, Asked, Commands
from tests.support.occurrences import SITE


class Wire:
    """The connection of the moment."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes, bytes | None, int | None]] = []

    def say(
        self, topic: str, payload: bytes, *, correlation: bytes | None = None, expiry: int | None = None
    ) -> bool:
        self.said.append((topic, payload, correlation, expiry))
        return True


def message(payload: bytes = b"{}", *, name: str = "look", retain: bool = False) -> aiomqtt.Message:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic, properties.CorrelationData = "centre/1", b"42"
    return aiomqtt.Message(SITE.topic("cmd", name), payload, 1, retain, 1, properties)


async def settled() -> None:
    """All that can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def echo(asked: Asked) -> None:
    assert asked.reply is not None
    asked.send(asked.reply, asked.payload, 15)


async def test_a_command_is_answered_where_and_as_it_asks() -> None:
    commands, wire = Commands(SITE, {"look": echo}), Wire()
    commands.connected(wire)
    commands.take(message(b"hello"))
    commands.take(message(b"not ours", name="other"))
    await asyncio.sleep(0)
    assert wire.said == [("centre/1", b"hello", b"42", 15)]
    assert commands.topics == (SITE.topic("cmd", "") + "+",)


async def test_without_a_connection_nothing_is_said() -> None:
    commands = Commands(SITE, {})
    assert not commands.send(Address("centre/1"), b"", 15)
    assert not commands.tell("call", "desk", payload=b"", expiry=15)


@pytest.mark.parametrize("wrong", ["", "$SYS/x", "a/+/b", "a/#", "a\0b", "x" * 257])
def test_topics_that_are_none_are_refused(wrong: str) -> None:
    assert not Commands(SITE, {}).may_answer(wrong)


@given(st.lists(st.text("abc/", min_size=1, max_size=5), min_size=1, max_size=4))
def test_of_its_own_topics_only_replies_are_answered_on(levels: list[str]) -> None:
    own = "/".join([SITE.topic("x")[:-2], *levels])
    assert Commands(SITE, {}).may_answer(own) == own.startswith(SITE.topic("reply") + "/")


async def test_what_is_too_long_too_much_or_left_over_is_dropped_and_counted() -> None:
    hold = asyncio.Event()
    begun: list[bytes] = []

    async def slow(asked: Asked) -> None:
        begun.append(asked.payload)
        await hold.wait()

    commands = Commands(SITE, {"look": slow})
    commands.take(message(b"x" * (LONGEST + 1)))
    commands.take(message(retain=True))
    for _ in range(20):
        commands.take(message())
    await asyncio.sleep(0)
    assert len(begun) == 16
    assert commands.refused == 5
    hold.set()
    await settled()
    commands.take(message())
    await asyncio.sleep(0)
    assert len(begun) == 17


async def test_a_defect_in_one_command_ends_nothing_else() -> None:
    async def broken(_asked: Asked) -> None:
        raise RuntimeError

    wire = Wire()
    commands = Commands(SITE, {"look": broken, "echo": echo})
    commands.connected(wire)
    commands.take(message())
    commands.take(message(b"still here", name="echo"))
    await settled()
    assert [payload for _, payload, _, _ in wire.said] == [b"still here"]
