"""An event of a real gateway calls its officers together: by MQTT and in the browser's channel, recorded and counted."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiortc import RTCSessionDescription

from edge.site_id import SiteId
from relay.shelf import sha256
from tests.support.callers import Tone
from tests.support.centre import Centre, centre
from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import Mosquitto, until
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer
from tests.support.talking import TOKEN, Officer

pytestmark = pytest.mark.e2e

TALK = f"""\
access:
  tokens:
    - {{name: all, secret: {TOKEN}, may: [publish, watch, speak], groups: ["*"], members: ["*"], cameras: ["*"]}}
talk:
  groups:
    - name: patrol
      silence: 30s
      members:
        - {{name: desk, role: operator, priority: 5}}
        - {{name: badge-1, role: body_camera}}
"""
HERE = SiteId("410000", "410100", "410122", "test")


async def dials(web: httpx.AsyncClient, officer: Officer, group: str, token: str = TOKEN) -> None:
    """By HTTP, as a page does; until the group knows it."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    reply = await web.post(f"/talk/{group}/{officer.name}", content=await officer.offer(), headers=headers)
    assert reply.status_code == 201, reply.text
    await officer.connection.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))
    await officer.told("roster")


def called(office: Centre, call: str) -> list[dict[str, Any]]:
    """How the desk heard of it: of other events it may hear as well."""
    rings = [told for topic, told, _ in office.heard if topic.endswith("/call/desk")]
    return [told for told in rings if told["call"] == call]


async def test_an_event_calls_its_officers_and_what_they_say_is_kept(
    broker: Mosquitto, storage: Path, tmp_path: Path, demo_clip: Path
) -> None:
    port = free_port()
    respond = "respond: {members: [desk, badge-1], least: info}"
    with RtspServer(files=[demo_clip]) as camera:
        text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url, respond))
        listen = f'http: {{listen: "127.0.0.1:{port}"}}\n'
        with Gateway(tmp_path, listen + TALK + text) as gateway:
            await asyncio.to_thread(gateway.wait, "web.listening")
            async with (
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as web,
                centre(broker.port, site=HERE) as office,
                Officer("badge-1", Tone(880)) as badge,
            ):
                await dials(web, badge, "patrol")
                ring = await badge.told("ring")
                assert ring["subject"] == "gate: vehicle.zone"
                await until(lambda: called(office, ring["call"]), "the same call by MQTT")
                [told] = called(office, ring["call"])
                async with Officer("desk", Tone(440)) as desk, Officer("badge-1", Tone(880)) as answering:
                    await dials(web, desk, told["call"], told["token"])
                    await dials(web, answering, ring["call"], ring["token"])
                    desk.presses()
                    await answering.told("taken", by="desk")
                    await answering.hears_tone(440)
                    desk.lets_go()
                    await answering.told("idle")
                places = await office.asks("places")
                assert [place["name"] for place in places["cameras"]] == ["gate"]
    (log,) = (storage / "evidence" / "talk").rglob("floor.jsonl")
    entry = json.loads(log.read_text().splitlines()[0])
    assert (entry["group"], entry["member"]) == (ring["call"], "desk")
    assert entry["sha256"] == sha256(storage / "evidence" / "talk" / entry["file"])
