"""Connections to a camera: the login it takes, its clock, and everything that may stand there instead."""

import asyncio
import traceback
from collections.abc import Callable
from typing import Any, Literal

import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from streams.onvif import errors, soap
from streams.onvif.device import Device, Login, connect
from streams.onvif.errors import OnvifError
from tests.support.onvif_device import OnvifDevice
from tests.support.onvif_xml import FAULT

LOGINS: tuple[Literal["digest", "wsse"], ...] = ("digest", "wsse")
PATIENT = 30.0  # s: a loaded machine is not a broken camera


async def met(camera: OnvifDevice, password: str | None = None, timeout: float = PATIENT) -> Device:
    """Connected once; what it found out is still there afterwards."""
    word = SecretStr(camera.password if password is None else password)
    async with connect("127.0.0.1", camera.port, camera.username, word, timeout=timeout) as device:
        return device


async def refused(port: int, timeout: float = PATIENT) -> OnvifError:
    with pytest.raises(OnvifError) as caught:
        async with connect("127.0.0.1", port, "admin", SecretStr("s3cret"), timeout=timeout):
            pass
    return caught.value


@pytest.mark.parametrize(
    ("auth", "login"), [("none", Login.DIGEST), ("digest", Login.DIGEST), ("wsse", Login.WSSE)]
)
async def test_the_login_ladder(auth: Literal["none", "digest", "wsse"], login: Login) -> None:
    async with OnvifDevice(auth=auth) as camera:
        device = await met(camera)
        assert device.login is login
        assert all(device.has(each) for each in (soap.MEDIA, soap.MEDIA2, soap.PTZ, soap.EVENTS))
        assert not any(camera.password.encode() in body for body in camera.bodies)


@pytest.mark.parametrize("skew", [-86400.0 * 365, -3600.0, 7200.0])
async def test_a_clock_that_is_wrong_is_measured_and_does_not_lock_us_out(skew: float) -> None:
    async with OnvifDevice(auth="wsse", skew=skew) as camera:
        device = await met(camera)
    assert device.clock is not None
    assert abs(device.clock.offset - skew) <= device.clock.uncertainty
    assert device.clock.uncertainty >= 0.5


@pytest.mark.parametrize("auth", ["digest", "wsse"])
async def test_a_wrong_password_costs_at_most_two_attempts(auth: Literal["digest", "wsse"]) -> None:
    async with OnvifDevice(auth=auth) as camera:
        with pytest.raises(errors.WrongLogin):
            await met(camera, password="s3cret")
        assert 1 <= camera.refused <= 2


async def test_no_login_is_asked_for_where_none_is_given() -> None:
    async with OnvifDevice() as camera, connect("127.0.0.1", camera.port, timeout=PATIENT) as device:
        assert device.login is Login.NONE
    assert not any(b"UsernameToken" in body for body in camera.bodies)


async def test_one_that_wants_a_login_and_gets_none() -> None:
    async with OnvifDevice(auth="digest") as camera:
        with pytest.raises(errors.WrongLogin):
            async with connect("127.0.0.1", camera.port, timeout=PATIENT):
                pass


async def test_services_of_an_old_camera_and_of_one_behind_a_port_forward() -> None:
    async with OnvifDevice(get_services=False, reported="192.168.1.64:80") as camera:
        await met(camera)
        async with connect("127.0.0.1", camera.port, timeout=PATIENT) as device:
            await (await device.service(soap.PTZ)).call("GetPresets", ProfileToken="main")
    assert camera.asked[-1] == "GetPresets"


async def test_a_camera_that_hides_its_clock() -> None:
    async with OnvifDevice(answers={"GetSystemDateAndTime": b"<html>not here</html>"}) as camera:
        assert (await met(camera)).clock is None


async def test_a_closed_port() -> None:
    async with OnvifDevice() as camera:
        port = camera.port
    error = await refused(port)
    assert isinstance(error, errors.Unreachable)
    assert f"127.0.0.1:{port}" in str(error)


async def test_one_that_never_answers() -> None:
    async with OnvifDevice(silent={"GetSystemDateAndTime"}) as camera:
        assert isinstance(await refused(camera.port, timeout=0.3), errors.TimedOut)


async def test_one_that_hangs_up() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        error = await refused(server.sockets[0].getsockname()[1])
    assert isinstance(error, errors.Unreachable)


@pytest.mark.parametrize(
    "page", [b"<html><body>Router login</body></html>", b"", b"\x00\xff" * 100, b"SSH-2.0-x"]
)
async def test_a_web_page_is_not_a_camera(page: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=page)

    async with serving(answer) as port:
        assert isinstance(await refused(port), errors.NotOnvif)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, errors.WrongLogin),
        (403, errors.WrongLogin),
        (404, errors.NotOnvif),
        (500, errors.NotOnvif),
        (503, errors.Busy),
    ],
)
async def test_what_http_says(status: int, expected: type[OnvifError]) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="no")

    async with serving(answer) as port:
        assert type(await refused(port)) is expected


