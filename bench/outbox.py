"""The outbox by itself: events that are on disk when they are answered for, and a backlog of a million worked off.

One process, the real file on the disk of the working directory ($TMPDIR where that is set); every commit waits for
fsync. Memory is what the process holds beyond the file's own pages (RSS), at tenths of the backlog.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.outage.ours import event, opened
from bench.report import Figures, Goal, Report, spread
from edge.outbox_room import Limits

QUESTION = (
    "How many events per second are safely on disk, and is a backlog of a million worked off in flat memory?"
)

_MIB = 1 << 20
_BATCH = 200


def run(quick: bool) -> Report:
    singles, together, backlog = (200, 2_000, 20_000) if quick else (2_000, 20_000, 1_000_000)
    limits = Limits(rows=backlog * 2, bytes=8 << 30, file_bytes=16 << 30)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", ".")) as folder:
        alone = asyncio.run(_alone(Path(folder) / "alone.sqlite", singles))
        many = asyncio.run(_together(Path(folder) / "together.sqlite", together))
        path = Path(folder) / "backlog.sqlite"
        filled = asyncio.run(_fill(path, limits, backlog))
        size = path.stat().st_size / _MIB
        rate, memory, opened, left = asyncio.run(_drain(path, limits, backlog))
    growth = max(memory[1:]) - memory[0]
    figures: Figures = {
        "one_after_another_ms": spread(alone),
        "together_events_per_s": many,
        "backlog": {
            "events": backlog,
            "file_MiB": size,
            "filled_events_per_s": filled,
            "opened_after_s": opened,
            "drained_events_per_s": rate,
            "memory_MiB_at_tenths": " ".join(f"{each:.0f}" for each in memory),
            "left": left,
        },
    }
    goals = {
        "memory_growth_while_draining": Goal(growth, "MiB", at_most=16),
        "left_of_the_backlog": Goal(left, "events", at_most=0),
    }
    return Report(figures, goals)


async def _alone(path: Path, count: int) -> list[float]:
    """ms from handing an event over to its being on disk, one after the other."""
    took = []
    async with await opened(path) as outbox:
        for number in range(count):
            begin = time.perf_counter()
            await outbox.append(event(number))
            took.append((time.perf_counter() - begin) * 1000)
    return took


async def _together(path: Path, count: int) -> float:
    """Events/s of a crowd of callers, each of whom waits for its own."""
    async with await opened(path) as outbox:
        begin = time.perf_counter()
        await asyncio.gather(*(outbox.append(event(number)) for number in range(count)))
        return count / (time.perf_counter() - begin)


async def _fill(path: Path, limits: Limits, count: int) -> float:
    async with await opened(path, limits) as outbox:
        begin = time.perf_counter()
        for first in range(0, count, _BATCH):
            await asyncio.gather(*(outbox.append(event(number)) for number in range(first, first + _BATCH)))
        return count / (time.perf_counter() - begin)


async def _drain(path: Path, limits: Limits, count: int) -> tuple[float, Sequence[float], float, int]:
    """Events/s handed to a consumer that acknowledges 200 at a time; MiB at tenths; s to open; rows left."""
    process, memory, done = psutil.Process(), list[float](), 0
    begin = time.perf_counter()
    async with await opened(path, limits) as outbox:
        took = time.perf_counter() - begin
        consumer, begin, cursor = outbox.consumer("centre"), time.perf_counter(), 0
        while rows := await consumer.peek(cursor, _BATCH):
            cursor = rows[-1].seq
            await consumer.acknowledge([row.seq for row in rows])
            if done * 10 // count != (done + len(rows)) * 10 // count:
                memory.append(process.memory_info().rss / _MIB)
            done += len(rows)
        await outbox.settle()
        rate = done / (time.perf_counter() - begin)
        return rate, memory, took, (await outbox.statistics()).pending
