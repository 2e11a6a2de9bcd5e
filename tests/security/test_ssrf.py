"""Nobody makes the box connect to itself, or to what a data centre keeps beside it: not by spelling, not by a name
server, not by a redirect, not by what a file or an answer says (OWASP: server-side request forgery)."""

import asyncio
import base64
import json
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from edge.evidence.stamping import BadStamp
from edge.probe.desk import work
from edge.probe.work import NothingCame, Request, probe
from edge.settings.evidence import TsaSettings
from edge.settings.upload import UploadSettings
from edge.upload.pace import Bucket
from edge.upload.problems import UploadLost, UploadRefused
from edge.upload.tus import TusServer
from inference.detector import DetectorFailed
from inference.detectors.kserve import Spec as KserveSpec
from inference.serving.http import HttpWire
from inference.serving.wire import Place as ModelPlace
from relay.handover import Handover, Sfu
from relay.token_problems import unknown
from relay.tokens import TokenRefused, Tokens
from relay.whipclient import SfuFailed, WhipClient
from streams.errors import Forbidden, Missing, StreamError, Unreachable
from streams.onvif.device import connect
from streams.onvif.errors import OnvifError
from streams.outgoing import ForbiddenAddress, connected, networks_of, sockets
from streams.problem import Misconfigured
from streams.sources import file, folder
from streams.sources.rtsp import Spec, build
from streams.telemetry.errors import Closed
from streams.telemetry.feeds import Place, TcpFeed
from tests.support import faults
from tests.support.sinks import Collector
from tests.support.traps import Resolver, trap

DISGUISED = [  # this box, written so that it reads as something else
    "2130706433",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "00000000177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.0.0.0x1",
    "0",
    "0.0.0.0",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:1::1]",
    "[fe80::5efe:127.0.0.1]",
    "[2001:0:1::1]",
    "127.0.0.①",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "127。0。0。1",
    "ｌｏｃａｌｈｏｓｔ",
    "%31%32%37.0.0.1",
    "box.site",  # its name server says 127.0.0.1
    "box6.site",
    "mapped.site",
    "twice.site",  # both of its addresses are forbidden
]
BESIDE = [  # what tells anybody its secrets, and what is nobody's address
    "169.254.169.254",
    "169.254.169.254.",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "metadata.site",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "[ff02::1]",
    "[fec0::1]",
]
PLAIN = ["127.0.0.1", "127.0.0.1.", "127.8.9.10", "[::1]", "localhost", "localhost.", "LOCALHOST"]
LOGIN = ["10.0.0.5@127.0.0.1", "10.0.0.5:554@127.0.0.1", "10.0.0.5%40@127.0.0.1", "a:b@c@127.0.0.1"]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(
        monkeypatch,
        box_site=[["127.0.0.1"]],
        box6_site=[["::1"]],
        mapped_site=[["::ffff:127.0.0.1"]],
        twice_site=[["169.254.169.254", "127.0.0.1"]],
        metadata_site=[["169.254.169.254"]],
    )


def rtsp(url: str) -> None:
    spec = Spec.model_validate({"url": url, "connect_timeout": 5, "read_timeout": 5})
    sink = Collector()
    build(spec).run(sink, sink.stop)


def camera(host: str, port: int) -> None:
    rtsp(f"rtsp://{host}:{port}/cam")


def camera_over_tls(host: str, port: int) -> None:
    rtsp(f"rtsps://{host}:{port}/cam")


def probed(host: str, port: int) -> None:
    probe(Request(SecretStr(f"rtsp://{host}:{port}/cam"), seconds=1, onvif_port=port))


def console(host: str, port: int) -> None:
    """As the console's page tests a camera (POST /api/v1/setup/try)."""
    try_out(f"rtsp://{host}:{port}/cam")


def try_out(url: str) -> None:
    work(json.dumps({"kind": "try", "url": url}).encode())


def onvif(host: str, port: int) -> None:
    async def asked() -> None:
        async with connect(host.strip("[]"), port, "admin", SecretStr("word")):
            raise AssertionError("connected")

    asyncio.run(asked())


def upload(host: str, port: int) -> None:
    settings = UploadSettings(url=f"http://{host}:{port}/files/")

    async def asked() -> None:
        async with TusServer(settings.url, Bucket(None), token="bearer-of-proof") as server:
            await server.abilities()

    asyncio.run(asked())


def stamp(host: str, port: int) -> None:
    settings = TsaSettings(url=f"http://{host}:{port}/tsa", ca_file=Path("ca.pem"))
    fetched(settings.url, host)


