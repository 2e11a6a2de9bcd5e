"""One connection to an MQTT broker, with every message answered for."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiomqtt
from aiomqtt import ProtocolVersion, Will
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, MQTTMessageInfo
from paho.mqtt.reasoncodes import ReasonCode

from edge import mqtt_properties
from edge.mqtt_address import BrokerAddress
from edge.mqtt_faults import NO_CONNACK, PACKET_TOO_LARGE
from edge.mqtt_properties import Told
from edge.mqtt_socket import SocketWatch

__all__ = ["BrokerAddress", "Connection"]

# A satellite or 2G way takes seconds for the round trips of TCP, TLS and CONNECT.
_ANSWER_WAIT_S = 10.0
# Words on their way: those of a full group, said within the round trip of a bad 4G link. Events do not wait for them.
_UNANSWERED = 200
# What a centre says before we have answered for it; the broker holds the rest back (MQTT 5, 3.1.2.11.3).
_UNREAD = 100

# aiomqtt warns whenever more than ten messages are on their way, which is our normal.
_quiet = logging.getLogger("sandwatch.mqtt.library")
_quiet.setLevel(logging.CRITICAL)


class Connection(SocketWatch):
    """aiomqtt, but with the broker's verdict on every message.

    aiomqtt's own `publish` returns on every PUBACK, also on one that says "not authorised" or "too large":
    an outbox would lose events to it. And it does not know how much the broker is ready to take.

    keeps: where MQTT 3.1.1 has the broker leave what it has for us as it is.
    """

    receive_maximum = 65_535
    maximum_packet_size = 268_435_455
    topic_alias_maximum = 0

    def __init__(
        self,
        address: BrokerAddress,
        version: ProtocolVersion,
        will: Will | None,
        tls: ssl.SSLContext | None,
        *,
        keeps: bool = False,
    ) -> None:
        self._answers: dict[int, asyncio.Future[int]] = {}
        self._said: set[int] = set()
        self._aliases: dict[str, int] = {}
        self._glanced: MQTTMessageInfo | None = None
        self._speaks_5 = version is ProtocolVersion.V5
        session = address.session if self._speaks_5 and address.client_id is not None else 0
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
            max_queued_incoming_messages=_UNREAD * 10,
            clean_session=None if self._speaks_5 else not (keeps and address.client_id),
            clean_start=session == 0 if self._speaks_5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=mqtt_properties.of_connect(session, _UNREAD) if self._speaks_5 else None,
        )
        # What a centre says counts as heard when it is on disk, not when it was read from the socket.
        self._client.manual_ack_set(True)

    def deliver(
        self, topic: str, payload: bytes, *, retain: bool = False, told: Told = ()
    ) -> "asyncio.Future[int]":
        """Send with QoS 1; the future is the broker's reason code (MQTT 5, 2.4), from 0x80 a refusal.

        told: user properties, for MQTT 5: what a broker's rules or a bridge may go by without reading the payload.
        It waits for ever on a connection that is lost: whoever holds it listens to `lost()` as well.
        Raises aiomqtt.MqttError if the connection is already known to be lost.
        """
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if mqtt_properties.size(topic, payload, told) > self.maximum_packet_size:
            answer.set_result(PACKET_TOO_LARGE)
            return answer
        properties = mqtt_properties.of_event(told) if self._speaks_5 else None
        info = self._client.publish(topic, payload, 1, retain, properties)
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
        if len(self._said) >= _UNANSWERED or mqtt_properties.size(topic, payload) > self.maximum_packet_size:
            return False
        properties = mqtt_properties.of_word(correlation, expiry) if self._speaks_5 else None
        try:
            info = self._client.publish(topic, payload, 1, False, properties)
        except ValueError:  # a topic that MQTT does not know
            return False
        if info.rc != 0:
            return False
        self._said.add(info.mid)
        return True

    def glance(self, topic: str, payload: bytes) -> bool:
        """Send with QoS 0 what the next one replaces; not while `is_slow`. False: nobody is there.

        The topic's name goes over the line once, where the broker takes an alias for it (MQTT 5, 3.3.2.3.4).
        """
        alias = self._aliases.get(topic)
        named = alias is None and len(self._aliases) < self.topic_alias_maximum
        if named:
            alias = len(self._aliases) + 1
        sent = topic if named or alias is None else ""
        try:
            properties = mqtt_properties.of_glance(alias) if self._speaks_5 else None
            self._glanced = self._client.publish(sent, payload, 0, False, properties)
        except ValueError:  # a topic that MQTT does not know
            return False
        if self._glanced.rc != 0:
            self._glanced = None
            return False
        if named and alias is not None:
            self._aliases[topic] = alias
        return True

    @property
    def is_slow(self) -> bool:
        """Whether what was last sent with QoS 0 still waits to leave this box."""
        return self._glanced is not None and not self._glanced.is_published()

    def answered(self, message: aiomqtt.Message) -> None:
        """We have it: the broker need not keep it (PUBACK). Until then it gives it again over the next connection."""
        if message.qos == 1:
            self._client.ack(message.mid, 1)

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

    def _on_connect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Any = None
    ) -> None:
        for ours, theirs in (
            ("receive_maximum", "ReceiveMaximum"),
            ("maximum_packet_size", "MaximumPacketSize"),
            ("topic_alias_maximum", "TopicAliasMaximum"),
        ):
            setattr(self, ours, getattr(properties, theirs, getattr(self, ours)))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Any = None
    ) -> None:
        """aiomqtt waits for an answer until its time is up, also from one who has hung up."""
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError(NO_CONNACK))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any
    ) -> None:
        self._said.discard(mid)
        answer = self._answers.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reason_code.value)
