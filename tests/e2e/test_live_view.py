"""A camera over RTSP, a worker, and a real Chromium that watches."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from relay.live import show
from streams.clip import ClipWriter
from tests.support.daemon import Gateway, command_line, site, stream
from tests.support.encoded import shot
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer
from tests.support.watching import Box, Browser, Opener, box, browser, camera

pytestmark = pytest.mark.e2e

_TOKEN = "live-view-0123456789"
_ENDLESS = 100_000  # pictures between two key frames: only one that was kept shows anything


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine takes longer than a person waits."""
    monkeypatch.setattr(show, "_FIRST", 60.0)
    monkeypatch.setattr(show, "_CONVERTED", 60.0)


def crossed(of: Box) -> int:
    return of.beat.cameras["gate"].crossed if of.beat else 0


async def beats(of: Box, count: int) -> None:
    """Until the worker has said that often how it is."""
    for _ in range(count):
        last = of.beat
        await of.until(lambda last=last: of.beat is not last)  # type: ignore[misc]


async def settled(of: Box) -> int:
    """What crossed, once nothing crosses any more: what the worker had sent and said before it heard comes first."""
    async with asyncio.timeout(60):
        while True:
            before = crossed(of)
            await beats(of, 2)
            if crossed(of) == before:
                return before


async def nobody_watches(of: Box) -> None:
    async with asyncio.timeout(60):
        while of.live.state():
            await asyncio.sleep(0.05)


async def test_a_late_viewer_sees_a_picture_at_once_and_when_all_have_left_no_packet_crosses(
    tmp_path: Path,
) -> None:
    with RtspServer(gop=_ENDLESS) as served:
        async with box(tmp_path, camera("gate", served.url)) as gateway, browser(gateway) as page:
            await beats(gateway, 2)
            assert crossed(gateway) == 0
            assert await page.watch("gate") is None
            first = await page.until(lambda found: found["frames"] >= 20)
            assert await page.watch("gate") is None
            late = await page.until(lambda found: found["frames"] >= 20, 1)
            for found in (first, late):
                assert (found["codec"], found["width"], found["height"]) == ("video/H264", 320, 240)
                assert found["keyFramesDecoded"] >= 1  # the camera's only one, kept for whoever comes
            assert [one.viewers for one in gateway.live.state()] == [2]
            await page.leave(0)
            await page.leave(1)
            await nobody_watches(gateway)
            assert await settled(gateway) > 0


async def test_a_view_goes_on_when_the_worker_is_killed_and_another_takes_over(tmp_path: Path) -> None:
    with RtspServer() as served:
        async with box(tmp_path, camera("gate", served.url)) as gateway, browser(gateway) as page:
            assert await page.watch("gate") is None
            before = await page.until(lambda found: found["frames"] >= 5)
            killed = gateway.pid
            os.kill(killed, signal.SIGKILL)
            await gateway.until(lambda: gateway.pid != killed)
            after = await page.until(lambda found: found["framesDecoded"] >= before["framesDecoded"] + 30)
            assert after["state"] == "connected"


async def test_a_camera_that_stays_away_ends_the_view_and_the_next_viewer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RtspServer() as served:
        async with box(tmp_path, camera("gate", served.url)) as gateway, browser(gateway) as page:
            assert await page.watch("gate") is None
            await page.until(lambda found: found["frames"] >= 5)
            served.kill()
            monkeypatch.setattr(show, "_QUIET", 3.0)
            monkeypatch.setattr(show, "_FIRST", 1.0)
            await page.until(lambda found: found["state"] in ("closed", "failed", "disconnected"))
            await nobody_watches(gateway)
            await gateway.until(lambda: "live" not in set(gateway.states.values()))
            assert await page.watch("gate") == "live.silent"


