import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.outbox import Outbox
from edge.outbox_file import Limits
from edge.outbox_problems import OutboxFull
from tests.support.occurrences import SEAL, message, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


async def test_callers_that_come_together_share_commits_and_keep_their_order(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot") as outbox:
        receipts = await asyncio.gather(*(outbox.append(message(str(i))) for i in range(500)))
        assert [receipt.seq for receipt in receipts] == list(range(1, 501))
        assert outbox.consumer("centre").bell.is_set()
        assert [row.id for row in await outbox.consumer("centre").peek(0, 500)] == [
            f"{i}/0" for i in range(500)
        ]


async def test_closing_stores_what_was_asked_for_before(path: Path) -> None:
    outbox = await Outbox.open(path, SEAL, "boot")
    appends = [asyncio.create_task(outbox.append(message(str(i)))) for i in range(20)]
    await asyncio.sleep(0)
    await outbox.close()
    await asyncio.gather(*appends)
    with opened(path) as file:
        assert len(file.peek("centre", 0, 100)) == 20


async def test_a_cancelled_caller_does_not_hold_up_the_others(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot") as outbox:
        impatient = asyncio.create_task(outbox.append(message("a")))
        patient = asyncio.create_task(outbox.append(message("b")))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await patient).seq == 2


async def test_one_event_that_cannot_be_stored_fails_alone(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot") as outbox:
        odd = message("odd", camera="\ud800")  # a lone surrogate: no UTF-8 for it
        results = await asyncio.gather(
            *(outbox.append(one) for one in (message("a"), odd, message("b"))), return_exceptions=True
        )
        assert [row.id for row in await outbox.consumer("centre").peek(0, 9)] == ["a/0", "b/0"]
        assert isinstance(results[1], Exception)


async def test_an_error_of_the_file_reaches_the_caller(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot", Limits(file_bytes=64 * 1024)) as outbox:
        appends = (outbox.append(message(str(i))) for i in range(500))
        results = await asyncio.gather(*appends, return_exceptions=True)
        refused = [result for result in results if isinstance(result, OutboxFull)]
        assert refused
        assert (await outbox.statistics()).pending == 500 - len(refused)


async def test_open_cases_and_orphans_through_the_shell(path: Path) -> None:
    async with await Outbox.open(path, SEAL, "boot") as outbox:
        await outbox.append(message("a"))
        outbox.consumer("centre").bell.clear()
        assert [receipt.seq for receipt in await outbox.close_orphans("restart")] == [2]
        assert outbox.consumer("centre").bell.is_set()
        assert await outbox.open_events() == []
        assert (await outbox.statistics()).pending == 2


WRITER = """
import sys
from tests.support.occurrences import message, opened
from pathlib import Path
with opened(Path(sys.argv[1])) as file:
    for i in range(100000):
        ids = [f"{sys.argv[2]}-{i}-{k}" for k in range(i % 3 + 1)]
        receipts = file.append([message(one) for one in ids])
        print(*[f"{one}={receipt.seq}" for one, receipt in zip(ids, receipts)], flush=True)
"""


def test_what_was_reported_committed_survives_kill_9(path: Path) -> None:
    chance = random.Random(20250601)
    promised: dict[str, int] = {}
    for run in range(10):
        promised |= promises_until_killed(path, run, chance.randint(1, 120))
    with opened(path) as file:
        assert file.recovered is None
        kept = {row.id.removesuffix("/0"): row.seq for row in file.peek("centre", 0, 100_000)}
    assert promised.items() <= kept.items()
    assert sorted(kept.values()) == list(range(1, len(kept) + 1))


def promises_until_killed(path: Path, run: int, lines: int) -> dict[str, int]:
    command = [sys.executable, "-c", WRITER, str(path), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        head = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        # A last line may be cut in the middle: only a whole one is a promise.
        rest = [line for line in writer.stdout if line.endswith("\n")]
    pairs = [pair.split("=") for line in head + rest for pair in line.split()]
    return {name: int(seq) for name, seq in pairs}
