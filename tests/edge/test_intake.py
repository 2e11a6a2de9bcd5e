"""Where events come in: none is lost while there is no outbox, or no room on its disk."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge import intake
from edge.envelope import Occurrence
from edge.intake import Intake
from edge.outbox import Outbox
from edge.outbox_file import Limits
from edge.outbox_problems import OutboxFull
from edge.status import Status
from tests.support.occurrences import SEAL, message

PATIENCE_S = 60


async def opened(folder: Path, limits: Limits | None = None) -> Outbox:
    return await Outbox.open(folder / "o.sqlite", SEAL, "boot", limits)


async def fill(outbox: Outbox) -> None:
    for number in range(1000):
        await outbox.append(message(f"filler-{number}"))


async def test_an_event_waits_for_room_on_the_disk_and_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_DISK_PATIENCE", 0.02)
    limits = Limits(file_bytes=120_000)
    door = Intake(Status("en"))
    async with await opened(tmp_path, limits) as outbox:
        await door.open(outbox, lambda _: None)
        with pytest.raises(OutboxFull):
            await fill(outbox)
        with capture_logs() as lines:
            task = asyncio.create_task(door.store(message("late")))
            done, _ = await asyncio.wait([task], timeout=0.3)
            assert not done
            centre = outbox.consumer("centre")
            full = await centre.peek(0, 1000)
            await centre.acknowledge([row.seq for row in full])
            await asyncio.wait_for(task, PATIENCE_S)
        assert [row.id for row in await centre.peek(0, 10)] == ["late/0"]
    said = [line["event"] for line in lines]
    assert said == ["outbox.trouble", "outbox.recovered", "event.stored"]


async def test_what_is_found_while_the_outbox_is_another_one_is_stored_in_the_next(tmp_path: Path) -> None:
    door, heard = Intake(Status("en")), list[str]()

    def stored(occurrence: Occurrence) -> None:
        heard.append(occurrence.event_id)

    tasks = [asyncio.create_task(door.store(message(f"e{number}"))) for number in range(40)]
    for _ in range(4):
        async with await opened(tmp_path) as outbox:
            await door.open(outbox, stored)
            tasks.append(asyncio.create_task(door.store(message(f"f{len(tasks)}"))))
            await asyncio.sleep(0.01)
            await door.shut()  # nobody is left inside: the outbox may be closed
    async with await opened(tmp_path) as outbox:
        await door.open(outbox, stored)
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)
        rows = await outbox.consumer("centre").peek(0, 1000)
        await door.shut()
    assert len(rows) == len(heard) == len(set(heard)) == 44


async def test_whoever_waits_for_an_outbox_that_never_comes_can_be_cancelled(tmp_path: Path) -> None:
    door = Intake(Status("en"))
    task = asyncio.create_task(door.store(message("late")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.wait_for(door.shut(), PATIENCE_S)
