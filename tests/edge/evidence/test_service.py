"""The service between a real outbox and a real chain."""

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from edge.evidence.reading import ChainReader
from edge.evidence.report import Pins
from edge.evidence.service import birth_anchor
from edge.evidence.verify import verify
from edge.outbox import Outbox
from edge.settings.evidence import EvidenceSettings
from tests.support.evidenced import Gateway
from tests.support.occurrences import SEAL
from tests.support.until import until

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    storage = tmp_path / "storage"
    path = storage / "outbox.sqlite"
    async with await Outbox.open(path, SEAL, "boot", consumers=("centre", "evidence")) as outbox:
        yield Gateway(storage, outbox)


async def test_every_message_becomes_an_entry_with_its_pictures(gateway: Gateway) -> None:
    for case in ("a", "b", "c"):
        await gateway.outbox.append(gateway.proved(case))
    await until(gateway.service().run(), lambda: gateway.entered() == 3)
    report = verify(gateway.storage, Pins())
    assert report.unchanged
    assert report.files == 6
    with ChainReader(gateway.storage / "chain.sqlite") as reader:
        (_, entry) = next(iter(reader.entries(2, 2)))
    assert entry.told.case == "a"
    assert (entry.says["seq"], entry.says["config"], entry.says["boot"]) == (1, "c" * 64, "boot")
    assert entry.says["clock"] == {"source": "system", "offset_ms": None, "synchronised": None}


async def test_what_is_entered_is_acknowledged_and_another_consumer_still_has_it(gateway: Gateway) -> None:
    await gateway.outbox.append(gateway.proved("a"))
    consumer = gateway.outbox.consumer("evidence")
    running = asyncio.ensure_future(gateway.service().run())
    while gateway.entered() < 1 or await consumer.peek(0, 10):
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    assert len(await gateway.outbox.consumer("centre").peek(0, 10)) == 1


async def test_events_that_come_while_it_runs_are_entered_in_order(gateway: Gateway) -> None:
    running = asyncio.ensure_future(gateway.service().run())
    for number in range(120):
        await gateway.outbox.append(gateway.proved(f"case{number}"))
    while gateway.entered() < 120:
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    with ChainReader(gateway.storage / "chain.sqlite") as reader:
        seqs = [entry.says["seq"] for n, entry in reader.entries() if n > 1]
    assert seqs == list(range(1, 121))


async def test_rows_that_come_again_are_entered_once(gateway: Gateway) -> None:
    """A kill between the entry and its acknowledgement."""
    await gateway.outbox.append(gateway.proved("a"))
    rows = await gateway.outbox.consumer("evidence").peek(0, 10)
    service = gateway.service()
    for _ in range(2):
        async with service._chain:
            await service._enter(partial(service._messages, rows))
        service = gateway.service()
    assert gateway.entered() == 1


async def test_talk_recordings_become_entries_and_a_line_half_written_waits(gateway: Gateway) -> None:
    folder = gateway.storage / "evidence/talk/patrol/2026/05/01"
    folder.mkdir(parents=True)
    speech = b"what was said"
    (folder / "080000.000-duty.webm").write_bytes(speech)
    said = {
        "group": "patrol",
        "member": "duty",
        "since": 1_780_000_000.0,
        "until": 1_780_000_004.5,
        "file": "patrol/2026/05/01/080000.000-duty.webm",
        "bytes": len(speech),
        "sha256": hashlib.sha256(speech).hexdigest(),
    }
    line = json.dumps(said).encode()
    log = folder / "floor.jsonl"
    log.write_bytes(line + b"\n" + line[:20])
    await until(gateway.service().run(), lambda: gateway.entered() == 1)
    await until(gateway.service().run(), lambda: gateway.entered() > 1, patience=0.3)
    log.write_bytes(line + b"\n" + line + b"\n")
    await until(gateway.service().run(), lambda: gateway.entered() == 2)
    report = verify(gateway.storage, Pins())
    assert report.unchanged
    (folder / "080000.000-duty.webm").write_bytes(b"what was not said")
    names = {each.what for each in verify(gateway.storage, Pins()).findings}
    assert names == {"items/talk/patrol/2026/05/01/080000.000-duty.webm"}


async def test_birth_tells_who_signs_before_the_service_runs(gateway: Gateway) -> None:
    told = birth_anchor(gateway.storage, EvidenceSettings(), "sandwatch-01")
    await gateway.outbox.append(gateway.proved("a"))
    await until(gateway.service().run(), lambda: gateway.entered() == 1)
    report = verify(gateway.storage, Pins(key=told.key, head=(told.n, told.sha256)))
    assert report.unchanged


async def test_a_chain_that_was_mended_is_said(gateway: Gateway) -> None:
    birth_anchor(gateway.storage, EvidenceSettings(), "sandwatch-01")
    (gateway.storage / "chain.sqlite").write_bytes(b"rubbish" * 1000)
    await until(gateway.service().run(), lambda: gateway.said.get("evidence"))
    problem = gateway.said["evidence"]
    assert problem is not None
    assert problem.code == "evidence.chain.corrupt"


DAEMON = """
    import asyncio, sys
    from pathlib import Path
    from edge.outbox import Outbox
    from edge.settings.evidence import EvidenceSettings
    from tests.support.evidenced import Gateway
    from tests.support.occurrences import SEAL

    async def main(storage, start):
        path = storage / "outbox.sqlite"
        async with await Outbox.open(path, SEAL, "boot", consumers=("evidence",)) as outbox:
            gateway = Gateway(storage, outbox)
            running = asyncio.ensure_future(gateway.service().run())
            for number in range(start, 100_000):
                await outbox.append(gateway.proved(f"case{number}"))
                print(number, flush=True)
                await asyncio.sleep(0)
            await running

    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


async def test_killed_at_any_moment_every_committed_event_is_in_the_chain_once(tmp_path: Path) -> None:
    storage, random, start = tmp_path / "storage", Random(11), 0
    for _ in range(4):
        daemon = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(DAEMON), str(storage), str(start)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert daemon.stdout is not None
        for _ in range(random.randint(1, 60)):
            start = int(daemon.stdout.readline()) + 1
        daemon.send_signal(signal.SIGKILL)
        start = max([start, *(int(line) + 1 for line in daemon.stdout if line.endswith("\n"))])
        daemon.wait()
        daemon.stdout.close()
    path = storage / "outbox.sqlite"
    async with await Outbox.open(path, SEAL, "boot", consumers=("evidence",)) as outbox:
        gateway = Gateway(storage, outbox)
        await until(gateway.service().run(), lambda: gateway.entered() >= start)
    report = verify(storage, Pins())
    assert report.unchanged, report.findings
    with ChainReader(storage / "chain.sqlite") as reader:
        ids = [str(entry.says["id"]) for n, entry in reader.entries() if n > 1]
    assert len(ids) == len(set(ids))
    assert {f"case{number}/0" for number in range(start)} <= set(ids)
