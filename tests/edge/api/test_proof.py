"""Evidence handed over by the console is what the command line hands over."""

import asyncio
from pathlib import Path

from edge.accounts.roles import Role
from edge.evidence.report import Pins
from edge.evidence.verify import verify
from tests.support.consoles import api_box
from tests.support.evidenced import Gateway


async def test_a_bundle_proves_itself_and_leaves_nothing_behind(tmp_path: Path) -> None:
    storage = tmp_path / "box"
    async with api_box(storage, None, "evidence") as box:
        gateway = Gateway(storage, box.outbox)
        keeping = asyncio.create_task(gateway.service().run())
        await box.outbox.append(gateway.proved("case-1"))
        async with asyncio.timeout(60):
            while not gateway.entered():
                await asyncio.sleep(0.02)
        operator = await box.as_role(Role.OPERATOR)
        before = {path.name for path in storage.iterdir()}
        answer = await operator.post("/api/v1/evidence/export", json={"cases": ["case-1"]})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/zip"
        assert len(answer.content) == int(answer.headers["content-length"])
        bundle = tmp_path / "evidence.zip"
        bundle.write_bytes(answer.content)
        assert verify(bundle, Pins()).unchanged
        assert {path.name for path in storage.iterdir()} == before
        unknown = await operator.post("/api/v1/evidence/export", json={"cases": ["nothing"]})
        assert unknown.status_code == 404
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_without_a_chain_it_is_said(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        operator = await box.as_role(Role.OPERATOR)
        answer = await operator.post("/api/v1/evidence/export", json={"since": 0})
        assert answer.status_code == 409
        assert answer.json()["code"] == "evidence.key"
