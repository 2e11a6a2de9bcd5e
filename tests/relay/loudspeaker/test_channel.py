"""The way to a loudspeaker, against cameras that do what the book says, and against those that do not."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from relay.loudspeaker import channel
from relay.loudspeaker.channel import Way
from relay.loudspeaker.errors import Garbled, Lost, NoCommonCodec, NoLoudspeaker
from relay.loudspeaker.offer import Taken
from relay.loudspeaker.spec import LoudspeakerSpec
from streams.errors import Busy, Forbidden, NotFound, Refused, StreamError, Unauthorized
from tests.support.loudspeaker import Script, ScriptedCamera, answer
from tests.support.running import LOOPBACK

PATIENT = 30.0
SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=recvonly\r\nm=audio 0 RTP/AVP 0 8\r\na=control:back\r\na=sendonly\r\n"
SESSION = ("Session: 77;timeout=60", "Transport: RTP/AVP/TCP;unicast;interleaved=4-5")
DIGEST = 'WWW-Authenticate: Digest realm="cam", nonce="{}"{}'


def spec(camera: ScriptedCamera, **more: Any) -> LoudspeakerSpec:
    return LoudspeakerSpec.model_validate({"url": camera.url, "allow_networks": LOOPBACK, **more})


def well(request: str, cseq: int) -> bytes:
    match request.split(" ", 1)[0]:
        case "DESCRIBE":
            return answer(cseq, 200, "Content-Base: rtsp://cam/base/", body=SDP)
        case "SETUP":
            return answer(cseq, 200, *SESSION)
    return answer(cseq)


def but(method: str, *answers: bytes | int, first: int = 0) -> Script:
    """Well, but for this method: its answers in turn, the last one for ever; the `first` requests go well."""
    left, seen = list(answers), 0

    def script(request: str, cseq: int) -> bytes | None:
        nonlocal seen
        if not request.startswith(f"{method} ") or (seen := seen + 1) <= first:
            return well(request, cseq)
        said = left.pop(0) if len(left) > 1 else left[0]
        return answer(cseq, said) if isinstance(said, int) else said

    return script


async def failed(script: Script, **more: Any) -> tuple[StreamError, ScriptedCamera]:
    async with ScriptedCamera(script) as camera:
        with pytest.raises(StreamError) as caught:
            async with asyncio.timeout(PATIENT):
                await channel.run(spec(camera, **more), lambda _, __: None)
    return caught.value, camera


class Open:
    """A channel that is open, and closed in good order at the end."""

    def __init__(self, camera: ScriptedCamera, **more: Any) -> None:
        self.opened = asyncio.Event()
        self.task = asyncio.create_task(channel.run(spec(camera, **more), self._note))

    def _note(self, taken: Taken, way: Way) -> None:
        self.taken, self.way = taken, way
        self.opened.set()

    async def __aenter__(self) -> "Open":
        opening = asyncio.create_task(self.opened.wait())
        await asyncio.wait({opening, self.task}, timeout=PATIENT, return_when=asyncio.FIRST_COMPLETED)
        if self.task.done():
            self.task.result()
        assert opening.done()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENT):
        while not true():
            await asyncio.sleep(0.01)


async def test_by_the_book() -> None:
    async with ScriptedCamera(well) as camera:
        async with Open(camera) as opened:
            assert (opened.taken.payload_type, opened.taken.control) == (8, "rtsp://cam/base/back")
        methods = [request.split()[0] for request in camera.requests]
    assert methods == ["DESCRIBE", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]  # the first only finds the camera
    assert all("Require: www.onvif.org/ver20/backchannel" in request for request in camera.requests[1:])
    assert all("Session: 77\r\n" in request for request in camera.requests[3:])
    assert camera.requests[2].startswith("SETUP rtsp://cam/base/back RTSP/1.0")


async def test_one_that_does_not_know_the_word_and_has_a_loudspeaker() -> None:
    async with ScriptedCamera(but("DESCRIBE", 551, answer(2, body=SDP), first=1)) as camera, Open(camera):
        assert "Require" in camera.asked("DESCRIBE")[1]
        assert not any("Require" in request for request in camera.requests[2:])


async def test_one_that_does_not_know_the_word_and_has_none() -> None:
    picture = SDP.partition("m=audio")[0]
    error, _ = await failed(but("DESCRIBE", 551, answer(2, body=picture), first=1))
    assert isinstance(error, NoLoudspeaker)
    assert "loudspeaker" in error.problem("gate").say("en")
    assert "扬声器" in error.problem("gate").say("zh")


async def test_one_whose_loudspeaker_takes_nothing_we_have() -> None:
    error, _ = await failed(but("DESCRIBE", answer(1, body=SDP.replace("0 8", "9"))))
    assert isinstance(error, NoCommonCodec)
    error, _ = await failed(well, codec="aac")
    assert isinstance(error, NoCommonCodec)


@pytest.mark.parametrize(
    ("method", "status", "kind"),
    [
        ("DESCRIBE", 404, NotFound),
        ("DESCRIBE", 403, Unauthorized),
        ("DESCRIBE", 401, Unauthorized),
        ("SETUP", 461, Refused),
        ("SETUP", 453, Busy),
        ("SETUP", 503, Busy),
        ("PLAY", 500, Busy),
        ("PLAY", 455, Refused),
        ("PLAY", 302, Forbidden),
    ],
)
async def test_refusals(method: str, status: int, kind: type[StreamError]) -> None:
    error, _ = await failed(but(method, status))
    assert isinstance(error, kind)


def guarded(*challenges: str) -> Script:
    return but(
        "DESCRIBE",
        *(answer(place, 401, each) for place, each in zip([1, 1, 2, 3, 4], challenges, strict=False)),
    )


async def test_a_wrong_password_is_tried_once() -> None:
    nonces = [DIGEST.format(nonce, "") for nonce in range(5)]
    error, camera = await failed(guarded(*nonces), username="admin", password="s3cret")
    assert isinstance(error, Unauthorized)
    assert sum("Authorization: Digest" in request for request in camera.requests) == 1
    assert "s3cret" not in "".join(camera.requests) + str(error) + error.problem("gate").say("zh")


async def test_a_nonce_that_is_always_old_ends() -> None:
    nonces = [DIGEST.format(nonce, ", stale=true") for nonce in range(5)]
    error, camera = await failed(guarded(*nonces), username="admin", password="s3cret")
    assert isinstance(error, Unauthorized)
    assert sum("Authorization: Digest" in request for request in camera.requests) <= 2


async def test_a_nonce_that_grows_old_in_between() -> None:
    script = but("PLAY", answer(4, 401, DIGEST.format("new", "")), answer(5))
    first = guarded(DIGEST.format("a", ""), DIGEST.format("a", ""))

    def both(request: str, cseq: int) -> bytes | None:
        if request.startswith("DESCRIBE") and "Authorization" not in request:
            return first(request, cseq)
        return script(request, cseq)

    async with ScriptedCamera(both) as camera, Open(camera, username="admin", password="s3cret"):
        assert 'nonce="new"' in camera.asked("PLAY")[-1]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"\x00" * 100_000,
        b"RTSP/1.0 200 OK\r\nX: " + b"y" * 100_000,
    ],
)
async def test_rubbish(rubbish: bytes) -> None:
    error, _ = await failed(but("DESCRIBE", rubbish, first=1))
    assert isinstance(error, Garbled)


@pytest.mark.parametrize("session", ["Session:", "Session: a b", "X: y", "Session: " + "7" * 500])
async def test_no_session_to_speak_of(session: str) -> None:
    error, _ = await failed(but("SETUP", answer(2, 200, session, SESSION[1])))
    assert isinstance(error, Garbled)


async def test_one_that_falls_silent_and_one_that_hangs_up() -> None:
    error, _ = await failed(but("SETUP", b""), answer_timeout=0.2)
    assert isinstance(error, Lost)
    hangs_up: Script = lambda request, cseq: None if "SETUP" in request else well(request, cseq)  # noqa: E731
    error, _ = await failed(hangs_up)
    assert isinstance(error, Lost)


async def test_answers_to_questions_that_were_not_asked() -> None:
    late = answer(1) + b"RTSP/1.0 100 Continue\r\nCSeq: 2\r\n\r\n" + answer(2, 200, *SESSION)
    async with ScriptedCamera(but("SETUP", late)) as camera, Open(camera):
        assert camera.asked("PLAY")


async def test_redirected_to_another_host() -> None:
    """It may be asked what it is, without the login; nothing else goes there."""
    async with ScriptedCamera(well, host="127.0.0.2") as other:
        moved = answer(1, 302, f"Location: {other.url}")
        error, _ = await failed(lambda _, __: moved, username="admin", password="s3cret")
        assert isinstance(error, Forbidden)
        assert not any("Authorization" in request or "SETUP" in request for request in other.requests)


async def test_redirected_on_the_same_host() -> None:
    async with ScriptedCamera(well) as other:
        moved = answer(1, 302, f"Location: {other.url}")
        async with ScriptedCamera(lambda _, __: moved) as camera, Open(camera):
            assert other.asked("PLAY")


async def test_kept_alive_and_by_options_where_the_other_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channel, "_ALIVE", 0.02)
    async with ScriptedCamera(but("GET_PARAMETER", 501)) as camera, Open(camera):
        await until(lambda: len(camera.asked("OPTIONS")) > 2)
    assert len(camera.asked("GET_PARAMETER")) == 1


async def test_a_session_that_the_camera_has_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "_ALIVE", 0.02)
    error, _ = await failed(but("GET_PARAMETER", 200, 454))
    assert isinstance(error, Lost)


async def test_a_question_of_the_camera_is_answered() -> None:
    asked = b"ANNOUNCE rtsp://box/ RTSP/1.0\r\nCSeq: 31\r\n\r\n"
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(4096):
            heard.append(request)
            if not request.startswith(b"RTSP/1.0 501"):
                writer.write(well(request.decode(), int(request.split(b"CSeq: ")[1].split()[0])) + asked)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        wanted = LoudspeakerSpec.model_validate(
            {"url": f"rtsp://127.0.0.1:{port}/", "allow_networks": LOOPBACK}
        )
        task = asyncio.create_task(channel.run(wanted, lambda _, __: None))
        await until(lambda: any(b"CSeq: 31" in each for each in heard))
        task.cancel()
        await asyncio.wait({task})


def listening(host: str, port: int = 0) -> socket.socket:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind((host, port))
    ear.setblocking(False)
    return ear


async def test_by_udp_to_the_camera_itself_and_to_nobody_it_names() -> None:
    with listening("127.0.0.1") as ear:
        port = ear.getsockname()[1]
        with listening("127.0.0.2", port) as victim:
            transport = f"Transport: RTP/AVP;unicast;source=127.0.0.2;destination=127.0.0.2;server_port={port}-{port + 1}"
            script = but("SETUP", answer(2, 200, SESSION[0], transport))
            async with ScriptedCamera(script) as camera, Open(camera, transport="udp") as opened:
                assert "RTP/AVP;unicast;client_port=" in camera.asked("SETUP")[0]
                assert opened.way(b"sound")
                async with asyncio.timeout(PATIENT):
                    assert await asyncio.get_running_loop().sock_recv(ear, 100) == b"sound"
            with pytest.raises(BlockingIOError):
                victim.recv(100)


async def test_packets_go_into_the_channel_that_was_granted() -> None:
    heard = asyncio.Event()

    def says(_: Taken, way: Way) -> None:
        assert way(b"sound")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(4096):
            if request.startswith(b"$\x04\x00\x05sound"):
                heard.set()
            else:
                writer.write(well(request.decode(), int(request.split(b"CSeq: ")[1].split()[0])))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        wanted = LoudspeakerSpec.model_validate(
            {"url": f"rtsp://127.0.0.1:{port}/", "allow_networks": LOOPBACK}
        )
        task = asyncio.create_task(channel.run(wanted, says))
        async with asyncio.timeout(PATIENT):
            await heard.wait()
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://camera/"},
        {"url": "rtsp://camera/", "packet_time": "30ms"},
        {"url": "rtsp://camera/", "codec": "opus"},
        {"url": "rtsps://camera/", "transport": "udp"},
        {"url": "rtsp://a%0d%0aX:b@camera/"},
        {"url": "rtsp://camera/", "username": "a", "password": "s3cret\r\nX: y"},
    ],
)
def test_settings_that_cannot_be_meant(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (pydantic's own)
        LoudspeakerSpec.model_validate(wrong)
    assert "s3cret" not in str(caught.value)


def test_packet_times_as_people_write_them() -> None:
    times = [
        LoudspeakerSpec.model_validate({"url": "rtsp://c/", "packet_time": t}).packet_time
        for t in ("40ms", 0.06)
    ]
    assert times == pytest.approx([0.04, 0.06])
