"""A whole camera as the supervisor runs it: what its listener hears, and when `run` raises."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from pydantic import SecretStr

from streams.onvif import steering
from streams.onvif.clock import ClockOffset
from streams.onvif.errors import NotReady, TimedOut, Unreachable, WrongLogin
from streams.onvif.events import CameraEvent
from streams.onvif.pointing import Pointing
from streams.onvif.profiles import Profile
from streams.onvif.ptz import Velocity
from streams.onvif.service import OnvifCamera
from streams.onvif.spec import OnvifSpec
from streams.problem import Problem
from tests.support.onvif_device import OnvifDevice
from tests.support.onvif_xml import ENVELOPE, FAULT

PATIENT = 30.0


class Heard:
    def __init__(self) -> None:
        self.pointings: list[Pointing] = []
        self.events: list[CameraEvent] = []
        self.clocks: list[ClockOffset] = []
        self.found: tuple[Profile, ...] = ()
        self.problems: list[Problem] = []

    def pointing(self, pointing: Pointing) -> None:
        self.pointings.append(pointing)

    def event(self, event: CameraEvent) -> None:
        self.events.append(event)

    def clock(self, clock: ClockOffset) -> None:
        self.clocks.append(clock)

    def profiles(self, profiles: tuple[Profile, ...]) -> None:
        self.found = profiles

    def note(self, problem: Problem) -> None:
        self.problems.append(problem)

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.problems]

    @property
    def preset(self) -> str | None:
        return self.pointings[-1].preset if self.pointings else None

    @property
    def text(self) -> str:
        return " ".join(f"{each.say('en')} {each.say('zh')}" for each in self.problems)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENT):
        while not true():
            await asyncio.sleep(0.02)


def spec(camera: OnvifDevice, **more: Any) -> OnvifSpec:
    known = {"host": "127.0.0.1", "port": camera.port, "username": "admin", "timeout": PATIENT}
    return OnvifSpec.model_validate({**known, "password": SecretStr(camera.password), **more})


@asynccontextmanager
async def running(
    camera: OnvifDevice, reprobe: float = 3600.0, **more: Any
) -> AsyncIterator[tuple[OnvifCamera, Heard]]:
    heard = Heard()
    service = OnvifCamera("gate", spec(camera, **more), heard, login_wait=0.01, reprobe=reprobe)
    task = asyncio.create_task(service.run())
    try:
        yield service, heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def fails(camera: OnvifDevice, **more: Any) -> tuple[Exception, Heard]:
    heard = Heard()
    service = OnvifCamera("gate", spec(camera, **more), heard, login_wait=0.01)
    with pytest.raises(Exception) as caught:  # noqa: PT011 (which one is what the tests look at)
        await asyncio.wait_for(service.run(), PATIENT)
    return caught.value, heard


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steering, "POLL", 0.05)


async def test_a_camera_with_everything() -> None:
    async with OnvifDevice(auth="wsse", skew=-3600) as camera:
        camera.happen()
        async with running(camera, ptz=True, events=True) as (_, heard):
            await until(lambda: heard.events and heard.clocks and heard.preset == "gate")
            assert heard.clocks[0].offset == pytest.approx(-3600, abs=PATIENT)
            assert [each.token for each in heard.found] == ["main", "sub", "mini"]
            assert heard.problems == []
        assert heard.preset is None  # stopped: nobody may go on believing the last word
        assert camera.subscriptions == 0


async def test_somebody_elses_joystick_takes_the_preset_away() -> None:
    async with OnvifDevice() as camera, running(camera, ptz=True) as (_, heard):
        await until(lambda: heard.preset == "gate")
        camera.head.send((0.3, 0.0, 0.0))
        await until(lambda: heard.preset is None)
        camera.head.send((0.5, -0.2, 0.1))
        await until(lambda: heard.preset == "pit")


async def test_our_names_for_its_presets_and_one_that_it_lacks() -> None:
    presets = {"pit edge": "2", "bridge": "17"}
    async with OnvifDevice() as camera, running(camera, ptz=True, presets=presets) as (service, heard):
        await until(lambda: "onvif.presets_missing" in heard.codes and heard.pointings)
        assert "bridge" in heard.text
        await service.steering.go_to("pit edge")
        await until(lambda: heard.preset == "pit edge")
        with pytest.raises(NotReady):
            await service.steering.go_to("nowhere")


async def test_a_patrol_and_a_hand_that_interrupts_it() -> None:
    patrol = [{"preset": "gate", "dwell": 0.2}, {"preset": "pit", "dwell": 0.2}]
    async with (
        OnvifDevice() as camera,
        running(camera, ptz=True, patrol=patrol, hold=3600) as (service, heard),
    ):
        await until(
            lambda: [each.preset for each in heard.pointings if each.preset][:3] == ["gate", "pit", "gate"]
        )
        await service.steering.move(Velocity(pan=-0.3), 0.2)
        went = camera.asked.count("GotoPreset")
        await until(lambda: camera.stops == 1)  # sent as well, for cameras that do not heed the time
        await asyncio.sleep(0.5)
        assert camera.asked.count("GotoPreset") == went
        service.steering.pause()
        service.steering.resume()
        await until(lambda: camera.asked.count("GotoPreset") > went)


async def test_a_hand_has_the_last_word_over_a_patrol_on_its_way() -> None:
    """Also where the camera takes its time over the patrol's order."""
    patrol, slow = [{"preset": "pit", "dwell": 0.2}], asyncio.Event()
    async with (
        OnvifDevice(slow={"GotoPreset": slow}) as camera,
        running(camera, ptz=True, patrol=patrol, hold=3600) as (service, _),
    ):
        await until(lambda: "GotoPreset" in camera.asked)
        hand = asyncio.create_task(service.steering.move(Velocity(pan=-0.3), 0.2))
        await asyncio.sleep(0.2)  # what would overtake has done so
        slow.set()
        await hand
        ours = [each for each in camera.done if each in ("GotoPreset", "ContinuousMove")]
        assert ours == ["GotoPreset", "ContinuousMove"]


