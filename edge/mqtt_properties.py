"""What MQTT 5 carries beside topic and payload (OASIS standard, 3.1.2.11 and 3.3.2.3)."""

from collections.abc import Sequence

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.envelope import MEDIA_TYPE

_UTF_8 = 1
# 3.3.2: fixed header, topic length, packet id, property length, content type, format; and a sign before each length.
_OVERHEAD = 5 + 2 + 2 + 4 + 3 + len(MEDIA_TYPE) + 2
_PER_PROPERTY = 1 + 2 + 2

Told = Sequence[tuple[str, str]]
"""User properties: names and values."""


def of_connect(session: int, unread: int) -> Properties:
    """session: s for which the broker keeps what it has for us; unread: messages it may send before one is answered."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.ReceiveMaximum = unread
    if session:
        properties.SessionExpiryInterval = session
    return properties


def of_event(told: Told) -> Properties:
    properties = _of_publish()
    properties.PayloadFormatIndicator = _UTF_8
    properties.ContentType = MEDIA_TYPE
    if told:
        properties.UserProperty = list(told)
    return properties


def of_word(correlation: bytes | None, expiry: int | None) -> Properties:
    """expiry: s after which nobody wants it."""
    properties = _of_publish()
    properties.PayloadFormatIndicator = _UTF_8
    if correlation is not None:
        properties.CorrelationData = correlation
    if expiry is not None:
        properties.MessageExpiryInterval = expiry
    return properties


def of_glance(alias: int | None) -> Properties:
    """alias: a number that stands for the topic."""
    properties = _of_publish()
    if alias is not None:
        properties.TopicAlias = alias
    return properties


def size(topic: str, payload: bytes, told: Told = ()) -> int:
    """Bytes of a PUBLISH packet, at most."""
    beside = sum(_PER_PROPERTY + len(name.encode()) + len(value.encode()) for name, value in told)
    return len(payload) + len(topic.encode()) + beside + _OVERHEAD


def _of_publish() -> Properties:
    return Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
