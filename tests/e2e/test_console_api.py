"""The console's API in a running gateway: the first start, an event as it comes, its picture, its case, and the end."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import Mosquitto, until
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

PASSWORD = "river sand truck 17"


async def test_somebody_signs_in_sees_an_event_and_its_picture_and_answers_the_case(
    broker: Mosquitto, storage: Path, tmp_path: Path, demo_clip: Path
) -> None:
    port = free_port()
    with RtspServer(files=[demo_clip]) as camera:
        text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url))
        with Gateway(tmp_path, f"http: {{listen: '127.0.0.1:{port}'}}\n{text}") as gateway:
            code = (await asyncio.to_thread(gateway.wait, "accounts.first_start"))["code"]
            await asyncio.to_thread(gateway.wait, "web.listening")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
                assert (await client.get("/events")).status_code == 401
                first = {"code": code, "name": "duty", "password": PASSWORD}
                begun = await client.post("/first-start", json=first)
                assert begun.status_code < 300, begun.text
                # The cookie is Secure; browsers take loopback for that, this client does not.
                client.headers["Cookie"] = begun.headers["set-cookie"].partition(";")[0]
                client.headers["X-Sandwatch-CSRF"] = begun.json()["csrf"]
                event = (await soon(client, "/events", lambda found: found["events"]))["data"]["event_id"]
                shown = (await client.get(f"/events/{event}")).json()
                picture = await client.get(f"/events/{event}/files/0")
                assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg"), shown
                # More trucks come meanwhile, and a case follows its event.
                case = await soon(
                    client, "/cases", lambda all_: [it for it in all_ if it["event_id"] == event]
                )
                assert case["state"] == "open"
                closed = {"finding": "seen: a mistake"}
                answered = await client.post(f"/cases/{event}/close", json=closed)
                assert answered.status_code == 200, answered.text
                assert (await client.get(f"/cases/{event}")).json()["state"] == "closed"
                metrics = await httpx.AsyncClient(timeout=60).get(f"http://127.0.0.1:{port}/metrics")
                assert metrics.status_code == 401


async def soon(client: httpx.AsyncClient, path: str, items: Any) -> dict[str, Any]:
    """The first of a list, as soon as there is one."""
    found: list[dict[str, Any]] = []

    async def look() -> None:
        while not found:
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            found.extend(items(answer.json()))
            await asyncio.sleep(0.2)

    task = asyncio.create_task(look())
    await until(task.done, path)
    await task
    return found[0]
