import asyncio
import time
from contextlib import aclosing
from typing import Any

import pytest

from streams.onvif.device import connect
from streams.onvif.errors import NoService, Rubbish
from streams.onvif.events import BATCH, CameraEvent, events
from tests.support.onvif_device import OnvifDevice

PATIENT = 30.0


async def heard(camera: OnvifDevice, number: int) -> list[CameraEvent]:
    found: list[CameraEvent] = []
    async with (
        asyncio.timeout(PATIENT),
        connect("127.0.0.1", camera.port, timeout=PATIENT) as device,
        aclosing(events(device)) as stream,
    ):
        async for event in stream:
            found.append(event)
            if len(found) == number:
                break
    return found


@pytest.mark.parametrize("options", [{}, {"reference": "7f3a"}, {"reported": "192.168.1.64:80"}])
async def test_an_event_with_its_place_in_time_by_the_boxs_clock(options: dict[str, Any]) -> None:
    async with OnvifDevice(skew=-7200.0, **options) as camera:
        camera.happen("tns1:RuleEngine/tnsaxis:Cell/Motion", "true")
        (event,) = await heard(camera, 1)
        assert camera.subscriptions == 0  # the place on the camera was given back
    assert event.topic == "RuleEngine/Cell/Motion"
    assert (event.source, event.data) == ({"VideoSourceConfigurationToken": "vs1"}, {"IsMotion": "true"})
    assert event.operation == "Changed"
    assert event.time is not None
    assert abs(event.time - time.time()) < PATIENT


async def test_events_come_in_order_over_several_pulls() -> None:
    async with OnvifDevice(renewable=False) as camera:
        for number in range(2 * BATCH):
            camera.happen(value=str(number))
        asyncio.get_running_loop().call_later(0.5, camera.happen, "tns1:Device/Trigger", "last")
        found = await heard(camera, 2 * BATCH + 1)
    assert [each.data["IsMotion"] for each in found] == [*map(str, range(2 * BATCH)), "last"]


@pytest.mark.parametrize("operation", ["CreatePullPointSubscription", "PullMessages"])
async def test_rubbish_ends_it(operation: str) -> None:
    async with OnvifDevice(answers={operation: b"<rubbish>"}) as camera:
        with pytest.raises(Rubbish):
            await heard(camera, 1)


async def test_a_camera_without_events() -> None:
    async with OnvifDevice(services=("media",)) as camera:
        with pytest.raises(NoService):
            await heard(camera, 1)
