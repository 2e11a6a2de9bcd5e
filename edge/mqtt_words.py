"""What a centre says on `case/{event_id}/down`, taken one after the other and answered for once it is on disk."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

import aiomqtt
import structlog

from edge.cases.words import Received
from edge.mqtt import Connection
from edge.mqtt_pace import Pace
from edge.outbox import Consumer
from edge.site_id import SiteId

log = structlog.get_logger()

# A connection's receive maximum keeps what matters far below; this bounds what is sent with QoS 0.
_WAITING = 1_000

Hear = Callable[[str, bytes], Awaitable[Received | None]]
"""Takes a message of the case with that event_id; returns when it is committed, and the ids where it acknowledges some.
Raises a ProblemError where the disk refuses: the message is then given again."""


class Words:
    """Of one connection. topic: to subscribe to."""

    def __init__(self, site: SiteId, consumer: Consumer, hear: Hear, pace: Pace | None) -> None:
        self.topic = f"{site.topic('case')}/+/down"
        self._begin = f"{site.topic('case')}/"
        self._consumer, self._hear, self._pace = consumer, hear, pace
        self._waiting: asyncio.Queue[aiomqtt.Message] = asyncio.Queue(_WAITING)

    def take(self, message: aiomqtt.Message) -> bool:
        """False where it is not one of ours."""
        topic = str(message.topic)
        if not (topic.startswith(self._begin) and topic.endswith("/down")):
            return False
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:  # not answered for: the broker gives it again, if it was sent to be kept
            log.warning("case.word_dropped", topic=topic)
        return True

    async def run(self, connection: Connection) -> None:
        while True:
            message = await self._waiting.get()
            await self._heard(message)
            connection.answered(message)

    async def _heard(self, message: aiomqtt.Message) -> None:
        event_id = unquote(str(message.topic).removeprefix(self._begin).removesuffix("/down"))
        payload = message.payload if isinstance(message.payload, bytes) else b""
        received = await self._hear(event_id, payload)
        if received is None:
            return
        seqs = await self._consumer.received(received.events)
        if self._pace is not None:
            self._pace.heard(seqs)
            self._consumer.bell.set()
