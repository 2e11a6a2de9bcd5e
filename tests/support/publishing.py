"""A publisher at work, for tests."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from edge.mqtt import BrokerAddress
from edge.mqtt_versions import Versions
from edge.outbox import Outbox
from edge.presence import Birth
from edge.publisher import Publisher
from streams.retry import Ladder
from tests.support.mosquitto import PATIENCE_S
from tests.support.occurrences import SEAL, SITE, message

BIRTH = Birth(boot_id="boot", version="0", capabilities=("events",), time="")


def quick() -> Ladder:
    """The real one, in a hurry."""
    return Ladder(Random(1), first=0.05, cap=0.2, fatal=0.3)


@asynccontextmanager
async def outbox_at(path: Path, consumers: Sequence[str] = ("centre",)) -> AsyncIterator[Outbox]:
    async with await Outbox.open(path, SEAL, "boot", consumers=consumers, settle=0.05) as outbox:
        yield outbox


@asynccontextmanager
async def publishing(
    outbox: Outbox,
    port: int,
    versions: Versions | None = None,
    *,
    name: str = "centre",
    speaks_5: bool = True,
    session: int = 0,
    **more: Any,
) -> AsyncIterator[Publisher]:
    """more: of Publisher."""
    address = BrokerAddress("127.0.0.1", port, client_id="box", speaks_5=speaks_5, session=session)
    consumer = outbox.consumer(name)
    publisher = Publisher(address, SITE, consumer, BIRTH, ladder=quick(), versions=versions, **more)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        results = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError), results


async def store(outbox: Outbox, count: int, start: int = 0) -> list[str]:
    receipts = await asyncio.gather(*(outbox.append(message(str(i))) for i in range(start, start + count)))
    assert [receipt.seq for receipt in receipts] == sorted(receipt.seq or 0 for receipt in receipts)
    return [f"{i}/0" for i in range(start, start + count)]


async def sent_all(outbox: Outbox) -> None:
    async def is_empty() -> bool:
        return (await outbox.statistics()).pending == 0

    async with asyncio.timeout(PATIENCE_S):
        while not await is_empty():
            await asyncio.sleep(0.01)
