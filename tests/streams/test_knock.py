"""Where an address really leads, found out before anybody goes there."""

import socket
import ssl
import threading
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from streams import errors, knock
from streams.knock import Tls, reach
from streams.networks import Networks
from streams.sources.rtsp import Spec, build
from tests.support import faults
from tests.support.certificates import self_signed
from tests.support.rtsp import RtspServer
from tests.support.running import LOOPBACK
from tests.support.sinks import Collector, eventually

HERE = Networks((ip_network("127.0.0.1"),))
ELSEWHERE = "127.0.0.2"  # an address of this machine that HERE does not allow


def watched(url: str, pictures: int = 2, **settings: object) -> Collector:
    sink = Collector(enough=pictures)
    plain: dict[str, object] = {"url": url, "allow_networks": ["127.0.0.1"], "connect_timeout": "20s"}
    build(Spec.model_validate({**plain, "read_timeout": "20s", **settings})).run(sink, sink.stop)
    return sink


class NameServer:
    """Knows camera.invalid only. answers: its addresses, another list each time it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.asked = 0
        self._answers, self._real = answers, socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: str, port: int | None, *more: int, **words: int) -> list[tuple[object, ...]]:
        if host != "camera.invalid":
            return list(self._real(host, port, *more, **words))
        self.asked += 1
        found = self._answers[min(self.asked, len(self._answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]


def test_the_box_itself_is_no_camera() -> None:
    with RtspServer() as camera, pytest.raises(errors.Forbidden) as caught:
        watched(camera.url, allow_networks=[])
    problem = caught.value.problem("gate")
    assert "this box itself" in problem.say("en")
    assert "allow_networks" in problem.do.en
    assert "allow_networks" in problem.do.zh


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST"])
def test_a_name_is_judged_by_what_it_stands_for(name: str) -> None:
    with faults.Server(faults.black_hole) as server:
        with pytest.raises(errors.Forbidden):
            reach(SecretStr(server.url.replace("127.0.0.1", name)), Networks(), Tls(), 20)
        assert server.connections == 0


def test_a_name_is_looked_up_once_and_the_answer_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer would lead elsewhere. FFmpeg gets the address."""
    names = NameServer(monkeypatch, ["127.0.0.1"], [ELSEWHERE])
    with RtspServer() as camera:
        url = camera.url.replace("127.0.0.1", "camera.invalid")
        assert len(watched(url).frames) == 2
        assert names.asked == 1
        with pytest.raises(errors.Forbidden, match=ELSEWHERE):  # each connect is checked anew
            watched(url)


def test_only_the_allowed_of_several_answers_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    NameServer(monkeypatch, [ELSEWHERE, "127.0.0.1"])
    with faults.Server(faults.answers("200 OK")) as server:
        found = reach(SecretStr(f"rtsp://camera.invalid:{server.port}/x"), HERE, Tls(), 20)
    assert str(found.address) == "127.0.0.1"


def test_a_name_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    release, asked = threading.Event(), []

    def hangs(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        release.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    for _ in range(3):
        with pytest.raises(errors.Unreachable) as caught:
            reach(SecretStr("rtsp://camera.invalid/x"), HERE, Tls(), 0.2)
        assert caught.value.detail == errors.NO_ANSWER
    eventually(lambda: asked)
    assert len(asked) == 1  # no thread for every try
    release.set()


# --- redirects


def test_a_redirect_is_followed() -> None:
    with RtspServer() as camera, faults.Server(faults.redirects(camera.url)) as server:
        assert len(watched(server.url).frames) == 2


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_redirect_into_a_forbidden_network_is_not(transport: str) -> None:
    with (
        RtspServer(address=ELSEWHERE) as camera,
        faults.Server(faults.redirects(camera.url)) as server,
        pytest.raises(errors.Forbidden, match=ELSEWHERE),
    ):
        watched(server.url, transport=transport)


@pytest.mark.parametrize(
    "to",
    ["rtsp://169.254.169.254/latest", "rtsp://[::ffff:127.0.0.2]/x", "rtsp://0.0.0.0/x", "rtsp://[::1]/x"],
)
def test_nor_to_what_only_looks_like_another_place(to: str) -> None:
    with faults.Server(faults.redirects(to)) as server, pytest.raises(errors.Forbidden):
        reach(SecretStr(server.url), HERE, Tls(), 20)


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1/x", "file:///etc/passwd", "/cam", "rtsp://127.1/x", "rtsp://h:99999/"]
)
def test_a_redirect_to_something_else_is_refused(to: str) -> None:
    with faults.Server(faults.redirects(to)) as server, pytest.raises(errors.Refused) as caught:
        watched(server.url)
    assert caught.value.detail == errors.REDIRECTED_BADLY


