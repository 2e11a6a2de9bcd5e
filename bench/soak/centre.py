"""A command centre that stores what comes, and says so; it comes back whenever the broker does."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

_AGAIN = 0.2  # s between two tries


@dataclass
class Centre:
    """first: by the box's number, s of time.monotonic when it came first, in that order. dropped: numbers that the box said
    will never come. repeats: of what was known."""

    port: int
    first: dict[int, float] = field(default_factory=dict)
    dropped: list[tuple[int, int]] = field(default_factory=list)
    repeats: int = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self._listen()
            except aiomqtt.MqttError:
                await asyncio.sleep(_AGAIN)

    async def _listen(self) -> None:
        async with aiomqtt.Client(
            "127.0.0.1", self.port, protocol=aiomqtt.ProtocolVersion.V5, identifier="centre"
        ) as client:
            await client.subscribe("sandwatch/v1/+/+/+/+/ev/#", qos=1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                event = json.loads(message.payload)
                self._take(event)
                place = str(message.topic).partition("/ev/")[0]
                case = event["id"].rpartition("/")[0]  # site.* has none but this
                word = json.dumps({"kind": "received", "events": [event["id"]]})
                await client.publish(f"{place}/case/{case}/down", word, qos=1)

    def _take(self, event: dict[str, Any]) -> None:
        seq = event["data"]["seq"]
        assert isinstance(seq, int)
        if seq in self.first:
            self.repeats += 1
            return
        self.first[seq] = time.monotonic()
        ranges = event["data"].get("ranges")
        if isinstance(ranges, list):
            self.dropped += [(first, last) for first, last in ranges]
