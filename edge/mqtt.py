"""One connection to an MQTT broker: opened, classified when it fails, and every message answered for."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
from aiomqtt import ProtocolVersion, Will
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import SecretStr

from edge.envelope import MEDIA_TYPE
from edge.mqtt_faults import (
    PACKET_TOO_LARGE,
    Fault,
    MqttFailed,
    bad_ca_file,
    connecting_failed,
    connection_lost,
)

# A satellite or 2G way takes seconds for the round trips of TCP, TLS and CONNECT.
_ANSWER_WAIT_S = 10.0
# A clean goodbye is one packet; a way that is gone must not hold up a stop.
_GOODBYE_WAIT_S = 0.3
# MQTT 5, 3.3.2: fixed header, topic length, packet id, property length, content type, format.
_PACKET_OVERHEAD = 5 + 2 + 2 + 4 + 3 + len(MEDIA_TYPE) + 2

# Words on their way: those of a full group, said within the round trip of a bad 4G link. Events do not wait for them.
_UNANSWERED = 200
# Commands nobody has read yet: more come from something that is broken, and are dropped.
_UNREAD = 100

# aiomqtt warns whenever more than ten messages are on their way, which is our normal.
_quiet = logging.getLogger("sandwatch.mqtt.library")
_quiet.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and how to get in.

    ca_file None: the system's authorities. keepalive: s. speaks_5: False where MQTT 3.1.1 is known to be all
    (the embedded broker): it saves finding out, which takes 10 s where a broker chokes on MQTT 5.
    """

    host: str
    port: int = 1883
    tls: bool = False
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    client_id: str | None = None
    keepalive: int = 30
    speaks_5: bool = True

    @property
    def place(self) -> str:
        """For people: without name or password."""
        return f"{self.host}:{self.port}"