def fetched(url: str, *hosts: str) -> None:
    """As the time-stamping authority is asked."""

    async def asked() -> None:
        connector = aiohttp.TCPConnector(socket_factory=sockets(networks_of(*hosts)))
        async with aiohttp.ClientSession(connector=connector) as session:
            await session.post(url, allow_redirects=False)

    try:
        asyncio.run(asked())
    except aiohttp.ClientError as error:
        raise BadStamp(str(error)) from None


def model(host: str, port: int) -> None:
    url = KserveSpec(url=f"http://{host}:{port}").url
    bare = url.removeprefix("http://").rpartition(":")[0].strip("[]")
    HttpWire(ModelPlace(bare, port, secure=False, prefix="", model="m", version="")).offer(5.0)


def sfu(host: str, port: int) -> None:
    url = f"http://{host}:{port}/whip/{{group}}"

    async def asked() -> None:
        handover = Handover(Sfu(1, url, url, SecretStr("token")))
        try:
            await handover._client().post(url, "v=0\r\n")
        finally:
            await handover.close()

    asyncio.run(asked())


def receiver(host: str, port: int) -> None:
    place = Place.parse(f"{host}:{port}")
    TcpFeed(place, decoder=None, timeout=1.0).run(lambda _: None, Event())  # type: ignore[arg-type]


Target = Callable[[str, int], None]
CAMERAS: list[Target] = [camera, camera_over_tls, probed, console]
SERVERS: list[Target] = [onvif, upload, stamp, model, sfu, receiver]
# ValidationError and its like: the settings refuse it; the others: whoever would connect does. StreamError's Unreachable:
# what is neither an address nor a name that anybody knows.
REFUSALS = (
    ValidationError,
    ValueError,
    Misconfigured,
    NothingCame,
    Forbidden,
    Unreachable,
    OnvifError,
    UploadRefused,
    UploadLost,
    BadStamp,
    DetectorFailed,
    SfuFailed,
    Closed,
)


@pytest.mark.parametrize("host", [*DISGUISED, *PLAIN, *LOGIN])
@pytest.mark.parametrize("target", CAMERAS)
def test_no_camera_is_this_box(target: Target, host: str) -> None:
    with trap() as here:
        with pytest.raises(REFUSALS):
            target(host, here.port)
        assert here.connections == 0


@pytest.mark.parametrize("host", DISGUISED)
@pytest.mark.parametrize("target", SERVERS)
def test_no_server_is_this_box_in_disguise(target: Target, host: str) -> None:
    with trap() as here:
        with pytest.raises(REFUSALS):
            target(host, here.port)
        assert here.connections == 0


