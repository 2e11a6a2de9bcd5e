"""A gateway's outbox under load, with the chain of evidence behind it, made to be killed: python -m tests.crash.victim FILE
RUN.

Prints a line per thing that is promised: "stored ID SEQ" once an event is committed, "had ID" once the consumer `cases`
has done its work with it (its line in FILE.had is on disk) and may acknowledge.
"""

import asyncio
import os
import sys
from pathlib import Path
from random import Random

from edge.outbox import Consumer, Outbox
from inference.findings import Phase
from tests.support.evidenced import Gateway
from tests.support.occurrences import SEAL, message

CONSUMERS = ("centre", "cases", "city", "evidence")
_WRITERS = 8


async def main(path: Path, run: str) -> None:
    chance = Random(run)
    outbox = await Outbox.open(path, SEAL, f"boot-{run}", consumers=CONSUMERS, settle=0.02)
    say("open", outbox.recovered.code if outbox.recovered else "sound")
    async with asyncio.TaskGroup() as group:
        group.create_task(work_off(outbox.consumer("cases"), path.with_suffix(".had")))
        group.create_task(forget_some(outbox.consumer("city"), chance))
        group.create_task(Gateway(path.parent, outbox).service().run())
        for writer in range(_WRITERS):
            group.create_task(write(outbox, f"{run}-{writer}"))


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def write(outbox: Outbox, name: str) -> None:
    """Cases, each with its beginning, some updates and its end."""
    for number in range(10_000):
        for n, phase in enumerate((Phase.NEW, Phase.UPDATE, Phase.UPDATE, Phase.END)):
            letter = message(f"{name}-{number}", n, phase)
            receipt = await outbox.append(letter)
            say("stored", letter.id, receipt.seq)


async def work_off(consumer: Consumer, ledger: Path) -> None:
    """In order; its own file first, then the acknowledgement: as the case book and the chain do it."""
    known = set(ledger.read_text().split()) if ledger.exists() else set()
    cursor = 0
    with ledger.open("a") as file:
        while True:
            consumer.bell.clear()
            for row in await consumer.peek(cursor, 50):
                cursor = row.seq
                if row.id not in known:
                    file.write(f"{row.id}\n")
                    file.flush()
                    os.fsync(file.fileno())
                    say("had", row.id)
                await consumer.acknowledge([row.seq])
            await consumer.bell.wait()


async def forget_some(consumer: Consumer, chance: Random) -> None:
    """A centre that acknowledges out of order, and not everything."""
    while True:
        rows = await consumer.peek(0, 200)
        await consumer.acknowledge([row.seq for row in rows if chance.random() < 0.7])
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
