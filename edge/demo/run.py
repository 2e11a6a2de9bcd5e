"""sandwatch demo: the whole gateway on this machine alone -- broker, camera, daemon, and someone who listens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

from pydantic import SecretStr, ValidationError

from edge import assets
from edge.broker import embedded_broker
from edge.centres import address
from edge.daemon import Daemon
from edge.demo.stage import DemoFailed, free_port, simulated_camera
from edge.demo.viewer import Viewer
from edge.origin import Origin
from edge.plan import plan
from edge.settings.loader import load
from edge.settings.model import Site, StreamSettings
from edge.worker.messages import CameraStatus
from streams.problem import Language, Problem, Text
from streams.reader import CameraState
from streams.urls import endpoint

HOST = "127.0.0.1"
_HERE = ip_network("127.0.0.0/8")

Say = Callable[[str], None]

_BROKER = Text("[1/4] MQTT broker on {}", "[1/4] MQTT 服务器已启动：{}")
_CAMERA = Text("[2/4] simulated camera on {}", "[2/4] 模拟摄像机已启动：{}")
_OWN = Text("[2/4] your camera", "[2/4] 使用您的摄像机")
_MODEL = Text("[3/4] model {} verified", "[3/4] 模型 {} 已校验")
_WAIT = Text(
    "[4/4] starting the vision worker; the first event comes within about 15 s (Ctrl-C ends)",
    "[4/4] 正在启动视觉进程；约 15 秒内出现第一条事件（Ctrl-C 结束）",
)
_STATE = Text("      camera {}: {}", "      摄像机 {}：{}")
_STATES = {
    CameraState.CONNECTING: Text("connecting", "正在连接"),
    CameraState.LIVE: Text("live", "画面正常"),
    CameraState.RETRYING: Text("away, trying again", "断开，正在重试"),
    CameraState.REFUSED: Text("refused", "被拒绝"),
    CameraState.FINISHED: Text("finished", "已结束"),
    CameraState.FAILED: Text("failed", "内部故障"),
}
_GOOD = Text(
    "{} events came back through MQTT, {} of type vehicle.zone with a snapshot that opens",
    "经 MQTT 收到 {} 条事件，其中 {} 条 vehicle.zone 附有可打开的快照",
)


async def demo(
    camera: str | None, seconds: float | None, language: Language, say: Say, stop: asyncio.Event
) -> int:
    """Run until `stop` or for `seconds`. The exit code: with `seconds`, 0 only if an event with a sound
    snapshot came back through the broker. Raises DemoFailed, SettingsError."""
    file = assets.folder() / "demo.yaml"
    loaded = load(file)
    site = loaded.site
    async with contextlib.AsyncExitStack() as stack:
        port = free_port()
        await stack.enter_async_context(embedded_broker(HOST, port))
        say(_BROKER.say(language).format(f"{HOST}:{port}"))
        stream = site.streams[0]
        if camera:
            stream = _own_camera(stream, camera)
            say(_OWN.say(language))
        else:
            url = await stack.enter_async_context(simulated_camera(assets.folder() / "demo" / "site.mp4"))
            stream = stream.model_copy(update={"url": SecretStr(url), "allow_networks": (_HERE,)})
            say(_CAMERA.say(language).format(url))
        site = _fitted(site, stream, port)
        planned = plan(replace(loaded, site=site))
        say(_MODEL.say(language).format(planned.model.manifest.name))
        say(_WAIT.say(language))
        viewer = Viewer(site.storage.path, site.site.time_zone, language, say)
        await stack.enter_async_context(_watching(viewer, port))
        # The embedded broker speaks 3.1.1 only, and takes ten seconds not to say so.
        daemon = Daemon(site, planned, replace(address(site), speaks_5=False), language, Origin(file))
        daemon.status.changed = lambda message: _tell_camera(message, language, say)
        await _for(daemon, seconds, stop)
        # The last events of a stop are published in its course; the viewer is a loopback hop behind.
        await asyncio.sleep(0.2)
    say(_GOOD.say(language).format(viewer.tally.events, viewer.tally.proved))
    return 0 if seconds is None or viewer.tally.proved else 1


def _own_camera(stream: StreamSettings, url: str) -> StreamSettings:
    """The demo's stream with the user's camera: the drawn zone is of no use there, the whole picture is."""
    try:
        type(stream).source_type.model_validate({"kind": "rtsp", "url": url})
    except ValidationError as error:
        raise DemoFailed(
            _bad_camera(error.errors(include_url=False, include_input=False)[0]["msg"])
        ) from None
    rules = tuple(rule.model_copy(update={"zones": ()}) for rule in stream.rules)
    # Whoever types an address of this machine means it.
    networks = (_HERE,) if endpoint(SecretStr(url)).host in (HOST, "localhost") else ()
    own: dict[str, object] = {
        "url": SecretStr(url),
        "allow_networks": networks,
        "name": "camera",
        "zones": {},
        "rules": rules,
    }
    return stream.model_copy(update=own)


def _bad_camera(words: str) -> Problem:
    return Problem(
        "demo.address",
        Text(f"CAMERA: {words}", f"CAMERA：{words}"),
        Text("write CAMERA=rtsp://user:password@host/path", "请写成 CAMERA=rtsp://用户名:密码@主机/路径"),
    )


def _fitted(site: Site, stream: StreamSettings, port: int) -> Site:
    broker = site.broker.model_copy(update={"url": SecretStr(f"mqtt://{HOST}:{port}")})
    storage = site.storage.model_copy(update={"path": Path(site.storage.path)})
    return site.model_copy(update={"broker": broker, "storage": storage, "streams": (stream,)})


def _tell_camera(message: CameraStatus, language: Language, say: Say) -> None:
    if message.problem is not None:
        say(f"      {message.problem.say(language)}")
    else:
        say(_STATE.say(language).format(message.camera, _STATES[message.state].say(language)))


@contextlib.asynccontextmanager
async def _watching(viewer: Viewer, port: int) -> AsyncIterator[None]:
    task = asyncio.create_task(viewer.watch(HOST, port))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _for(daemon: Daemon, seconds: float | None, stop: asyncio.Event) -> None:
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stop.set)
    await daemon.run(stop)