@pytest.mark.parametrize("host", BESIDE)
@pytest.mark.parametrize("target", [*CAMERAS, *SERVERS])
def test_nothing_is_a_metadata_service_or_nobody(
    target: Target, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connecting(*_: object) -> None:
        raise AssertionError("it tried to connect")

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connecting)
    with pytest.raises(REFUSALS):
        target(host, 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost"])
def test_a_server_on_this_box_can_be_meant(host: str) -> None:
    with trap() as here:
        connected(host, here.port, 5.0, networks_of(host)).close()


SCHEMES = [
    "file:///etc/passwd",
    "/etc/passwd",
    "concat:/etc/hostname|/etc/passwd",
    "subfile,,start,0,end,9,,:/etc/passwd",
    "exec:id",
    "pipe:0",
    "fd:0",
    "data:video/mp4;base64,AAAA",
    "lavfi:testsrc",
    "tcp://{place}",
    "udp://{place}",
    "rtp://{place}",
    "tls://{place}",
    "http://{place}/cam.m3u8",
    "https://{place}/cam.m3u8",
    "httpproxy://{place}",
    "ftp://{place}/cam",
    "sftp://{place}/cam",
    "gopher://{place}/_x",
    "unix:/run/docker.sock",
    "async:http://{place}",
    "cache:http://{place}",
    "crypto+http://{place}",
    "tee:rtsp://{place}|http://{place}",
    "rtspu://{place}/cam",
    "rtsp+http://{place}/cam",
    "satip://{place}/cam",
    "rtsp:{place}/cam",
    "rtsp:///cam",
    "rtsp://10.0.0.5#@{place}/cam",
    "rtsp://10.0.0.5/cam@{place}",
    "rtsp://10.0.0.5\r\nHost: {place}/cam",
    "rtsp://10.0.0.5 {place}/cam",
]


@pytest.mark.parametrize("url", SCHEMES)
@pytest.mark.parametrize("ask", [rtsp, lambda url: probe(Request(SecretStr(url), seconds=1)), try_out])
def test_a_camera_is_an_rtsp_address_and_nothing_else(ask: Callable[[str], None], url: str) -> None:
    with trap() as here:
        with pytest.raises((ValueError, Misconfigured)) as refused:
            ask(url.format(place=f"127.0.0.1:{here.port}"))
        assert here.connections == 0
    assert "passwd" not in str(refused.value)


AT_HOME = ("127.0.0.1/32",)  # the test's camera and nothing beside it
ELSEWHERE = [
    "rtsp://127.0.0.2:{port}/cam",
    "rtsp://localhost.site:{port}/cam",
    "rtsp://2130706434:{port}/cam",
    "rtsp://127.2:{port}/cam",
    "rtsp://[::1]:{port}/cam",
    "rtsp://[::ffff:127.0.0.2]:{port}/cam",
    "rtsp://169.254.169.254/latest",
    "http://127.0.0.1:{port}/cam",
    "file:///etc/passwd",
    "concat:/etc/passwd",
    "tcp://127.0.0.1:{port}",
    "//127.0.0.1:{port}/cam",
]


@pytest.mark.parametrize("to", ELSEWHERE)
@pytest.mark.parametrize("after_login", [False, True])
def test_a_camera_sends_us_to_no_forbidden_place(
    to: str, after_login: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    Resolver(monkeypatch, localhost_site=[["127.0.0.2"]])
    with trap() as here, wide_trap(here.port) as wide:
        handler = faults.redirects(to.format(port=here.port), after_login=after_login)
        with faults.Server(handler) as camera:
            url = camera.url.replace("//", "//admin:word@")
            spec = Spec.model_validate({"url": url, "allow_networks": AT_HOME, "connect_timeout": 5})
            sink = Collector()
            with pytest.raises(StreamError):
                build(spec).run(sink, sink.stop)
        assert here.connections == 0
        assert not knocked(wide)


class wide_trap:  # noqa: N801 (a context manager)
    """The same port on 127.0.0.2."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __enter__(self) -> socket.socket:
        self._socket = socket.create_server(("127.0.0.2", self._port))
        self._socket.settimeout(0.05)
        return self._socket

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def knocked(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.2\r\ns=x\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
    "a=control:rtsp://127.0.0.2:{port}/\r\nm=video {port} RTP/AVP 96\r\nc=IN IP4 127.0.0.2\r\n"
    "a=rtpmap:96 H264/90000\r\na=control:rtsp://127.0.0.2:{port}/track\r\n"
)


def test_a_description_leads_nowhere_else() -> None:
    with trap() as here, wide_trap(here.port) as wide:
        with faults.Server(faults.camera(SDP.format(port=here.port))) as camera:
            spec = Spec.model_validate(
                {"url": camera.url, "allow_networks": AT_HOME, "connect_timeout": 6, "read_timeout": 1}
            )
            sink = Collector()
            with pytest.raises(StreamError):
                build(spec).run(sink, sink.stop)
        assert not knocked(wide)
        assert here.connections == 0


def test_a_camera_option_in_the_address_opens_no_http() -> None:
    """FFmpeg reads ?http, ?tcp and their like out of an RTSP address."""
    heard: list[bytes] = []

    def listens(connection: socket.socket, over: Event) -> None:
        heard.append(faults.received(connection, over))

    with faults.Server(listens) as camera:
        for option in ("?http", "?https", "?udp_multicast"):
            spec = Spec.model_validate(
                {"url": camera.url + option, "allow_networks": AT_HOME, "connect_timeout": 5}
            )
            sink = Collector()
            with pytest.raises(StreamError):
                build(spec).run(sink, sink.stop)
    assert heard
    assert not any(data.startswith((b"GET", b"POST")) for data in heard)


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer would lead elsewhere, so there is no second question."""
    with trap() as here, wide_trap(here.port) as wide:
        with faults.Server(faults.camera(SDP.format(port=here.port))) as camera:
            resolver = Resolver(monkeypatch, moving_site=[["127.0.0.1"], ["127.0.0.2"]])
            url = camera.url.replace("127.0.0.1", "moving.site")
            spec = Spec.model_validate(
                {"url": url, "allow_networks": AT_HOME, "connect_timeout": 6, "read_timeout": 1}
            )
            sink = Collector()
            with pytest.raises(StreamError):
                build(spec).run(sink, sink.stop)
            assert camera.connections == 2, "asked once, opened once"
        assert resolver.asked["moving.site"] == 1
        assert not knocked(wide)


def test_a_camera_found_again_elsewhere_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, moving_site=[["169.254.169.254"], ["127.0.0.1"]])
    for _ in range(2):
        with pytest.raises(Forbidden):
            rtsp("rtsp://moving.site:554/cam")


def test_a_server_is_judged_at_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with trap() as here:
        Resolver(monkeypatch, moving_site=[["169.254.169.254"], ["127.0.0.1"], ["::1"]])
        for _ in range(3):
            with pytest.raises(ForbiddenAddress):
                connected("moving.site", here.port, 5.0, networks_of("moving.site"))
        assert here.connections == 0


def test_who_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UploadRefused) as refused:
        upload("box.site", 80)
    assert refused.value.problem.code == "upload.forbidden"
    assert "this box itself" in refused.value.problem.what.en
    assert "127.0.0.1" in refused.value.problem.what.zh
    with pytest.raises(OnvifError, match="this box itself"):
        onvif("box.site", 80)
    with pytest.raises(SfuFailed, match="metadata"):
        sfu("metadata.site", 80)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("asks", [onvif, upload, stamp, model, sfu])