async def test_a_redirect_is_not_followed_with_our_login() -> None:
    async with OnvifDevice() as trap, OnvifDevice(redirect=f"http://127.0.0.1:{trap.port}/") as camera:
        assert isinstance(await refused(camera.port), errors.NotOnvif)
        assert camera.asked
        assert trap.asked == []


async def test_a_fault_in_a_service_is_rubbish_and_a_missing_operation_is_named() -> None:
    async with OnvifDevice() as camera, connect("127.0.0.1", camera.port, timeout=PATIENT) as device:
        service = await device.service(soap.PTZ)
        with pytest.raises(errors.NoService):
            await service.call("GetNodes")
        with pytest.raises(errors.Rubbish):
            await service.call("GotoPreset", ProfileToken="main", PresetToken="99")


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 30) for n in range(8))
    + b"]>"
)


@pytest.mark.parametrize(
    "answer",
    [
        BOMB
        + b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&i;</s:Body></s:Envelope>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/evil.dtd"><x/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
        b'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:{port}/p">%e;]><x/>',
        b"<x>" * 100_000,
        b"x" * (soap.LARGEST_ANSWER + 1),
    ],
)
async def test_hostile_xml_is_refused_and_fetches_nothing(answer: bytes) -> None:
    async with OnvifDevice() as trap:
        hostile = answer.replace(b"{port}", str(trap.port).encode())
        async with (
            OnvifDevice(answers={"GetPresets": hostile}) as camera,
            connect("127.0.0.1", camera.port, timeout=PATIENT) as device,
        ):
            service = await device.service(soap.PTZ)
            with pytest.raises(errors.Rubbish):
                await service.call("GetPresets", ProfileToken="main")
        assert trap.asked == []


@pytest.mark.parametrize(
    ("mangle", "fine"),
    [
        (lambda answer: answer.replace(b"?>", b"?><!-- fine -->", 1), True),
        (lambda answer: answer.replace(b"?>", b"?><!DOCTYPE x>", 1), False),
        (lambda answer: answer + b" " * soap.LARGEST_ANSWER, False),
    ],
)
async def test_a_good_answer_is_refused_for_a_dtd_or_its_size_alone(
    mangle: Callable[[bytes], bytes], fine: bool
) -> None:
    async with OnvifDevice() as camera, connect("127.0.0.1", camera.port, timeout=PATIENT) as device:
        service = await device.service(soap.PTZ)
        camera.mangle = mangle
        if fine:
            assert len(await service.call("GetPresets", ProfileToken="main")) == 3
        else:
            with pytest.raises(errors.Rubbish):
                await service.call("GetPresets", ProfileToken="main")


async def test_a_bare_ampersand_is_forgiven() -> None:
    stream = "rtsp://{host}/cam?channel=1&subtype=0&token={token}"
    async with (
        OnvifDevice(stream=stream) as camera,
        connect("127.0.0.1", camera.port, timeout=PATIENT) as device,
    ):
        media = await device.service(soap.MEDIA)
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        answer = await media.call("GetStreamUri", StreamSetup=setup, ProfileToken="sub")
    assert answer.Uri == "rtsp://127.0.0.1/cam?channel=1&subtype=0&token=sub"


async def test_nothing_that_is_said_or_logged_holds_a_secret() -> None:
    """Not the password, not the login's digest, not what the camera answered."""
    echo = b"<s3cret-in-answer>" + FAULT.format("Broken s3cret-in-answer").encode()
    said: list[OnvifError] = []
    with capture_logs() as logs:
        for auth in LOGINS:
            async with OnvifDevice(auth=auth, answers={"GetPresets": echo}) as camera:
                said += await complaints(camera)
    assert all(each.__context__ is None and each.__cause__ is None for each in said)
    text = "".join(
        f"{each!r} {each} {each.problem('gate')} {traceback.format_exception(each)}" for each in said
    )
    assert "onvif.unauthorized" in text
    assert "onvif.rubbish" in text
    assert "s3cret" not in text + repr(logs)
    assert "wörd" not in text + repr(logs)


async def complaints(camera: OnvifDevice) -> list[OnvifError]:
    """All that goes wrong with a wrong password, and with the right one."""
    found: list[OnvifError] = []
    for word in (SecretStr("s3cret"), SecretStr(camera.password)):
        try:
            async with connect("127.0.0.1", camera.port, "admin", word, timeout=PATIENT) as device:
                service = await device.service(soap.PTZ)
                await service.call("GetPresets", ProfileToken="main")
        except OnvifError as error:
            found.append(error)
    return found


async def test_an_answer_takes_no_longer_than_its_time_out_even_in_drops() -> None:
    async def dribble(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    async with serving(dribble) as port, asyncio.timeout(PATIENT):
        assert isinstance(await refused(port, timeout=0.5), errors.TimedOut)


class serving:  # noqa: N801 (it reads as a verb)
    """A web server with one handler: `async with serving(handler) as port`."""

    def __init__(self, handler: Any) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)

    async def __aenter__(self) -> int:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
