"""A command centre that stores what comes and says so: in front of a real broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

from edge.cases.words import Received, read
from tests.support.mosquitto import PATIENCE_S
from tests.support.occurrences import SITE


@dataclass
class Storing:
    """arrived: every message, in order. stored: by id, each where it came first. deaf: it takes and says nothing."""

    client: aiomqtt.Client
    arrived: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    properties: list[dict[str, Any]] = field(default_factory=list)
    deaf: bool = False

    async def say(self, event_id: str, word: dict[str, Any]) -> None:
        await self.client.publish(f"{SITE.topic('case')}/{event_id}/down", json.dumps(word), 1)

    async def take(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        event = json.loads(message.payload)
        self.arrived.append(event)
        self.properties.append(vars(message.properties) if message.properties else {})
        self.stored.setdefault(event["id"], event)
        if not self.deaf:
            case = event["id"].rpartition("/")[0]
            await self.say(case, {"kind": "received", "events": [event["id"]]})

    def seqs(self) -> list[int]:
        """Of what is stored, in the order of first arrival."""
        return [event["data"]["seq"] for event in self.stored.values()]


async def reading(_event_id: str, payload: bytes) -> Received | None:
    """What a case book does, without its book."""
    word = read(payload)
    return word if isinstance(word, Received) else None


@asynccontextmanager
async def storing(port: int, *, deaf: bool = False) -> AsyncIterator[Storing]:
    """Subscribed on entry, to events."""
    version = aiomqtt.ProtocolVersion.V5
    async with aiomqtt.Client("127.0.0.1", port, protocol=version, timeout=PATIENCE_S) as client:
        made = Storing(client, deaf=deaf)
        await client.subscribe("sandwatch/v1/+/+/+/+/ev/#", 1)

        async def listen() -> None:
            async for message in client.messages:
                await made.take(message)

        task = asyncio.create_task(listen())
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=PATIENCE_S)
