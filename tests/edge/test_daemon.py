"""What the main process does with an event when the disk has no room for it."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge import assets, daemon
from edge.centres import address
from edge.daemon import Daemon
from edge.desks import Origin
from edge.outbox import Outbox
from edge.outbox_file import Limits
from edge.outbox_problems import OutboxFull
from edge.plan import plan
from edge.settings.loader import load
from tests.support.occurrences import SEAL, message


async def fill(outbox: Outbox) -> None:
    for number in range(1000):
        await outbox.append(message(f"filler-{number}"))


async def test_an_event_waits_for_room_on_the_disk_and_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "_DISK_PATIENCE", 0.02)
    file = assets.folder() / "demo.yaml"
    loaded = load(file)
    running = Daemon(loaded.site, plan(loaded), address(loaded.site), "en", Origin(file))
    limits = Limits(file_bytes=120_000)
    async with await Outbox.open(tmp_path / "o.sqlite", SEAL, "boot", limits) as outbox:
        with pytest.raises(OutboxFull):
            await fill(outbox)
        with capture_logs() as lines:
            task = asyncio.create_task(running._store(message("late"), outbox))
            done, _ = await asyncio.wait([task], timeout=0.3)
            assert not done
            centre = outbox.consumer("centre")
            full = await centre.peek(0, 1000)
            await centre.acknowledge([row.seq for row in full])
            await asyncio.wait_for(task, 30)
        assert [row.id for row in await centre.peek(0, 10)] == ["late/0"]
    said = [line["event"] for line in lines]
    assert said == ["outbox.trouble", "outbox.recovered", "event.stored"]