async def test_a_camera_that_does_not_say_where_it_points() -> None:
    broken = OnvifDevice(answers={"GetStatus": b"<broken"})
    async with broken as camera, running(camera, ptz=True, settle=0.2) as (service, heard):
        await until(lambda: heard.pointings)
        assert heard.codes == ["onvif.pointing_assumed"]
        assert heard.preset is None
        await service.steering.go_to("pit")
        assert heard.pointings[-1].moving
        await until(lambda: heard.preset == "pit")
        assert heard.pointings[-1].assumed


@pytest.mark.parametrize(
    ("broken", "works"),
    [
        ("GetProfiles", "events"),
        ("CreatePullPointSubscription", "ptz"),
        ("GetSystemDateAndTime", "ptz"),
        ("PullMessages", "ptz"),
    ],
)
async def test_one_broken_service_is_switched_off_and_the_others_go_on(broken: str, works: str) -> None:
    async with OnvifDevice(answers={broken: b"<html>oops"}) as camera:
        camera.happen()
        async with running(camera, ptz=True, events=True) as (_, heard):
            await until(lambda: heard.events if works == "events" else heard.preset == "gate")
            await until(lambda: "onvif.service_off" in heard.codes)


async def test_a_user_who_may_look_but_not_steer() -> None:
    denied = ENVELOPE.format(FAULT.format("NotAuthorized")).encode()
    async with OnvifDevice(answers={"GetPresets": denied}, statuses={"GetPresets": 400}) as camera:
        camera.happen()
        async with running(camera, ptz=True, events=True) as (service, heard):
            await until(lambda: heard.events and "onvif.service_off" in heard.codes)
            with pytest.raises(NotReady):
                _ = service.steering


async def test_nothing_usable_means_plain_rtsp_and_no_failure() -> None:
    rubbish = dict.fromkeys(("GetSystemDateAndTime", "GetProfiles", "GetPresets", "GetStatus"), b"<x")
    poor = OnvifDevice(answers=rubbish, services=())
    async with poor as camera, running(camera, ptz=True, events=True) as (_, heard):
        await until(lambda: "onvif.plain_rtsp" in heard.codes)
    web_shop = OnvifDevice(mangle=lambda _: b"<html>shop</html>")
    async with web_shop as camera, running(camera) as (_, heard):
        await until(lambda: heard.codes == ["onvif.not_onvif", "onvif.plain_rtsp"])


async def test_a_wrong_password_is_told_waited_for_and_raised() -> None:
    async with OnvifDevice(auth="digest") as camera:
        error, heard = await fails(camera, password="s3cret")
    assert isinstance(error, WrongLogin)
    assert heard.codes == ["onvif.unauthorized"]
    assert "s3cret" not in heard.text + repr(error)


async def test_a_password_changed_while_it_runs() -> None:
    async with OnvifDevice(auth="digest") as camera:
        heard = Heard()
        service = OnvifCamera("gate", spec(camera, ptz=True), heard, login_wait=0.01)
        task = asyncio.create_task(service.run())
        await until(lambda: heard.preset == "gate")
        camera.password = "another"
        with pytest.raises(WrongLogin):
            await asyncio.wait_for(task, PATIENT)
        assert heard.preset is None


async def test_a_clock_set_while_it_runs_is_not_taken_for_a_wrong_password() -> None:
    async with OnvifDevice(auth="wsse") as camera, running(camera, ptz=True) as (_, heard):
        await until(lambda: heard.preset == "gate")
        camera.skew = 3600.0
        await until(lambda: heard.clocks[-1].offset > 3000 and heard.preset == "gate")
        assert heard.problems == []


async def test_what_was_switched_off_is_asked_for_again() -> None:
    broken = OnvifDevice(answers={"GetProfiles": b"<x"})
    async with broken as camera, running(camera, reprobe=0.2, ptz=True) as (_, heard):
        await until(lambda: "onvif.service_off" in heard.codes)
        del camera.answers["GetProfiles"]
        await until(lambda: heard.preset == "gate")


async def test_a_camera_that_is_not_there_or_falls_silent_is_raised_for_the_supervisor() -> None:
    async with OnvifDevice() as camera:
        heard = Heard()
        service = OnvifCamera("gate", spec(camera, ptz=True, timeout=5.0), heard)
        task = asyncio.create_task(service.run())
        await until(lambda: heard.preset == "gate")
        camera.silent.add("GetStatus")
        with pytest.raises(TimedOut):
            await asyncio.wait_for(task, PATIENT)
        assert heard.preset is None
    error, _ = await fails(camera)
    assert isinstance(error, Unreachable)


async def test_a_subscription_that_the_camera_forgets_is_made_again() -> None:
    async with OnvifDevice() as camera, running(camera, events=True) as (_, heard):
        camera.happen()
        await until(lambda: heard.events)
        camera.answers["PullMessages"] = b"<gone"
        camera.happen()
        await until(lambda: camera.asked.count("CreatePullPointSubscription") > 1)
        del camera.answers["PullMessages"]
        await until(lambda: len(heard.events) > 1)
        assert heard.problems == []
