"""Live changes, over the real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.accounts.roles import Act, Role
from edge.worker.messages import CameraStatus
from streams.reader import CameraState
from tests.support.consoles import api_box
from tests.support.exchange import served
from tests.support.occurrences import message


async def told(answer: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    kind = ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


async def test_an_event_and_a_state_appear_and_the_stream_ends_with_the_right_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.api.watching._BEAT", 0.1)
    async with (
        api_box(tmp_path) as box,
        served(box.app) as (url, _),
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        asyncio.timeout(60),
    ):
        secret = await box.bearing(Role.VIEWER, Act.SEE, cameras=frozenset({"gate"}))
        headers = {"Authorization": f"Bearer {secret}"}
        async with client.stream("GET", "/api/v1/changes", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            while not len(box.parts.hub):
                await asyncio.sleep(0.01)
            await box.outbox.append(message("another", camera="pit"))
            await box.outbox.append(message("ours"))
            changes = told(answer)
            kind, event = await anext(changes)
            assert (kind, event["data"]["event_id"]) == ("event", "ours")
            box.parts.status.camera(CameraStatus(camera="gate", state=CameraState.LIVE))
            box.parts.watch.look(0.0)
            kind, state = await anext(changes)
            assert (kind, state["camera"]) == ("camera", "gate")
            (token,) = await box.parts.accounts.tokens()
            admin = await box.as_role(Role.ADMIN)
            assert (await admin.delete(f"/api/v1/tokens/{token.name}")).status_code == 204
            assert [change async for change in changes] == []
        while len(box.parts.hub):
            await asyncio.sleep(0.01)
