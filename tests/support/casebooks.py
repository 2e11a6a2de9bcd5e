"""A case book on a real outbox, for tests."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.cases.book import CONSUMER, CaseBook
from edge.cases.casefile import CaseFile
from edge.cases.duty import Duty
from edge.envelope import Occurrence, seal
from edge.outbox import Outbox
from edge.settings.rosters import RosterSettings
from edge.settings.talk import RespondSettings
from inference.findings import Phase
from streams.problem import Problem
from tests.support.occurrences import SITE, message

ROSTER = RosterSettings.model_validate(
    {
        "name": "patrol",
        "shifts": [{"from": "00:00", "to": "24:00", "officers": ["Zhang", "Li"]}],
        "backup": ["Chief"],
    }
)
RESPOND = RespondSettings(unit="patrol unit", roster="patrol", receive=300, dispatch=900, close=3600)
DUTY = Duty({"gate": RESPOND}, {"patrol": ROSTER}, ZoneInfo("Asia/Shanghai"))
NOBODY = Duty({}, {}, ZoneInfo("Asia/Shanghai"))


class Clocks:
    """wall: that somebody may set; monotonic: that nobody does."""

    def __init__(self, wall: float = 1_780_000_000.0) -> None:
        self.wall, self.monotonic = wall, 1000.0

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def set(self, jump: float) -> None:
        self.wall += jump


def event(case: str, n: int = 0, phase: Phase = Phase.NEW, kind: str = "vehicle.zone") -> Occurrence:
    return message(case, n, phase).model_copy(update={"type": kind})


@asynccontextmanager
async def outbox_at(
    folder: Path, extra: Callable[[Occurrence], Mapping[str, object]] = DUTY.extra, boot: str = "boot"
) -> AsyncIterator[Outbox]:
    sealed = partial(seal, SITE, boot, extra=extra)
    consumers = ("centre", CONSUMER)
    async with await Outbox.open(folder / "outbox.sqlite", sealed, boot, consumers=consumers) as outbox:
        yield outbox


@asynccontextmanager
async def book_on(
    outbox: Outbox,
    folder: Path,
    clocks: Clocks | None = None,
    *,
    duty: Duty = DUTY,
    boot: str = "boot",
    keep: float = 1e6,
    trouble: Callable[[Problem | None], None] = lambda _: None,
) -> AsyncIterator[CaseBook]:
    clocks = clocks or Clocks()
    opening = CaseBook.open(
        folder / "cases.sqlite",
        outbox,
        duty,
        boot,
        keep=keep,
        trouble=trouble,
        wall=lambda: clocks.wall,
        monotonic=lambda: clocks.monotonic,
    )
    async with await opening as book:
        task = asyncio.create_task(book.run())
        try:
            yield book
        finally:
            task.cancel()
            results = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(results[0], asyncio.CancelledError), results


async def told(outbox: Outbox, least: int = 0) -> list[dict[str, Any]]:
    """The case events that wait for the centre, once there are so many."""
    centre = outbox.consumer("centre")
    async with asyncio.timeout(20):
        while True:
            rows = await centre.peek(0, 100_000)
            found = [json.loads(row.payload) for row in rows if row.topic.endswith("/up")]
            if len(found) >= least:
                return found
            await asyncio.sleep(0.01)


@contextmanager
def obeying(storage: Path) -> Iterator[None]:
    """A daemon's case book that does what people ask."""
    stop = threading.Event()

    def work() -> None:
        file = CaseFile(storage / "cases.sqlite", DUTY, "boot")
        while not stop.wait(0.02):
            file.obey()
        file.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
