"""The consumer: what boxes publish goes into a table, once each; then the box is told, then the broker.

In this order nothing is lost and nothing kept twice, whoever is killed when: a message that is not in the table is not
acknowledged, and one that comes again is recognised by its id. Several consumers of one group share the load (MQTT 5,
4.8.2, shared subscriptions).
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

import aiomqtt
import structlog

from edge.centre.record import Record, Unreadable, record
from edge.centre.table import Missing, Table, TableFailed
from edge.listening import Listener, listening
from edge.mqtt import BrokerAddress
from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_versions import Versions
from streams.problem import Problem
from streams.retry import Ladder

log = structlog.get_logger()

# Messages of one transaction: a disk's fsync is shared by so many, and no more are handed out before these are answered.
BATCH = 100
_GAPS_S = 60.0  # between two looks for numbers that never came


@dataclass(slots=True)
class Tally:
    """Since the start. repeated: came again, and were not kept again."""

    stored: int = 0
    repeated: int = 0
    unreadable: int = 0


@dataclass(slots=True, eq=False)
class Centre:
    """area: the first levels of the place, such as "410000/410100", or "" for all. group: whose members share.

    `run` ends by cancellation only. A table or a broker that fails is said and tried again.
    """

    address: BrokerAddress
    table: Table
    group: str
    area: str = ""
    tally: Tally = field(default_factory=Tally)
    ladder: Ladder = field(default_factory=lambda: Ladder(Random(), first=0.5, cap=30.0, fatal=80.0))  # noqa: S311
    _told: set[Missing] = field(default_factory=set)

    async def run(self) -> None:
        versions = Versions(speaks_5=self.address.speaks_5)
        said: Problem | None = None
        while True:
            version, started = versions.choose(), asyncio.get_running_loop().time()
            try:
                async with listening(self.address, version) as line:
                    said = None
                    await self._serve(line)
            except (MqttFailed, TableFailed) as failed:
                fault = failed.fault if isinstance(failed, MqttFailed) else Fault.RETRY
                if versions.failed(version, fault):
                    continue
                if said != failed.problem:  # when it begins or changes, not at every try
                    said = failed.problem
                    log.warning(said.code, problem=said.say("en"))
                lived = asyncio.get_running_loop().time() - started
                await asyncio.sleep(self.ladder.wait(lived=lived, fatal=fault is Fault.REFUSED))

    async def _serve(self, line: Listener) -> None:
        for topic in topics(self.area):
            await line.hear(f"$share/{self.group}/{topic}", qos=1)
        log.info("centre.listening", broker=self.address.place, group=self.group)
        looked = time.monotonic()
        async for batch in line.batches(BATCH):
            await self._take(line, batch)
            if time.monotonic() - looked > _GAPS_S:
                await self._look_for_gaps()
                looked = time.monotonic()

    async def _take(self, line: Listener, batch: Sequence[aiomqtt.Message]) -> None:
        records = [found for message in batch if (found := self._read(message)) is not None]
        new = await asyncio.to_thread(self.table.commit, records) if records else 0
        self.tally.stored += new
        self.tally.repeated += len(records) - new
        await self._say_received(line, records)
        for message in batch:
            line.connection.answered(message)

    def _read(self, message: aiomqtt.Message) -> Record | None:
        payload = message.payload if isinstance(message.payload, bytes) else b""
        try:
            return record(str(message.topic), payload)
        except Unreadable as why:
            self.tally.unreadable += 1
            log.warning("centre.unreadable", topic=str(message.topic), bytes=len(payload), why=str(why))
            return None

    async def _say_received(self, line: Listener, records: Sequence[Record]) -> None:
        """To each box once, on the topic of any of its cases."""
        by_site: dict[str, list[str]] = defaultdict(list)
        for each in records:
            by_site[each.site].append(each.id)
        for site, ids in by_site.items():
            topic = f"{site}/case/{quote(ids[0].partition('/')[0], safe='')}/down"
            word = json.dumps({"kind": "received", "events": ids}, ensure_ascii=False).encode()
            await line.deliver(topic, word)

    async def _look_for_gaps(self) -> None:
        found = set(await asyncio.to_thread(self.table.missing))
        for gap in sorted(found - self._told, key=lambda each: (each.site, each.first)):
            log.warning("centre.gap", site=gap.site, first=gap.first, last=gap.last)
        self._told = found


def topics(area: str) -> tuple[str, str]:
    """What boxes publish that has a number: events, and the steps of cases. area: as in Centre."""
    levels = [*(level for level in area.split("/") if level), "+", "+", "+", "+"][:4]
    place = "/".join(["sandwatch/v1", *levels])
    return f"{place}/ev/#", f"{place}/case/+/up"
