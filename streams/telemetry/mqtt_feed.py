"""Telemetry from an MQTT broker, such as the one that DJI Pilot or a dock publishes to."""

import ssl
import time
from dataclasses import dataclass
from threading import Event

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import SecretStr

from streams.telemetry.errors import Closed, Denied, Silent
from streams.telemetry.feed import PoseDecoder, Poses
from streams.telemetry.feeds import TICK, Place

log = structlog.get_logger()

# Connect, TLS and CONNACK: five round trips over 4G of up to 0.5 s, and one repeated SYN, s.
_CONNECT = 5.0
# A broker behind NAT: most gateways forget a silent connection after 60 s or more.
_KEEPALIVE = 30
# MQTT 3.1.1's return codes 4 and 5, in paho's words.
_DENIED = frozenset({"Bad user name or password", "Not authorized"})


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker and who we are to it."""

    place: Place
    tls: bool = False
    username: str | None = None
    password: SecretStr | None = None


class MqttFeed:
    """Subscribes to one topic (QoS 0: the next position is worth more than the last). Single use, one thread.

    timeout: s without a message until it is called silent. Raises Closed, Denied, Silent.
    """

    def __init__(self, broker: Broker, topic: str, decoder: PoseDecoder, *, timeout: float) -> None:
        self._broker, self._topic, self._decoder, self._timeout = broker, topic, decoder, timeout
        self._where = f"{broker.place}/{topic}"
        self._failure: Exception | None = None
        self._connected = False
        self._heard = 0.0

    def run(self, poses: Poses, stop: Event) -> None:
        client = self._client(poses)
        self._heard = time.monotonic()
        try:
            client.connect(self._broker.place.host, self._broker.place.port, _KEEPALIVE)
            while not stop.is_set():
                self._turn(client)
        except (OSError, ValueError) as error:
            log.warning("telemetry.broker_failed", where=self._where, error=type(error).__name__)
            raise Closed(self._where) from None
        finally:
            client.disconnect()

    def _turn(self, client: Client) -> None:
        """One tick of the connection. Raises what it ended with."""
        code = client.loop(TICK)
        if self._failure is not None:
            raise self._failure
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise Closed(self._where)
        if time.monotonic() - self._heard > (self._timeout if self._connected else _CONNECT):
            raise Silent(self._where) if self._connected else Closed(self._where)

    def _client(self, poses: Poses) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
        client.connect_timeout = _CONNECT
        if self._broker.tls:
            client.tls_set_context(ssl.create_default_context())
        if self._broker.username is not None:
            secret = self._broker.password
            client.username_pw_set(self._broker.username, secret.get_secret_value() if secret else None)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect

        def on_message(_: Client, __: object, message: MQTTMessage) -> None:
            self._heard = time.monotonic()
            for pose in self._decoder.feed(bytes(message.payload), time.time()):
                poses(pose)

        client.on_message = on_message
        return client

    def _on_connect(
        self, client: Client, _: object, __: ConnectFlags, reason: ReasonCode, ___: Properties | None
    ) -> None:
        if reason.is_failure:
            denied = str(reason) in _DENIED
            self._failure = Denied(self._where) if denied else Closed(self._where)
            return
        self._connected, self._heard = True, time.monotonic()
        client.subscribe(self._topic, qos=0)

    def _on_disconnect(
        self, _: Client, __: object, ___: DisconnectFlags, ____: ReasonCode, _____: Properties | None
    ) -> None:
        self._failure = self._failure or Closed(self._where)
