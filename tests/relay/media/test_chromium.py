"""A real browser at both ends: it agrees to what we answer, its pictures pass, and its own figures say how well."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright

from relay.media.peer import Peer
from relay.media.policy import Policy, Purpose
from relay.media.stream import Kind
from tests.support.callers import PATIENCE, lossy

pytestmark = pytest.mark.e2e

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
_SCRIPT = """
window.gathered = async () => {
  if (pc.iceGatheringState !== "complete")
    await new Promise((done) => pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done());
  return pc.localDescription.sdp;
};
window.publish = async () => {
  window.pc = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 480, frameRate: 15}});
  for (const track of stream.getTracks()) pc.addTransceiver(track, {direction: "sendonly", streams: [stream]});
  await pc.setLocalDescription();
  return gathered();
};
window.watch = async () => {
  window.pc = new RTCPeerConnection();
  window.video = document.body.appendChild(document.createElement("video"));
  video.muted = video.autoplay = true;
  video.srcObject = new MediaStream();
  pc.ontrack = (event) => video.srcObject.addTrack(event.track);
  for (const kind of ["audio", "video"]) pc.addTransceiver(kind, {direction: "recvonly"});
  await pc.setLocalDescription();
  return gathered();
};
window.accept = (sdp) => pc.setRemoteDescription({type: "answer", sdp});
window.restart = async () => {
  pc.restartIce();
  await pc.setLocalDescription();
  return gathered();
};
window.figures = async () => Object.fromEntries([...(await pc.getStats()).values()]
  .filter((each) => each.type.endsWith("bound-rtp")).map((each) => [each.type + "." + each.kind, each]));
"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found is not None, "the tests need a Chromium: make system"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        await browser.close()


async def page(browser: Browser) -> Page:
    async def blank(route: Route) -> None:
        await route.fulfill(body="<!doctype html>", content_type="text/html")

    made = await browser.new_page()
    await made.route("**/*", blank)
    await made.goto("http://localhost/")  # a secure context, as microphones need
    await made.add_script_tag(content=_SCRIPT)
    return made


async def connect(made: Page, how: str, peer: Peer) -> str:
    """Gives our answer."""
    answer = await peer.answer(await made.evaluate(f"{how}()"))
    await made.evaluate("(sdp) => accept(sdp)", answer)
    assert await asyncio.wait_for(peer.connected(), PATIENCE)
    return answer


async def figures(made: Page, name: str, enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The browser's own, as soon as they are enough."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found: dict[str, Any] = (await made.evaluate("figures()")).get(name, {})
            if found and enough(found):
                return found
            await asyncio.sleep(0.1)


async def test_pictures_and_voice_from_browser_to_browser(browser: Browser) -> None:
    badge, centre = Peer(Policy(Purpose.PUBLISH)), Peer(Policy(Purpose.WATCH))
    camera, viewer = await page(browser), await page(browser)
    answer = await connect(camera, "publish", badge)
    assert re.search(r"a=rtpmap:\d+ H264/90000", answer)
    assert "VP8" not in answer
    assert re.search(r"a=fmtp:\d+ .*useinbandfec=1", answer)
    await figures(camera, "outbound-rtp.video", lambda each: each["framesSent"] > 30)
    await connect(viewer, "watch", centre)
    for kind in Kind:
        centre.outlets[kind].follow(badge.sources[kind])
    seen = await figures(viewer, "inbound-rtp.video", lambda each: each["framesDecoded"] > 30)
    assert seen["frameWidth"] in (640, 480, 320)  # a browser on a busy machine sends smaller ones
    # It began with the kept one: others were asked for only if the viewer itself lost the picture meanwhile.
    asked = (await figures(viewer, "inbound-rtp.video", lambda _: True))["pliCount"]
    assert seen["keyFramesDecoded"] <= 1 + asked or seen["frameWidth"] < 640
    heard = await figures(viewer, "inbound-rtp.audio", lambda each: on_time(each, 96_000))
    assert heard["packetsLost"] == 0
    # The browser's transport sees our reports: what we received of it, and how far away we are.
    report = await figures(camera, "remote-inbound-rtp.audio", lambda each: "roundTripTime" in each)
    assert report["packetsLost"] == 0
    await asyncio.gather(badge.close(), centre.close())


def on_time(heard: dict[str, Any], least: int) -> bool:
    """So many samples have been heard, a fifth of them guessed at the most, held back for less than half a second: once
    a busy machine has caught up."""
    if (
        heard["totalSamplesReceived"] <= least
        or heard["concealedSamples"] >= 0.2 * heard["totalSamplesReceived"]
    ):
        return False
    return bool(heard["jitterBufferDelay"] < 0.5 * heard["jitterBufferEmittedCount"])


async def test_what_is_lost_on_the_way_to_a_browser_does_not_hurt(browser: Browser) -> None:
    """One packet of twenty: the voice is concealed where it was lost and is not later for it, pictures come again."""
    badge, centre = Peer(Policy(Purpose.PUBLISH)), Peer(Policy(Purpose.WATCH))
    camera, viewer = await page(browser), await page(browser)
    await connect(camera, "publish", badge)
    await connect(viewer, "watch", centre)
    for kind in Kind:
        centre.outlets[kind].follow(badge.sources[kind])
    await figures(viewer, "inbound-rtp.video", lambda each: each["framesDecoded"] > 5)
    assert centre._connection is not None
    lossy(centre._connection.getSenders()[0].transport, lambda number: number % 20 == 0)
    seen = await figures(viewer, "inbound-rtp.video", lambda each: each["framesDecoded"] > 60)
    assert seen["nackCount"] > 0
    assert seen["retransmittedPacketsReceived"] > 0
    heard = await figures(viewer, "inbound-rtp.audio", lambda each: on_time(each, 240_000))
    assert heard["packetsLost"] > 0
    assert 0 < heard["concealedSamples"] / heard["totalSamplesReceived"] < 0.2
    await asyncio.gather(badge.close(), centre.close())


async def test_ice_restart_of_a_browser(browser: Browser) -> None:
    """From Wi-Fi to 4G in mid-call: the connection stays, its names, passwords and paths are new."""
    badge = Peer(Policy(Purpose.PUBLISH))
    camera = await page(browser)
    answer = await connect(camera, "publish", badge)
    offer = await camera.evaluate("restart()")
    ufrag, pwd = (re.search(rf"a=ice-{name}:(\S+)", offer) for name in ("ufrag", "pwd"))
    assert ufrag is not None
    assert pwd is not None
    candidates = [line for line in offer.splitlines() if line.startswith("a=candidate:")]
    ours = await badge.restart(ufrag[1], pwd[1], candidates)
    for name, value in zip(("ufrag", "pwd"), ours, strict=True):
        answer = re.sub(rf"a=ice-{name}:\S+", f"a=ice-{name}:{value}", answer)
    await camera.evaluate("(sdp) => accept(sdp)", answer)
    assert badge._connection is not None
    ice = badge._connection.getReceivers()[0].transport.transport._connection
    async with asyncio.timeout(PATIENCE):
        while not any(pair.nominated for pair in ice._check_list):  # emptied by the restart
            await asyncio.sleep(0.05)
    before = badge.sources[Kind.AUDIO].packets
    async with asyncio.timeout(PATIENCE):
        while badge.sources[Kind.AUDIO].packets < before + 50:
            await asyncio.sleep(0.05)
    states = await camera.evaluate("[pc.connectionState, pc.iceConnectionState, pc.signalingState]")
    assert states == ["connected", "connected", "stable"] or states[1] == "completed"
    await badge.close()