class Connection(aiomqtt.Client):
    """aiomqtt, but with the broker's verdict on every message.

    aiomqtt's own `publish` returns on every PUBACK, also on one that says "not authorised" or "too large":
    an outbox would lose events to it. And it does not know how much the broker is ready to take.
    """

    receive_maximum = 65_535
    maximum_packet_size = 268_435_455

    def __init__(
        self, address: BrokerAddress, version: ProtocolVersion, will: Will, tls: ssl.SSLContext | None
    ) -> None:
        self._answers: dict[int, asyncio.Future[int]] = {}
        self._said: set[int] = set()
        self._speaks_5 = version is ProtocolVersion.V5
        super().__init__(
            address.host,
            address.port,
            username=address.username,
            password=address.password.get_secret_value() if address.password else None,
            identifier=address.client_id,
            protocol=version,
            will=will,
            timeout=_ANSWER_WAIT_S,
            keepalive=address.keepalive,
            tls_context=tls,
            logger=_quiet,
            max_queued_incoming_messages=_UNREAD,
        )

    def deliver(self, topic: str, payload: bytes, *, retain: bool = False) -> "asyncio.Future[int]":
        """Send with QoS 1; the future is the broker's reason code (MQTT 5, 2.4), from 0x80 a refusal.

        It waits for ever on a connection that is lost: whoever holds it listens to `lost()` as well.
        Raises aiomqtt.MqttError if the connection is already known to be lost.
        """
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if len(payload) + len(topic.encode()) + _PACKET_OVERHEAD > self.maximum_packet_size:
            answer.set_result(PACKET_TOO_LARGE)
            return answer
        info = self._client.publish(topic, payload, 1, retain, self._properties_of_event())
        if info.rc != 0:
            raise aiomqtt.MqttCodeError(info.rc)
        self._answers[info.mid] = answer
        return answer

    def say(
        self, topic: str, payload: bytes, *, correlation: bytes | None = None, expiry: int | None = None
    ) -> bool:
        """Send what is worth nothing later: an answer, a word. False: too much is on its way, or nobody is there.

        expiry: s, for MQTT 5; correlation: as in 3.3.2.3.6 of it.
        """
        if len(self._said) >= _UNANSWERED or len(payload) + _PACKET_OVERHEAD > self.maximum_packet_size:
            return False
        try:
            info = self._client.publish(
                topic, payload, 1, False, self._properties_of_word(correlation, expiry)
            )
        except ValueError:  # a topic that MQTT does not know
            return False
        if info.rc != 0:
            return False
        self._said.add(info.mid)
        return True

    async def lost(self, take: Callable[[aiomqtt.Message], None] = lambda _message: None) -> None:
        """Hands what comes on what was subscribed to to `take`. Never returns; raises aiomqtt.MqttError when the
        connection is over."""
        while True:
            async for message in self.messages:
                take(message)

    def abandon(self) -> None:
        """Hang up without a goodbye: the broker then publishes the last will.

        Also for attempts that failed half-way: aiomqtt leaves their socket open, and a late CONNACK would
        make it a second client of our name.
        """
        self.forget()
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            # The reader sees the end and has paho close it. OSError: it is closed already.
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Read how the connection ends, or asyncio reports it as an exception nobody read."""
        self._disconnected.add_done_callback(lambda end: end.cancelled() or end.exception())

    def _properties_of_event(self) -> Properties | None:
        if not self._speaks_5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.PayloadFormatIndicator = 1  # UTF-8
        properties.ContentType = MEDIA_TYPE
        return properties

    def _properties_of_word(self, correlation: bytes | None, expiry: int | None) -> Properties | None:
        if not self._speaks_5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.PayloadFormatIndicator = 1  # UTF-8
        if correlation is not None:
            properties.CorrelationData = correlation
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        return properties

    def _on_connect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Any = None
    ) -> None:
        for ours, theirs in (
            ("receive_maximum", "ReceiveMaximum"),
            ("maximum_packet_size", "MaximumPacketSize"),
        ):
            setattr(self, ours, getattr(properties, theirs, getattr(self, ours)))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any
    ) -> None:
        self._said.discard(mid)
        answer = self._answers.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reason_code.value)


@asynccontextmanager
async def connected(
    address: BrokerAddress, version: ProtocolVersion, will: Will
) -> AsyncIterator[Connection]:
    """A connection that the broker has accepted. Raises MqttFailed, also when it is lost inside the block.

    Left by its end or by cancellation it says goodbye, and the will is void; left by an error it hangs up.
    """
    connection = await _connect(address, version, will)
    try:
        yield connection
    except asyncio.CancelledError:
        await _goodbye(connection)
        raise
    except aiomqtt.MqttError as error:
        connection.abandon()
        raise connection_lost(error.__cause__ or error, address.place) from None
    except BaseException:
        connection.abandon()
        raise
    await _goodbye(connection)


async def _connect(address: BrokerAddress, version: ProtocolVersion, will: Will) -> Connection:
    tls = await asyncio.to_thread(_tls, address) if address.tls else None
    connection = Connection(address, version, will, tls)
    opening = asyncio.ensure_future(connection.__aenter__())
    try:
        return await asyncio.shield(opening)
    except (aiomqtt.MqttError, ValueError) as error:
        connection.abandon()
        raise connecting_failed(error, address.place) from None
    except asyncio.CancelledError:
        # paho connects on a thread, which cannot be interrupted: let it finish, then hang up.
        opening.add_done_callback(lambda _: _hang_up(opening, connection))
        raise


def _hang_up(opening: "asyncio.Future[Connection]", connection: Connection) -> None:
    if not opening.cancelled():
        opening.exception()  # read, or asyncio reports it as forgotten
    connection.abandon()


def _tls(address: BrokerAddress) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=address.ca_file)
    except OSError:  # ssl.SSLError is one
        raise MqttFailed(Fault.REFUSED, bad_ca_file(str(address.ca_file))) from None


async def _goodbye(connection: Connection) -> None:
    """Leave in order, so that the broker drops the last will."""
    connection.forget()
    try:
        async with asyncio.timeout(_GOODBYE_WAIT_S):
            await connection.__aexit__(None, None, None)
    except (aiomqtt.MqttError, TimeoutError):
        # The way is gone: so is the connection, and the will says so.
        connection.abandon()
