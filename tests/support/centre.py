"""A command centre that writes letters about talk to a box over MQTT, and reads its answers."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.site_id import SiteId
from tests.support.callers import PATIENCE
from tests.support.occurrences import SITE
from tests.support.talking import TOKEN, until

Answer = dict[str, Any]


@dataclass
class Centre:
    """One client. heard: (topic, payload, correlation data) of all that came."""

    client: aiomqtt.Client
    speaks_5: bool
    reply_to: str = field(default_factory=lambda: f"centre/{uuid.uuid4().hex}")
    site: SiteId = SITE
    heard: list[tuple[str, Answer, bytes | None]] = field(default_factory=list)

    async def asks(self, op: str, **fields: Any) -> Answer:
        """The answer to a letter. correlation: its correlation data."""
        correlation = fields.pop("correlation", b"")
        letter = self.letter(op, **fields)
        await self.sends(letter, correlation)
        return await self.answer_to(letter["id"])

    def letter(self, op: str, **fields: object) -> Answer:
        basis = {"v": 1, "id": uuid.uuid4().hex, "at": time.time(), "token": TOKEN, "op": op}
        return {**basis, **({} if self.speaks_5 else {"reply_to": self.reply_to}), **fields}

    async def sends(self, letter: Answer, correlation: bytes = b"", **more: Any) -> None:
        properties = None
        if self.speaks_5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.ResponseTopic = more.pop("response_topic", self.reply_to)
            properties.CorrelationData = correlation
            properties.MessageExpiryInterval = 60
        topic = self.site.topic("cmd", "talk")
        await self.client.publish(topic, json.dumps(letter), 1, properties=properties, **more)

    async def answer_to(self, ident: str) -> Answer:
        found: list[Answer] = []

        def came() -> bool:
            found[:] = [content for _, content, _ in self.heard if content.get("id") == ident]
            return bool(found)

        await until(came, lambda: f"no answer to {ident}: {self.heard}")
        return found[0]

    async def word(self, session: str, kind: str) -> Answer:
        """A floor message for a session."""
        found: list[Answer] = []

        def came() -> bool:
            words = [
                content["word"]
                for _, content, _ in self.heard
                if content.get("session") == session and "word" in content
            ]
            found[:] = [word for word in words if word["type"] == kind]
            return bool(found)

        await until(came, lambda: f"no {kind}: {self.heard}")
        return found[-1]

    async def says(self, session: str, **message: object) -> Answer:
        return await self.asks("floor", session=session, message={"v": 1, **message})


@asynccontextmanager
async def centre(port: int, *, speaks_5: bool = True, site: SiteId = SITE) -> AsyncIterator[Centre]:
    version = aiomqtt.ProtocolVersion.V5 if speaks_5 else aiomqtt.ProtocolVersion.V311
    async with aiomqtt.Client("127.0.0.1", port, protocol=version, timeout=PATIENCE) as client:
        made = Centre(client, speaks_5, site=site)
        await client.subscribe(made.reply_to, 1)
        await client.subscribe(site.topic("call", "") + "+", 1)

        async def listen() -> None:
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                correlation = getattr(message.properties, "CorrelationData", None)
                made.heard.append((str(message.topic), json.loads(message.payload), correlation))

        task = asyncio.create_task(listen())
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=PATIENCE)
