"""A camera that can be turned: its zones hold where they were drawn, and nowhere else."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import Mosquitto, until, witness
from tests.support.onvif_device import OnvifDevice
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e


def dome(port: int) -> str:
    return f"""\
attention: always
clip: {{keep: false}}
zones: {{track: [[0.0, 0.4], [1.0, 0.4], [1.0, 1.0], [0.0, 1.0]]}}
onvif: {{host: 127.0.0.1, port: {port}, ptz: true, presets: {{gate: "1", pit: "2"}}, hold: 0s}}
presets: {{gate: [track]}}"""


async def test_zones_are_applied_at_their_preset_only(
    broker: Mosquitto, storage: Path, tmp_path: Path, demo_clip: Path
) -> None:
    async with OnvifDevice() as device, witness(broker.port) as seen:
        device.head.send((0.5, -0.2, 0.1))  # it points at the pit
        with RtspServer(files=[demo_clip]) as camera:
            streams = stream("dome", camera.url, dome(device.port), "zones: [track], dwell: 0.4s")
            text = site(broker=broker.port, storage=storage, streams=streams)
            with Gateway(tmp_path, text) as gateway:
                await asyncio.to_thread(gateway.wait, "camera.pointing", camera="dome", preset="pit")
                await asyncio.to_thread(gateway.wait, "camera.live", camera="dome")
                await asyncio.sleep(6)  # of pictures full of lorries, under a zone that does not hold here
                assert seen.events() == []
                device.head.send((0.0, 0.0, 0.0))
                await asyncio.to_thread(gateway.wait, "camera.pointing", camera="dome", preset="gate")
                await until(seen.events, "an event at the gate")
                assert seen.events()[0]["data"]["zone"] == "track"
                mark = len(gateway.lines)
                os.kill(gateway.workers()[0], 9)  # the next worker is told again where the camera points
                ready = await asyncio.to_thread(gateway.wait, "worker.ready", after=mark)
                mark = gateway.lines.index(ready)
                await asyncio.to_thread(gateway.wait, "event.stored", after=mark, phase="new")
                device.head.send((0.5, -0.2, 0.1))
                await until(
                    lambda: any(event["data"]["reason"] == "turned" for event in seen.events()),
                    "the end of what was open",
                )
