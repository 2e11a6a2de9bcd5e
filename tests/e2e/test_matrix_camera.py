"""The fault matrix, second part: what cameras do while they are live. Each row as a technician sees it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.support.faults import Server, answers
from tests.support.matrix import Watch, camera, moment, row, watched
from tests.support.ports import free_port
from tests.support.proxy import FaultyLine
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

PASSWORD, WRONG = "first-word", "no-such-word"


@dataclass(frozen=True)
class Cameras:
    """killed, stopped: servers of their own. moved: lines that can lead elsewhere."""

    killed: RtspServer
    stopped: RtspServer
    guarded: RtspServer
    password: FaultyLine
    path: FaultyLine
    codec: FaultyLine


@pytest.fixture(scope="module")
def cameras() -> Iterator[Cameras]:
    with ExitStack() as parts:
        killed = parts.enter_context(RtspServer(port=free_port()))  # it comes back there
        stopped, plain = (parts.enter_context(RtspServer()) for _ in range(2))
        guarded = parts.enter_context(RtspServer(login=f"admin:{PASSWORD}"))
        ports = guarded.port, plain.port, plain.port
        lines = (parts.enter_context(FaultyLine(port)) for port in ports)
        yield Cameras(killed, stopped, guarded, *lines)


@pytest.fixture(scope="module")
def watch(cameras: Cameras, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    login = "username: admin\npassword: !secret right"
    wrong = "username: admin\npassword: !secret wrong"
    secrets = {"SANDWATCH_SECRET_RIGHT": PASSWORD, "SANDWATCH_SECRET_WRONG": WRONG}
    streams = [
        camera("killed", cameras.killed.url, "health: {offline_after: 5s}"),
        camera("stopped", cameras.stopped.url),
        camera("wrong", f"rtsp://{cameras.guarded.place}", wrong),
        camera("password", cameras.password.url, login),
        camera("path", cameras.path.url),
        camera("codec", cameras.codec.url),
    ]
    with watched(tmp_path_factory.mktemp("camera"), *streams, **secrets) as running:
        yield running
    assert PASSWORD not in "".join(running.gateway.raw)
    assert WRONG not in "".join(running.gateway.raw)


def test_the_camera_loses_its_power(watch: Watch, cameras: Cameras) -> None:
    watch.live("killed")
    with watch.undisturbed():
        mark, began = watch.mark, time.time()
        cameras.killed.kill()
        said = watch.gateway.wait("camera.retrying", camera="killed", after=mark)
        then = watch.gateway.wait("camera.retrying", camera="killed", after=mark, code="camera.unreachable")
        event = watch.gateway.wait("event.stored", type="camera.offline", camera="killed", after=mark)
        cameras.killed.start()
        watch.live("killed", after=mark)
    assert said["code"] == "camera.ended"
    reads = f"`camera.ended`, then `camera.unreachable` ({moment(then) - began:.1f} s)"
    event_after = f"event `camera.offline` {moment(event) - began:.0f} s after (`offline_after` 5 s here)"
    row("camera loses its power", reads, moment(said) - began, event_after)


def test_the_camera_hangs(watch: Watch, cameras: Cameras) -> None:
    watch.live("stopped")
    with watch.undisturbed():
        mark, began = watch.mark, time.time()
        cameras.stopped.freeze()
        said = watch.gateway.wait("camera.retrying", camera="stopped", after=mark)
        then = watch.gateway.wait("camera.retrying", camera="stopped", after=mark, code="camera.timeout")
        cameras.stopped.thaw()
        watch.live("stopped", after=mark)
    assert said["code"] == "camera.stalled"
    reads = f"`camera.stalled`, then `camera.timeout` ({moment(then) - began:.1f} s)"
    row("camera hangs (SIGSTOP)", reads, moment(said) - began, "tried again within 1 s, growing to 30 s")


def test_a_wrong_password(watch: Watch) -> None:
    with watch.undisturbed():
        began = watch.gateway.wait("camera.connecting", camera="wrong")
        said = watch.gateway.wait("camera.refused", camera="wrong")
    assert said["code"] == "camera.unauthorized"
    assert said["retry_in_s"] >= 90
    row("wrong password", "`camera.unauthorized`", moment(said) - moment(began), "tried again every 90-180 s")


def test_a_password_changed_while_live(watch: Watch, cameras: Cameras) -> None:
    watch.live("password")
    with RtspServer(login="admin:second-word") as changed, watch.undisturbed():
        mark, began = watch.mark, time.time()
        cameras.password.target = changed.port
        cameras.password.cut()
        said = watch.gateway.wait("camera.refused", camera="password", after=mark)
    assert said["code"] == "camera.unauthorized"
    assert said["retry_in_s"] >= 90
    reads = "`camera.ended`, then `camera.unauthorized`"
    row("password changed while live", reads, moment(said) - began, "tried again every 90-180 s")


def test_a_path_gone_while_live(watch: Watch, cameras: Cameras) -> None:
    watch.live("path")
    with Server(answers("404 Not Found")) as without, watch.undisturbed():
        mark, began = watch.mark, time.time()
        cameras.path.target = without.port
        cameras.path.cut()
        said = watch.gateway.wait("camera.refused", camera="path", after=mark)
    assert said["code"] == "camera.not_found"
    row("path gone while live", "`camera.ended`, then `camera.not_found`", moment(said) - began, "the same")


def test_another_codec_after_a_restart(watch: Watch, cameras: Cameras) -> None:
    watch.live("codec")
    with RtspServer(codec="h265", size="640x360") as other, watch.undisturbed():
        mark, began = watch.mark, time.time()
        cameras.codec.target = other.port
        cameras.codec.cut()
        said = watch.gateway.wait("camera.retrying", camera="codec", after=mark)
        back = watch.live("codec", after=mark)
        assert said["code"] == "camera.ended"
        time.sleep(2.0)  # its pictures are as good as its word
        assert watch.said("codec", after=mark) == ["camera.ended", "camera.live"]
    row(
        "codec changed",
        "`camera.ended`",
        moment(said) - began,
        f"live {moment(back) - moment(said):.1f} s later",
    )
