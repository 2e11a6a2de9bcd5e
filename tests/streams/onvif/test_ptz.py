import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from streams.onvif.device import connect
from streams.onvif.errors import NoService, Rubbish
from streams.onvif.pointing import Position
from streams.onvif.ptz import Ptz, Velocity
from tests.support.onvif_device import OnvifDevice

PATIENT = 30.0


@asynccontextmanager
async def camera(**options: Any) -> AsyncIterator[tuple[OnvifDevice, Ptz]]:
    async with OnvifDevice(**options) as there, connect("127.0.0.1", there.port, timeout=PATIENT) as device:
        yield there, await Ptz.of(device, "main")


async def still(ptz: Ptz) -> Position:
    async with asyncio.timeout(PATIENT):
        while (status := await ptz.status()).moving:
            await asyncio.sleep(0.02)
    assert status.position is not None
    return status.position


async def test_presets_are_listed_gone_to_and_stored() -> None:
    async with camera() as (there, ptz):
        assert [(each.token, each.name, each.position) for each in await ptz.presets()] == [
            ("1", "gate", Position(0.0, 0.0, 0.0)),
            ("2", "pit", Position(0.5, -0.2, 0.1)),
            ("3", "road", None),
        ]
        await ptz.go_to("2")
        assert await still(ptz) == Position(0.5, -0.2, 0.1)
        assert await ptz.store("pit again", "1") == "1"
        assert there.presets["1"] == ("pit again", (0.5, -0.2, 0.1))
        assert await ptz.store("new") == "4"


async def test_a_move_ends_by_itself_when_the_stop_is_lost() -> None:
    async with camera() as (there, ptz):
        there.head.speed = 0.01
        await ptz.move(Velocity(pan=1.0), seconds=1e9)
        assert (await ptz.status()).moving
        assert there.head.goal[0] == pytest.approx(0.08)  # eight seconds, not for ever


async def test_a_move_is_stopped() -> None:
    async with camera() as (there, ptz):
        there.head.speed = 0.1
        await ptz.move(Velocity(pan=-1.0, tilt=0.5), seconds=8)
        await ptz.stop()
        where = await still(ptz)
        assert where.pan < 0
        assert there.head.position == there.head.goal


async def test_an_absolute_move_stays_within_the_space() -> None:
    async with camera() as (_, ptz):
        await ptz.absolute(Position(7.0, -0.25, -3.0))
        assert await still(ptz) == Position(1.0, -0.25, 0.0)
        with pytest.raises(ValueError, match="finite"):
            await ptz.absolute(Position(float("nan"), 0.0))


async def test_what_the_status_leaves_out() -> None:
    async with camera(move_status=False) as (_, ptz):
        assert (await ptz.status()).moving is None
    async with camera(position_told=False) as (_, ptz):
        assert (await ptz.status()).position is None


async def test_a_status_of_rubbish() -> None:
    async with camera(answers={"GetStatus": b"<s:Envelope><s:Body><tt:x/></s:Body></s:Envelope>"}) as (
        _,
        ptz,
    ):
        with pytest.raises(Rubbish):
            await ptz.status()


async def test_orders_are_obeyed_though_the_answer_is_no_xml() -> None:
    garbled = dict.fromkeys(
        ("GotoPreset", "Stop", "ContinuousMove"), b"<s:Envelope><tptz:Done/></s:Envelope>"
    )
    async with camera(answers=garbled) as (there, ptz):
        await ptz.go_to("2")
        await ptz.move(Velocity(pan=1.0), 1.0)
        await ptz.stop()
        assert there.asked[-3:] == ["GotoPreset", "ContinuousMove", "Stop"]
        there.statuses["Stop"] = 500
        with pytest.raises(Rubbish):
            await ptz.stop()


async def test_a_camera_that_does_not_turn() -> None:
    async with (
        OnvifDevice(services=("media",)) as there,
        connect("127.0.0.1", there.port, timeout=PATIENT) as device,
    ):
        with pytest.raises(NoService):
            await Ptz.of(device, "main")
