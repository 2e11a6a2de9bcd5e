"""Turning a real (simulated) camera by order, beside its patrol."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from edge.control import service
from edge.orders.office import Orders
from edge.status import Status
from streams.onvif import steering
from streams.onvif.spec import OnvifSpec
from tests.support.onvif_device import OnvifDevice
from tests.support.ordering import Place, asked, last, working


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steering, "POLL", 0.05)


@asynccontextmanager
async def standing(folder: Path, camera: OnvifDevice, **more: Any) -> AsyncIterator[Orders]:
    """A box whose camera `gate` is this one, connected."""
    login = {"username": "admin", "password": SecretStr(camera.password)}
    spec = OnvifSpec.model_validate(
        {"host": "127.0.0.1", "port": camera.port, "timeout": 30.0, "ptz": True, **login, **more}
    )
    orders, box = Place(folder).made()
    made = service("gate", spec, box.fleet, Status("en"), box.helm)()
    task = asyncio.create_task(made.run())
    try:
        async with working(orders):
            yield orders
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def connected(camera: OnvifDevice) -> None:
    await until(lambda: "GetStatus" in camera.asked)


async def test_it_turns_for_so_long_and_stops(tmp_path: Path) -> None:
    async with OnvifDevice() as camera, standing(tmp_path, camera) as orders:
        await connected(camera)
        order = asked(camera="gate", do="move", pan=0.5, tilt=-0.25, seconds=0.3)
        assert (await last(orders, "ptz", order)).state == "done"
        body = next(each for each in camera.bodies if b"ContinuousMove" in each)
        assert b'x="0.5"' in body
        assert b'y="-0.25"' in body
        assert b"PT0.3" in body
        await until(lambda: camera.stops)  # said as well, for cameras that do not heed the time
        assert (await last(orders, "ptz", order)).state == "done"
        assert camera.asked.count("ContinuousMove") == 1  # a repeat does not turn it again


async def test_it_stops_at_once_by_order(tmp_path: Path) -> None:
    async with OnvifDevice() as camera, standing(tmp_path, camera) as orders:
        await connected(camera)
        await last(orders, "ptz", asked(camera="gate", do="move", pan=1.0, seconds=8.0))
        assert (await last(orders, "ptz", asked(camera="gate", do="stop"))).state == "done"
        assert camera.stops == 1


async def test_a_preset_by_its_name_and_none_that_nobody_knows(tmp_path: Path) -> None:
    async with OnvifDevice() as camera, standing(tmp_path, camera) as orders:
        await connected(camera)
        assert (await last(orders, "preset", asked(camera="gate", preset="pit"))).state == "done"
        await until(lambda: camera.head.position == pytest.approx((0.5, -0.2, 0.1), abs=0.01))
        refused = await last(orders, "preset", asked(camera="gate", preset="moon"))
        assert (refused.state, refused.code) == ("refused", "order.no_preset")
        assert "pit" in refused.en.what
        assert camera.asked.count("GotoPreset") == 1


async def test_a_camera_that_is_not_connected_yet_is_told_by_its_code(tmp_path: Path) -> None:
    orders, box = Place(tmp_path).made()
    spec = OnvifSpec(host="127.0.0.1", ptz=True)
    service("gate", spec, box.fleet, Status("en"), box.helm)()  # made, and not running
    async with working(orders):
        failed = await last(orders, "ptz", asked(camera="gate", do="stop"))
    assert (failed.state, failed.code) == ("failed", "onvif.not_ready")


async def test_a_camera_that_fails_is_told_by_its_code(tmp_path: Path) -> None:
    async with OnvifDevice() as camera, standing(tmp_path, camera) as orders:
        await connected(camera)
        camera.answers["ContinuousMove"] = b"rubbish"
        camera.statuses["ContinuousMove"] = 500
        failed = await last(orders, "ptz", asked(camera="gate", do="move", pan=1.0))
        assert (failed.state, failed.code) == ("failed", "onvif.rubbish")
        assert camera.password not in str(failed)


async def test_a_camera_without_ptz_is_not_turned(tmp_path: Path) -> None:
    async with OnvifDevice() as camera, standing(tmp_path, camera, ptz=False) as orders:
        refused = await last(orders, "ptz", asked(camera="gate", do="stop"))
        assert (refused.state, refused.code) == ("refused", "order.no_ptz")
        assert (await last(orders, "preset", asked(camera="pit", preset="gate"))).code == "order.no_ptz"
