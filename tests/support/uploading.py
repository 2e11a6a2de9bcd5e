"""The upload service as a process of its own, to be killed: `python -m tests.support.uploading STORAGE URL RATE`."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random

from edge.envelope import Occurrence, Proof
from edge.outbox import Outbox
from edge.settings.upload import UploadSettings
from edge.upload.hours import Hours
from edge.upload.letters import uploaded
from edge.upload.service import Uploads
from inference.findings import Phase
from streams.problem import Problem
from streams.retry import Ladder
from tests.support.occurrences import SEAL, message

CONSUMERS = ("centre", "uploads")


def clip(storage: Path, name: str, content: bytes) -> Proof:
    """A file of evidence, and what an event says of it."""
    path = storage / "evidence" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    digest = sha256(content).hexdigest()
    return Proof(kind="clip", uri=f"evidence/{name}", size=len(content), sha256=digest)


def event(case: str, *proof: Proof, time: float = 2.0) -> Occurrence:
    return message(case, 1, Phase.END).model_copy(update={"proof": proof, "time": time})


def quick() -> Ladder:
    return Ladder(Random(1), first=0.05, cap=0.2, fatal=0.3)


@asynccontextmanager
async def uploads_at(
    outbox: Outbox,
    storage: Path,
    settings: UploadSettings,
    *,
    clock: Callable[[], float] = time.time,
    open_cases: Collection[str] = (),
    problems: list[Problem | None] | None = None,
) -> AsyncIterator[Uploads]:
    """Open, not running."""

    async def cases() -> Collection[str]:
        return open_cases

    async with await Uploads.open(
        settings,
        Hours(settings, "Asia/Shanghai", clock=clock),
        storage,
        outbox.consumer("uploads"),
        lambda upload: outbox.append(uploaded(upload, time.time())),
        open_cases=cases,
        on_problem=(problems if problems is not None else []).append,
        ladder=quick(),
    ) as uploads:
        yield uploads


@asynccontextmanager
async def an_outbox(storage: Path) -> AsyncIterator[Outbox]:
    async with await Outbox.open(storage / "outbox.sqlite", SEAL, "boot", consumers=CONSUMERS) as outbox:
        yield outbox


@asynccontextmanager
async def running(uploads: Uploads) -> AsyncIterator[None]:
    task = asyncio.create_task(uploads.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _main(storage: Path, url: str, rate: float) -> None:
    settings = UploadSettings(url=url, rate=rate)
    async with an_outbox(storage) as outbox, uploads_at(outbox, storage, settings) as uploads:
        await uploads.run()


if __name__ == "__main__":
    asyncio.run(partial(_main, Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))())
