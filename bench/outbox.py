"""The outbox by itself: events that are on disk when they are answered for, and a backlog of a million worked off.

One process, the real file on the disk of the working directory ($TMPDIR where that is set); every commit waits for
fsync. Beside it a bare append with fsync, and a plain SQLite table. Memory is what the process holds beyond the
file's own pages (RSS), at tenths of the backlog.
"""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
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
        floors = {name: _floor(Path(folder), work, singles) for name, work in _FLOORS.items()}
        alone = asyncio.run(_alone(Path(folder) / "alone.sqlite", singles))
        many = asyncio.run(_together(Path(folder) / "together.sqlite", together))
        path = Path(folder) / "backlog.sqlite"
        filled = asyncio.run(_fill(path, limits, backlog))
        size = path.stat().st_size / _MIB
        rate, memory, opened, left = asyncio.run(_drain(path, limits, backlog))
    growth = max(memory[1:]) - memory[0]
    figures: Figures = {
        "one_after_another_ms": spread(alone),
        **{f"{name}_ms": spread(took) for name, took in floors.items()},
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


def _floor(folder: Path, work: Callable[[Path], Callable[[bytes], None]], count: int) -> list[float]:
    """ms of each of so many events of the size of ours, on the same disk; the first tenth warms up."""
    payload = event(0).model_dump_json().encode()
    store, took = work(folder), list[float]()
    for _ in range(count + count // 10):
        begin = time.perf_counter()
        store(payload)
        took.append((time.perf_counter() - begin) * 1000)
    return took[count // 10 :]


def _append_and_fsync(folder: Path) -> Callable[[bytes], None]:
    """The least that is safe on disk."""
    descriptor = os.open(folder / "floor", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def store(payload: bytes) -> None:
        os.write(descriptor, payload + b"\n")
        os.fsync(descriptor)

    return store


def _plain_sqlite(folder: Path) -> Callable[[bytes], None]:
    """What people write first: a table, and a commit for each event. No order, no consumers, no limits."""
    base = sqlite3.connect(folder / "naive.sqlite", isolation_level=None)
    base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE events (payload BLOB)")
    return lambda payload: base.execute("INSERT INTO events VALUES (?)", (payload,)).close()


_FLOORS = {"floor_append_and_fsync": _append_and_fsync, "naive_sqlite_commit": _plain_sqlite}


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
