"""A connection of whoever reads what boxes say: without birth or will, and it acknowledges when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiomqtt
from aiomqtt import ProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.mqtt import BrokerAddress, Connection
from edge.mqtt_connecting import connected
from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_problems import publishing_refused, unacknowledged
from edge.mqtt_session import ACK_WAIT_S, REFUSED_FROM
from streams.problem import Problem, Text


@dataclass(frozen=True, slots=True)
class Listener:
    """Over one connection. place: host:port."""

    connection: Connection
    place: str

    async def hear(self, topic: str, qos: int) -> None:
        """Raises MqttFailed (REFUSED) where the broker does not let us, aiomqtt.MqttError."""
        for code in await self.connection.subscribe(topic, qos=qos):
            if (code.value if isinstance(code, ReasonCode) else code) >= REFUSED_FROM:
                raise MqttFailed(Fault.REFUSED, _not_allowed(self.place, topic))

    async def deliver(self, topic: str, payload: bytes) -> None:
        """The broker has it when this returns. Raises MqttFailed, aiomqtt.MqttError."""
        answer, lost = self.connection.deliver(topic, payload), self.connection._disconnected
        either: set[asyncio.Future[Any]] = {answer, lost}
        await asyncio.wait(either, timeout=ACK_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done() and lost.done():
            raise aiomqtt.MqttError("lost") from lost.exception()
        if not answer.done():
            raise MqttFailed(Fault.RETRY, unacknowledged(self.place))
        if answer.result() >= REFUSED_FROM:
            raise MqttFailed(Fault.REFUSED, publishing_refused(self.place, topic, answer.result()))

    async def batches(self, most: int) -> AsyncIterator[list[aiomqtt.Message]]:
        """Whatever has come, in order, up to `most` at a time. Never ends; raises aiomqtt.MqttError."""
        messages = self.connection.messages
        async for first in messages:
            batch = [first]
            while len(messages) and len(batch) < most:
                batch.append(await anext(messages))
            yield batch


@asynccontextmanager
async def listening(address: BrokerAddress, version: ProtocolVersion) -> AsyncIterator[Listener]:
    """Raises MqttFailed, also when the connection is lost inside the block."""
    async with connected(address, version, None) as connection:
        yield Listener(connection, address.place)


def _not_allowed(place: str, topic: str) -> Problem:
    return Problem(
        "mqtt.cannot_listen",
        Text(
            f"the MQTT broker {place} does not let us hear {topic}", f"MQTT 服务器 {place} 不允许订阅 {topic}"
        ),
        Text("allow this login to subscribe there", "请授予该账号订阅权限"),
    )
