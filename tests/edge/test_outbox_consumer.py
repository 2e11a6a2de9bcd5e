"""Consumers through the shell: what they did is written together, and a crash repeats but never loses."""

import asyncio
from pathlib import Path

import pytest

from edge.outbox import Outbox
from tests.support.occurrences import SEAL, message, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


async def stored(outbox: Outbox, count: int) -> None:
    await asyncio.gather(*(outbox.append(message(str(number))) for number in range(count)))


async def test_what_was_acknowledged_is_not_handed_out_again_though_it_is_not_written_yet(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", settle=600.0) as outbox:
        await stored(outbox, 5)
        centre = outbox.consumer("centre")
        await centre.acknowledge([1, 2, 4])
        assert (await outbox.statistics()).pending == 5
        assert [row.seq for row in await centre.peek(0, 2)] == [3]
        assert [row.seq for row in await centre.peek(3, 9)] == [5]


async def test_it_is_written_with_the_next_event(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", settle=600.0) as outbox:
        await stored(outbox, 2)
        await outbox.consumer("centre").acknowledge([1, 2])
        await outbox.append(message("later"))
        assert (await outbox.statistics()).pending == 1


async def test_it_is_written_by_itself_soon_and_at_once_where_it_is_much(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", settle=0.05) as outbox:
        await stored(outbox, 300)
        centre = outbox.consumer("centre")
        await centre.acknowledge(range(1, 251))
        assert (await outbox.statistics()).pending == 50
        await centre.acknowledge([251])
        async with asyncio.timeout(60):
            while (await outbox.statistics()).pending != 49:
                await asyncio.sleep(0.01)


async def test_closing_writes_it(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", settle=600.0) as outbox:
        await stored(outbox, 3)
        await outbox.consumer("centre").acknowledge([1, 3])
    with opened(path) as file:
        assert [row.seq for row in file.peek("centre", 0, 9)] == [2]


async def test_an_acknowledgement_by_the_messages_id(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", settle=600.0) as outbox:
        await stored(outbox, 3)
        centre = outbox.consumer("centre")
        assert sorted(await centre.received(["2/0", "0/0", "unknown/0"])) == [1, 3]
        assert await centre.received(["nothing/1"]) == []
        assert await centre.waiting() == 1


async def test_what_is_acknowledged_before_it_was_noted_as_sent_is_not_sent_again(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", settle=600.0) as outbox:
        await stored(outbox, 2)
        centre = outbox.consumer("centre")
        await centre.sent({1: -1.0, 2: -1.0}, 2)  # due in the past
        await centre.acknowledge([1])
        await outbox.settle()
        assert [(row.seq, row.sends) for row in await centre.due(9)] == [(2, 1)]
        await centre.sent({2: -1.0}, 2)
        assert await centre.due(9) == []  # it has just been sent: that is not written yet


async def test_every_consumer_is_woken_by_a_new_event(path: Path) -> None:
    names = ("centre", "cases", "evidence")
    async with await Outbox.open(path, SEAL, "boot", consumers=names) as outbox:
        await outbox.append(message("a"))
        assert all(outbox.consumer(name).bell.is_set() for name in names)
        for name in names:
            assert [row.id for row in await outbox.consumer(name).peek(0, 9)] == ["a/0"]