async def test_http_redirects_lead_nowhere_forbidden(asks: Target, status: int) -> None:
    """SFUs may redirect (RFC 9725, 4.5), but no further than the box may go; nobody else may at all."""
    with trap() as here:
        allowed = here.port if asks is not sfu else 80
        to = f"http://{'127.0.0.1' if asks is not sfu else '169.254.169.254'}:{allowed}/"

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": to})

        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answer)
        async with serving(app) as port:
            if asks is stamp:  # its caller looks at the status: RFC 3161 knows no redirect
                await asyncio.to_thread(stamp, "127.0.0.1", port)
            else:
                with pytest.raises((UploadRefused, OnvifError, DetectorFailed, SfuFailed)):
                    await asyncio.to_thread(asks, "127.0.0.1", port)
        assert here.connections == 0


class serving:  # noqa: N801 (a context manager)
    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> int:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_a_token_never_goes_from_https_to_http() -> None:
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(status=404)

    app = web.Application()
    app.router.add_post("/{rest:.*}", answer)
    async with serving(app) as port, aiohttp.ClientSession() as session:
        client = WhipClient(session, SecretStr("token"))
        url = f"http://127.0.0.1:{port}/whip"
        await client._ask("POST", url, urlsplit(url.replace("http:", "https:")))
        await client._ask("POST", url, urlsplit(url))
    assert seen == [None, "Bearer token"]


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://{place}/a.ts\n#EXT-X-ENDLIST\n",
    "hls to a file": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "hls key": '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="http://{place}/k"\n'
    "#EXTINF:9,\na.ts\n#EXT-X-ENDLIST\n",
    "hls concat": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nconcat:http://{place}/a|/etc/passwd\n",
    "concat": "ffconcat version 1.0\nfile 'http://{place}/a.mp4'\n",
    "concat of a file": "ffconcat version 1.0\nfile '/etc/passwd'\n",
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video {port} RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\n",
    "quicktime reference": "RTSPtext\r\nrtsp://{place}/cam\r\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1"><BaseURL>http://{place}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>',
}


@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".sdp", ".mpd", ".ffconcat"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_clip_that_is_a_playlist_leads_nowhere(kind: str, suffix: str, tmp_path: Path) -> None:
    with trap() as here:
        clip = tmp_path / f"clip{suffix}"
        clip.write_text(PLAYLISTS[kind].format(place=f"127.0.0.1:{here.port}", port=here.port))
        sink = Collector()
        with pytest.raises(StreamError):
            file.build(file.Spec(path=clip)).run(sink, sink.stop)
        assert here.connections == 0
        assert sink.frames == []


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_picture_that_is_a_playlist_leads_nowhere(kind: str, tmp_path: Path) -> None:
    with trap() as here:
        for suffix in sorted(folder.SUFFIXES):
            text = PLAYLISTS[kind].format(place=f"127.0.0.1:{here.port}", port=here.port)
            (tmp_path / f"1{suffix}").write_text(text)
        sink = Collector()
        with pytest.raises(StreamError):
            folder.build(folder.Spec(path=tmp_path)).run(sink, sink.stop)
        assert here.connections == 0


@pytest.mark.parametrize(
    "path", ["concat:/etc/passwd", "http://127.0.0.1/a", "subfile,,:/etc/passwd", "pipe:0"]
)
def test_a_clip_is_a_file_whatever_its_name(path: str) -> None:
    sink = Collector()
    with pytest.raises(Missing):
        file.build(file.Spec(path=Path(path))).run(sink, sink.stop)


def test_a_signed_token_names_no_key_server() -> None:
    """RFC 7515 has headers that tell where the key is to be fetched (jku, x5u): none is looked at."""
    with trap() as here:
        for extra in ("jku", "x5u", "kid"):
            header = {"alg": "HS256", "typ": "JWT", extra: f"http://127.0.0.1:{here.port}/keys"}
            parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in (header, {})]
            with pytest.raises(TokenRefused) as refused:
                Tokens([], SecretStr("k" * 32), "site").check(".".join([*parts, "AAAA"]), 0.0)
            assert refused.value.problem == unknown()
        assert here.connections == 0
