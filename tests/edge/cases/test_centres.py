"""Two centres, each over its own real broker, answer one case."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt

from edge.cases.book import CONSUMER, CaseBook
from edge.envelope import seal
from edge.outbox import Outbox
from tests.support.casebooks import DUTY, book_on, event
from tests.support.casewords import payload
from tests.support.mosquitto import PATIENCE_S, Mosquitto
from tests.support.occurrences import SITE
from tests.support.publishing import publishing

NAMES = ("county", "city")
EVERYTHING = f"{SITE.topic('')}#"


class Centre:
    """Acknowledges all it hears, and remembers it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.heard: list[dict[str, Any]] = []

    async def listen(self) -> None:
        async for message in self._client.messages:
            told = json.loads(bytes(message.payload))
            if "specversion" in told:
                self.heard.append(told)
                await self.says("any", json.dumps({"kind": "received", "events": [told["id"]]}).encode())

    async def says(self, event_id: str, words: bytes) -> None:
        await self._client.publish(SITE.topic("case", event_id, "down"), words, 1)

    async def hears(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for told in self.heard:
                    if told["type"] == kind:
                        return told
                await asyncio.sleep(0.01)


@asynccontextmanager
async def centre(broker: Mosquitto) -> AsyncIterator[Centre]:
    async with aiomqtt.Client("127.0.0.1", broker.port, timeout=PATIENCE_S) as client:
        await client.subscribe(EVERYTHING, 1)
        standing = Centre(client)
        task = asyncio.create_task(standing.listen())
        yield standing
        task.cancel()
        await asyncio.wait([task])


async def test_both_are_heard_told_of_each_other_and_have_everything(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        brokers = [stack.enter_context(Mosquitto(_folder(tmp_path / name))) for name in NAMES]
        sealed = partial(seal, SITE, "boot", extra=DUTY.extra)
        opening = Outbox.open(
            tmp_path / "outbox.sqlite", sealed, "boot", consumers=(*NAMES, CONSUMER), settle=0.05
        )
        outbox = await stack.enter_async_context(await opening)
        book: CaseBook = await stack.enter_async_context(book_on(outbox, tmp_path))
        county, city = [await stack.enter_async_context(centre(broker)) for broker in brokers]
        for name, broker in zip(NAMES, brokers, strict=True):
            hear = partial(book.down, name)
            line = publishing(outbox, broker.port, name=name, acknowledge="centre", hear=hear)
            await stack.enter_async_context(line)
        await outbox.append(event("e1"))
        assert (await county.hears("vehicle.zone"))["data"]["respond"]["officers"] == ["Zhang", "Li"]
        await county.says("e1", payload("dispatched", "d-1"))
        assert (await city.hears("case.dispatched"))["data"]["centre"] == "county"
        await city.says("e1", payload("closed", "c-1"))
        assert (await county.hears("case.closed"))["data"]["centre"] == "city"
        await county.says("e1", payload("closed", "c-1"))
        assert (await county.hears("case.refused"))["data"]["code"] == "case.not_closed"
        await city.says("e1", payload("evaluated", "v-1"))
        await county.hears("case.evaluated")
        async with asyncio.timeout(PATIENCE_S):
            while (await outbox.statistics()).pending:  # each has acknowledged every message
                await asyncio.sleep(0.01)
        ids = sorted(told["id"] for told in county.heard)
        assert ids == sorted(told["id"] for told in city.heard)
        assert len(set(ids)) == len(ids)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