async def test_b_frames_are_refused_or_converted_as_the_site_says(tmp_path: Path) -> None:
    clip = reordered(tmp_path / "clip.mp4")
    with RtspServer(files=[clip]) as served:
        async with (
            box(tmp_path, camera("gate", served.url), transcode=0) as gateway,
            browser(gateway) as page,
        ):
            assert await refused(page, gateway) == "live.b_frames"
            await nobody_watches(gateway)
        async with box(tmp_path, camera("gate", served.url)) as gateway, browser(gateway) as page:
            assert await page.watch("gate") is None
            found = await page.until(lambda found: found["frames"] >= 20)
            assert found["codec"] == "video/VP8"
            assert found["at"] == sorted(found["at"])


async def test_h265_is_converted_once_for_all_its_viewers_and_only_as_many_cameras_as_the_site_allows(
    tmp_path: Path,
) -> None:
    with RtspServer(codec="h265") as served, RtspServer(codec="h265") as other:
        cameras = camera("gate", served.url), camera("road", other.url)
        async with box(tmp_path, *cameras) as gateway, browser(gateway) as page:
            for _ in range(2):
                assert await page.watch("gate") is None
            assert await page.watch("road") == "live.transcoders_busy"
            for number in range(2):
                found = await page.until(lambda found: found["frames"] >= 10, number)
                assert (found["codec"], found["width"]) == ("video/VP8", 320)
            assert transcoders() == 1
            await page.leave(0)
            await page.leave(1)
            async with asyncio.timeout(60):
                while (code := await page.watch("road")) == "live.transcoders_busy":
                    await asyncio.sleep(0.1)
            assert code is None
            assert transcoders() == 1


async def test_a_camera_nobody_knows_is_refused(tmp_path: Path) -> None:
    with RtspServer() as served:
        async with box(tmp_path, camera("gate", served.url)) as gateway, browser(gateway) as page:
            assert await page.watch("gaet") == "live.unknown"


def transcoders() -> int:
    """Processes of ours that convert."""
    return sum("relay.live.transcode" in command_line(child.pid) for child in psutil.Process().children())


async def refused(page: Browser, gateway: Box) -> str:
    """What the camera is refused with. Where it sends its first pictures slowly, it may be shown until they tell."""
    async with asyncio.timeout(60):
        while (code := await page.watch("gate")) is None:
            await gateway.until(lambda: gateway.live.state() == ())
    return code


def reordered(path: Path) -> Path:
    made = shot(60, bframes=2, gop=10, size=(320, 240))
    with ClipWriter(path, made.info) as writer:
        for packet in made.packets:
            writer.write(packet)
    return path


class Whep(Opener):
    """The gateway's own HTTP."""

    def __init__(self, port: int) -> None:
        self._url, self._headers = (
            f"http://127.0.0.1:{port}",
            {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/sdp"},
        )
        self.sessions: list[str] = []

    async def open(self, name: str, offer: str) -> str:
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers, timeout=60) as client:
            answer = await client.post(f"/whep/{name}", content=offer)
            assert answer.status_code == 201, answer.text
            self.sessions.append(answer.headers["location"])
            return answer.text

    async def end(self) -> None:
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers, timeout=60) as client:
            (await client.delete(self.sessions.pop())).raise_for_status()


async def test_the_whole_gateway_shows_a_camera_over_whep(
    broker: Mosquitto, storage: Path, tmp_path: Path
) -> None:
    port = free_port()
    web = (
        f"http: {{listen: '127.0.0.1:{port}'}}\n"
        f"access: {{tokens: [{{name: duty, secret: {_TOKEN}, may: [watch], cameras: ['*']}}]}}\n"
    )
    with RtspServer() as served:
        text = web + site(broker=broker.port, storage=storage, streams=stream("gate", served.url))
        with Gateway(tmp_path, text) as gateway:
            await asyncio.to_thread(gateway.wait, "web.listening")
            await asyncio.to_thread(gateway.wait, "camera.live", camera="gate")
            whep = Whep(port)
            async with browser(whep) as page:
                assert await page.watch("gate") is None
                found = await page.until(lambda found: found["frames"] >= 10)
                assert found["codec"] == "video/H264"
                await whep.end()
                await page.until(lambda found: found["state"] in ("closed", "failed", "disconnected"))