def test_redirects_in_a_circle() -> None:
    place: list[str] = []

    def handler(connection: socket.socket, over: threading.Event) -> None:
        faults.redirects(place[0])(connection, over)

    with faults.Server(handler) as server:
        place.append(server.url)
        with pytest.raises(errors.Refused) as caught:
            watched(server.url)
        assert caught.value.detail == errors.REDIRECTED_OFTEN
        assert server.connections == 4


def test_a_redirect_that_hides_behind_the_login_leads_nowhere() -> None:
    """A canary: it is FFmpeg that must not follow it, for want of "rtsp" among its protocols."""
    with (
        faults.Server(faults.black_hole) as victim,
        faults.Server(faults.redirects(f"rtsp://127.0.0.1:{victim.port}/x", after_login=True)) as server,
    ):
        with pytest.raises(errors.Forbidden) as caught:
            watched(server.url.replace("//", "//admin:pass@"))
        assert caught.value.detail == errors.REDIRECTED_LATE
        assert victim.connections == 0


def test_the_login_goes_along_to_the_same_host_only() -> None:
    for host, fine in (("127.0.0.1", True), (ELSEWHERE, False)):
        with RtspServer(login="admin:pass", address=host) as camera:
            to = f"rtsp://{camera.place}"
            with faults.Server(faults.redirects(to)) as server:
                url = server.url.replace("//", "//admin:pass@")
                if fine:
                    assert len(watched(url, allow_networks=LOOPBACK).frames) == 2
                else:
                    with pytest.raises(errors.Unauthorized):
                        watched(url, allow_networks=LOOPBACK)


def test_asking_is_no_login_attempt() -> None:
    """Cameras lock the account after some wrong logins: also where the login stands in the path."""
    for path in ("ch1", "user=admin&password=s3cret&channel=1"):
        heard: list[bytes] = []

        def camera(connection: socket.socket, over: threading.Event, heard: list[bytes] = heard) -> None:
            connection.settimeout(20)
            heard.append(connection.recv(4096))
            connection.sendall(b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n")

        with faults.Server(camera) as server:
            reach(SecretStr(f"rtsp://admin:s3cret@127.0.0.1:{server.port}/{path}"), HERE, Tls(), 20)
        assert len(heard) == 1
        assert b"s3cret" not in heard[0]
        assert b"Authorization" not in heard[0]


# --- TLS


def test_a_camera_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    own, other = self_signed(tmp_path, "camera.local"), self_signed(tmp_path, "other.local")
    old = self_signed(tmp_path, "IPC-1", modern=False)
    with RtspServer(certificate=own, login="admin:pass") as camera:
        assert len(watched(camera.url).frames) == 2
        pinned = {"ca_file": own, "name": "camera.local"}
        assert len(watched(camera.url, tls=pinned).frames) == 2
        for wrong in (
            {"verify": True},
            {"ca_file": own},
            {**pinned, "ca_file": other},
            {**pinned, "name": "x"},
        ):
            with pytest.raises(errors.Untrusted):
                watched(camera.url, tls=wrong)
    with RtspServer(certificate=old, login="admin:pass") as camera:
        assert len(watched(camera.url, tls={"ca_file": old, "name": "IPC-1"}).frames) == 2


def test_ffmpeg_checks_the_certificate_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours is another connection: whoever sits in the middle could let it pass."""
    own, other = self_signed(tmp_path, "camera.local"), self_signed(tmp_path, "other.local")
    trusting = knock.context_for(Tls())
    monkeypatch.setattr(knock, "context_for", lambda _: trusting)
    with RtspServer(certificate=own) as camera, pytest.raises(errors.Broken):
        watched(camera.url, tls={"ca_file": other, "name": "camera.local"})


def test_plain_and_tls_mixed_up(tmp_path: Path) -> None:
    with RtspServer() as camera, pytest.raises(errors.NotRtsp) as caught:
        watched(camera.url.replace("rtsp:", "rtsps:"))
    assert caught.value.detail == errors.NO_TLS
    with (
        RtspServer(certificate=self_signed(tmp_path, "a.local")) as camera,
        pytest.raises(errors.Unreachable),
    ):
        watched(camera.url.replace("rtsps:", "rtsp:"))


def test_a_redirect_out_of_tls(tmp_path: Path) -> None:

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path, "a.local"))

    def handler(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(20)
        with context.wrap_socket(connection, server_side=True) as secured:
            faults.redirects("rtsp://127.0.0.1/x")(secured, over)

    with faults.Server(handler) as server, pytest.raises(errors.Refused) as caught:
        watched(server.url.replace("rtsp:", "rtsps:"))
    assert caught.value.detail == errors.REDIRECTED_OPEN
