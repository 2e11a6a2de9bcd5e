"""A command centre that stores what comes, and says so; it comes back whenever the broker does."""

import asyncio
import json
import math
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

_AGAIN = 0.2  # s between two tries


@dataclass
class Centre:
    """first: by the box's number, s of time.monotonic when it came first, in that order. dropped: numbers that the box said
    will never come. repeats: of what was known. subscribed: when it began to hear."""

    port: int
    first: dict[int, float] = field(default_factory=dict)
    dropped: list[tuple[int, int]] = field(default_factory=list)
    repeats: int = 0
    subscribed: list[float] = field(default_factory=list)

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
            await client.subscribe([(f"sandwatch/v1/+/+/+/+/{what}", 1) for what in ("ev/#", "case/+/up")])
            self.subscribed.append(time.monotonic())
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                event = json.loads(message.payload)
                self._take(event)
                place = str(message.topic).partition("/ev/")[0].partition("/case/")[0]
                for word in _words(event):
                    case = event["id"].partition("/")[0]  # site.* has none but this
                    await client.publish(f"{place}/case/{case}/down", json.dumps(word), qos=1)

    def back(self, death: float) -> float:
        """When it heard again after the broker's death: what a broker takes while nobody listens, it drops."""
        return min((each for each in self.subscribed if each > death), default=math.inf)

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


def _words(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """It is stored; and where it is over, so is its case: the proof of what nobody closes fills any disk."""
    yield {"kind": "received", "events": [event["id"]]}
    if event["data"].get("phase") == "end" and event["type"].startswith("vehicle."):
        said = {"id": uuid.uuid4().hex, "by": "soak", "time": event["time"]}
        yield {"kind": "closed", "finding": "nobody there", **said}
