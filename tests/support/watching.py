"""A gateway without a broker: one worker's process, its live view, and a browser that watches."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Page, async_playwright

from edge.fleet import Fleet
from edge.live import PacketFeed
from edge.plan import model_for
from edge.worker.job import CameraJob, Job
from edge.worker.messages import Beat, CameraStatus, FromWorker, Ready
from edge.worker.parent import VisionWorker, WorkerLost
from inference.detectors import onnx
from relay.live.view import LiveView
from relay.media.policy import Purpose
from relay.signalling import Caller
from relay.tokens import Grant, Right, Scope
from relay.wish import Wish
from streams.problem import ProblemError
from streams.reader import CameraState
from streams.sources import rtsp
from tests.support.running import LOOPBACK

CALLER = Caller("session", Grant("tester", Scope(may=(Right.WATCH,), cameras=("*",))), ())
PATIENCE = 60.0  # s; nothing waits this long unless it is broken
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
)
_PAGE = """
window.watch = async (camera, sound) => {
  const began = performance.now(), pc = new RTCPeerConnection(), video = document.createElement("video");
  const seen = {state: "", frames: 0, first: null, at: []};
  const tick = (now, frame) => {
    seen.first ??= performance.now() - began;
    seen.frames = frame.presentedFrames;
    seen.at.push(frame.mediaTime);
    video.requestVideoFrameCallback(tick);
  };
  video.muted = !sound;
  video.autoplay = true;
  video.requestVideoFrameCallback(tick);
  document.body.append(video);
  pc.addTransceiver("video", {direction: "recvonly"});
  if (sound) pc.addTransceiver("audio", {direction: "recvonly"});
  pc.ontrack = (event) => { video.srcObject = event.streams[0]; };
  pc.onconnectionstatechange = () => { seen.state = pc.connectionState; };
  await pc.setLocalDescription();
  const answer = await window.whep(camera, pc.localDescription.sdp);
  if (answer.refused) return answer.refused;
  await pc.setRemoteDescription({type: "answer", sdp: answer.sdp});
  seen.silent = answer.sdp.match(/^a=sandwatch-silent:(\\w+)/m)?.[1] ?? null;
  window.views = [...(window.views ?? []), {pc, video, seen}];
  return null;
};
window.report = async (number) => {
  const {pc, video, seen} = window.views[number], found = {...seen, width: video.videoWidth, height: video.videoHeight};
  const stats = await pc.getStats();
  for (const one of stats.values()) {
    if (one.type === "inbound-rtp") found[one.kind] = {...one, mime: stats.get(one.codecId)?.mimeType};
    if (one.type === "inbound-rtp" && one.kind === "video") for (const key of ["framesDecoded", "framesDropped", "freezeCount",
      "packetsLost", "packetsReceived", "keyFramesDecoded", "jitterBufferDelay", "jitterBufferEmittedCount", "pliCount"])
      found[key] = one[key] ?? 0;
  }
  found.codec = found.video?.mime;
  return found;
};
"""


def camera(name: str, url: str, **more: Any) -> CameraJob:
    """One over RTSP, at which nothing is looked for."""
    patient = {"connect_timeout": 30, "read_timeout": 30}  # a loaded machine may hold its server for seconds
    source = rtsp.Spec.model_validate({"url": url, "allow_networks": LOOPBACK, **patient})
    return CameraJob(name=name, source=source, fps=1, zones={}, rules=(), clip=None, **more)


def job(*cameras: CameraJob, evidence: Path = Path("evidence")) -> Job:
    """Of one worker."""
    return Job(
        cameras=cameras,
        detector=onnx.Spec(),
        model=model_for(onnx.Spec()),
        threads=1,
        evidence=evidence,
        time_zone="UTC",
        log_level="error",
        log_format="json",
    )


class Opener(Protocol):
    """Answers a viewer's offer. Raises ProblemError."""

    async def open(self, name: str, offer: str) -> str: ...


class Box:
    """Runs a worker, and another when it dies."""

    def __init__(self, evidence: Path, cameras: Sequence[CameraJob], transcode: int = 1) -> None:
        self._job = job(*cameras, evidence=evidence)
        self._fleet = Fleet((self._job,))
        self._feed = PacketFeed(self._fleet)
        self.states = {camera.name: CameraState.CONNECTING for camera in cameras}
        self._news = asyncio.Event()
        self.live = LiveView(self._feed, transcode)
        self.pid = 0
        self.beat: Beat | None = None

    async def run(self) -> None:
        while True:
            worker = VisionWorker(self._job, self._receive, self._feed.take)
            self._fleet.started(0, worker)
            with contextlib.suppress(WorkerLost):
                await worker.run()

    async def until(self, true: Callable[[], bool]) -> None:
        """Until it is; looked at whenever the worker says something."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def pictured(self) -> None:
        """All cameras are live."""
        await self.until(lambda: set(self.states.values()) == {CameraState.LIVE})

    async def open(self, name: str, offer: str) -> str:
        _, answer = await self.live.open(Wish(Purpose.WATCH, camera=name), offer, CALLER)
        return answer

    async def _receive(self, message: FromWorker) -> None:
        match message:
            case Ready():
                self.pid = message.pid
                self._fleet.ready(0)
            case CameraStatus():
                self.states[message.camera] = message.state
            case Beat():
                self.beat = message
        self._news.set()


@contextlib.asynccontextmanager
async def box(evidence: Path, *cameras: CameraJob, transcode: int = 1) -> AsyncIterator[Box]:
    made = Box(evidence, cameras, transcode)
    running = asyncio.create_task(made.run())
    try:
        await made.pictured()
        yield made
    finally:
        await made.live.close()
        running.cancel()
        await asyncio.wait([running])


class Browser:
    """One page of Chromium; views are numbered in the order they were begun."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def watch(self, name: str, *, sound: bool = False) -> str | None:
        """The code of the refusal; None: it watches, and listens if it is to."""
        refused: str | None = await self._page.evaluate(
            "([name, sound]) => window.watch(name, sound)", [name, sound]
        )
        return refused

    async def report(self, number: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = await self._page.evaluate("(number) => window.report(number)", number)
        return found

    async def leave(self, number: int = 0) -> None:
        await self._page.evaluate("(number) => window.views[number].pc.close()", number)

    async def until(self, true: Callable[[dict[str, Any]], bool], number: int = 0) -> dict[str, Any]:
        """What is reported once it is so."""
        async with asyncio.timeout(PATIENCE):
            while not true(found := await self.report(number)):
                await asyncio.sleep(0.1)
        return found


@contextlib.asynccontextmanager
async def browser(of: Opener) -> AsyncIterator[Browser]:
    async def whep(name: str, offer: str) -> dict[str, str]:
        try:
            return {"sdp": await of.open(name, offer)}
        except ProblemError as refused:
            return {"refused": refused.problem.code}

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_FLAGS))
        page = await chromium.new_page()
        await page.expose_function("whep", whep)
        await page.evaluate(f"() => {{{_PAGE}}}")
        try:
            yield Browser(page)
        finally:
            await chromium.close()
