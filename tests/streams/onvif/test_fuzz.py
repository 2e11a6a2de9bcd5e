"""Some hundred spoilt answers: nothing but our own errors comes out, and no value of the wrong kind."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from streams.onvif.clock import ClockOffset
from streams.onvif.device import Device, connect
from streams.onvif.errors import OnvifError
from streams.onvif.events import CameraEvent, events
from streams.onvif.pointing import Pointing, PtzStatus
from streams.onvif.profiles import Profile, profiles
from streams.onvif.ptz import Ptz
from streams.onvif.service import OnvifCamera
from streams.onvif.spec import OnvifSpec
from streams.problem import Problem
from tests.support.onvif_device import OnvifDevice

ROUNDS = 150  # of every conversation below
JUNK = (
    b"<",
    b">",
    b"&",
    b"\0",
    b"\xff",
    b"]]>",
    b"<!--",
    b"<x/>",
    b"NaN",
    b"1e999",
    b"-",
    b"9" * 400,
    b'"',
    b"",
)


def spoil(rng: random.Random) -> Callable[[bytes], bytes]:
    """Bytes flipped, cut, doubled or replaced, the well-formed kind of damage among them."""

    def mangle(answer: bytes) -> bytes:
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(answer)) if answer else 0
            match rng.randrange(6):
                case 0:
                    answer = answer[:place]
                case 1:
                    answer = answer[:place] + rng.choice(JUNK) + answer[place + rng.randrange(8) :]
                case 2:
                    answer = answer[:place] + bytes([rng.randrange(256)]) + answer[place + 1 :]
                case 3:
                    start = answer.find(b">", place) + 1
                    end = answer.find(b"<", start)
                    answer = answer[:start] + rng.choice(JUNK) + answer[max(start, end) :]
                case 4:
                    answer = answer[:place] + answer[max(0, place - 60) :]
                case _:
                    digits = [n for n, byte in enumerate(answer) if 48 <= byte < 58]
                    at = rng.choice(digits) if digits else 0
                    answer = answer[:at] + rng.choice(JUNK) + answer[at + 1 :]
        return answer

    return mangle


async def survived(talk: Callable[[Device, OnvifDevice], Awaitable[None]]) -> None:
    rng = random.Random(20260501)
    failed: list[OnvifError] = []
    there = OnvifDevice(stream="rtsp://10.0.0.1/x")
    async with there as camera, connect("127.0.0.1", camera.port, timeout=30.0) as device:
        for _ in range(ROUNDS):
            camera.mangle = spoil(rng)
            try:
                await talk(device, camera)
            except OnvifError as error:
                failed.append(error)
    assert all(error.problem("gate").say("zh") for error in failed)
    assert failed  # or nothing was spoilt


async def test_connecting() -> None:
    async def talk(_: Device, camera: OnvifDevice) -> None:
        async with connect("127.0.0.1", camera.port, "admin", None, timeout=30.0):
            pass

    await survived(talk)


async def test_profiles_by_either_service() -> None:
    async def talk(device: Device, _: OnvifDevice) -> None:
        for each in await profiles(device):
            assert each.width > 0
            assert each.stream_url is not None
            assert each.stream_url.get_secret_value().startswith("rtsp://127.0.0.1")

    await survived(talk)


async def test_ptz() -> None:
    async def talk(device: Device, _: OnvifDevice) -> None:
        ptz = await Ptz.of(device, "main")
        status = await ptz.status()
        assert isinstance(status, PtzStatus)
        assert status.position is None or abs(status.position.pan) < float("inf")
        await ptz.presets()
        await ptz.store("x", "1")
        await ptz.stop()

    await survived(talk)


async def test_events() -> None:
    async def talk(device: Device, camera: OnvifDevice) -> None:
        camera.happen()
        async with aclosing(events(device)) as stream:
            event = await anext(stream)
            assert isinstance(event, CameraEvent)
            assert all(isinstance(value, str) for value in [*event.source.values(), *event.data.values()])

    await survived(talk)


async def test_the_whole_service_never_dies_of_rubbish() -> None:
    rng = random.Random(20260502)
    async with OnvifDevice() as camera:
        for _ in range(12):
            camera.mangle = spoil(rng)
            camera.happen()
            spec = OnvifSpec(host="127.0.0.1", port=camera.port, ptz=True, events=True, timeout=30.0)
            task = asyncio.create_task(OnvifCamera("gate", spec, Deaf()).run())
            done, _ = await asyncio.wait({task}, timeout=0.2)
            assert not done
            task.cancel()
            await asyncio.wait({task})


class Deaf:
    """A listener that only looks at the kinds of what it hears."""

    def pointing(self, pointing: Pointing) -> None:
        assert isinstance(pointing.since, float)

    def event(self, event: CameraEvent) -> None:
        assert isinstance(event.topic, str)

    def clock(self, clock: ClockOffset) -> None:
        assert clock.uncertainty >= 0.5

    def profiles(self, profiles: tuple[Profile, ...]) -> None:
        assert profiles

    def note(self, problem: Problem) -> None:
        assert problem.say("en")


async def test_clock() -> None:
    async def talk(device: Device, _: OnvifDevice) -> None:
        clock = await device.read_clock()
        assert clock is None or abs(clock.offset) < 1e12

    await survived(talk)
