"""What strangers are told of the box: whether it does its work, and nothing else."""

import asyncio
from pathlib import Path

import httpx
import pytest

from edge.liveness import Hearing, Liveness
from edge.notify import Notify
from edge.outbox import Outbox
from edge.status import Status
from relay.http.app import application
from tests.support.occurrences import SEAL


@pytest.mark.parametrize("silent", [False, True])
async def test_the_box_that_hangs_says_so(silent: bool, tmp_path: Path) -> None:
    now = [0.0]
    hearing, status = Hearing(lambda: now[0]), Status("en")
    async with await Outbox.open(tmp_path / "outbox.sqlite", SEAL, "boot") as outbox:
        with hearing.worker(0):
            now[0] = 1000.0 if silent else 1.0
            looking = asyncio.create_task(Liveness(status, outbox, hearing, Notify(None, 0.04)).run())
            answer = await asked(status, 503 if silent else 200)
            looking.cancel()
            await asyncio.wait([looking])
    assert answer.json() == {"status": "failing" if silent else "ok"}
    assert set(answer.headers) <= HEADERS


HEADERS = {
    "content-length",
    "content-type",
    "cache-control",
    "content-security-policy",
    "permissions-policy",
    "referrer-policy",
    "vary",
    "x-content-type-options",
}


async def asked(status: Status, wanted: int) -> httpx.Response:
    """Until it says so; a few looks have to pass where nothing is wrong."""
    transport = httpx.ASGITransport(application([], alive=lambda: status.alive))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://box.test") as client,
        asyncio.timeout(30),
    ):
        for _ in range(10):
            answer = await client.get("/healthz")
            await asyncio.sleep(0.02)
        while answer.status_code != wanted:
            await asyncio.sleep(0.02)
            answer = await client.get("/healthz")
    return answer
