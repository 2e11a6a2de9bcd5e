"""The console as people use it: the real talk service and pages on a thread of their own, and Chromium."""

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self, TypeVar

from playwright.sync_api import Browser, ConsoleMessage, Error, Playwright, expect
from pydantic import SecretStr

from edge.console import pages
from edge.talk.phone import Phone
from edge.talk.service import Talk
from edge.talk.switchboard import Switchboard
from relay.groups import TalkGroups
from relay.http.app import application
from relay.http.signalling import Signalling
from relay.ice import IceServers
from relay.live.feed import Viewer
from relay.live.view import LiveView
from relay.sessions import Sessions
from relay.signalling import Place
from relay.talk import FloorRules, Member, Role, TalkGroup
from relay.tokens import Right, Tokens, TokenSpec
from streams.sound import Sound, SoundInfo
from tests.support.browser import chromium
from tests.support.encoded import START, Shot, shot
from tests.support.exchange import served

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE = 60.0  # s for what takes far less: the machine may be loaded
DUTY, BADGE, EAR = "duty-token-0123456789", "badge-token-0123456789", "ear-token-0123456789"
T = TypeVar("T")
Work = Callable[[], None]

_EVERYTHING = (Right.PUBLISH, Right.WATCH, Right.SPEAK)
_TOKENS = (
    TokenSpec(
        name="duty", secret=SecretStr(DUTY), may=_EVERYTHING, groups=("*",), members=("*",), cameras=("*",)
    ),
    TokenSpec(
        name="badge", secret=SecretStr(BADGE), may=(Right.SPEAK,), groups=("patrol",), members=("badge-17",)
    ),
    TokenSpec(name="ear", secret=SecretStr(EAR), may=(Right.WATCH,), groups=("patrol",)),
)
# A browser of a loaded machine may take seconds until its first packet: that is no lost voice.
_PATROL = TalkGroup(
    "patrol",
    (
        Member("centre", Role.OPERATOR, 9),
        Member("badge-17", Role.BODY_CAMERA, 3),
        Member("badge-21", Role.BODY_CAMERA, 3),
        Member("gate-3", Role.SPEAKER),
    ),
    FloorRules(silence=10.0),
)
_CAMERAS = (Place("gate", "North gate"), Place("yard", "Yard"), Place("quay", "Quay"))
_TONE = bytes([0xA8, 0x28]) * 400  # 0.1 s of 4 kHz, half as loud as A-law goes (ITU-T G.711)
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
# Its figures are the browser's own: every connection of a page can be asked for them.
_RECORD = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); peers.push(this); }
};
window.figures = async (type, kind) => {
  const found = [];
  for (const peer of peers) if (peer.connectionState === "connected")
    for (const each of (await peer.getStats()).values()) if (each.type === type && each.kind === kind) found.push(each);
  return found;
};
"""


def _here() -> None:
    pass


class Reel:
    """A feed of one camera that shows the same pictures over and over, 10 a second, the first group of them at once,
    as out of a ring, with a tone in G.711; of another one that sends no sound. `silent` for a while, if asked."""

    def __init__(self, pictures: Shot) -> None:
        self.cameras = frozenset({"gate", "yard"})
        self.silent = False
        self._shot = pictures
        self._viewer: Viewer | None = None
        self._playing: asyncio.Task[None] | None = None

    def begin(self, camera: str, viewer: Viewer) -> None:
        if self._playing is not None:
            self._playing.cancel()
        self._viewer = viewer
        sounds = SoundInfo("pcm_alaw", 8000, 1) if camera == "gate" else None
        self._playing = asyncio.get_running_loop().create_task(self._play(viewer, sounds))

    def end(self, camera: str, viewer: Viewer) -> None:
        if viewer is self._viewer and self._playing is not None:
            self._playing.cancel()

    async def _play(self, viewer: Viewer, sounds: SoundInfo | None) -> None:
        viewer.opened(replace(self._shot.info, sound=sounds))
        for turn in itertools.count():
            for packet in self._shot.after(turn * len(self._shot.packets) / 10).packets:
                if not self.silent:
                    viewer.packet(packet)
                    if sounds is not None:
                        viewer.sound(Sound(_TONE, packet.time))
                await asyncio.sleep(0.1 if turn or packet.time > START + 1 else 0)


class Console:
    """url: of the pages. What it serves runs on a loop in a thread: `do` runs something there."""

    def __init__(self, pictures: Shot | None = None, *, host: str = "127.0.0.1", enter: Work = _here) -> None:
        """enter: called in its thread first: to go to another network, say."""
        self.url, self._host = "", host
        self.reel = Reel(pictures or shot())
        self._ready: Future[None] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._run(enter), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._stop.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def do(self, work: Callable[[], T]) -> T:
        async def done() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE)

    def drop(self) -> None:
        """Every connection ends, as when the gateway is started anew."""
        asyncio.run_coroutine_threadsafe(self.sessions.close_all(), self._loop).result(PATIENCE)

    def _run(self, enter: Work) -> None:
        enter()
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            tokens = Tokens(_TOKENS, SecretStr("a key of thirty-two bytes or more"), "test", time.time())
            groups, views = TalkGroups([_PATROL], now=time.monotonic()), LiveView(self.reel, transcode=0)
            self.talk = Talk(groups, tokens, views=views, cameras=_CAMERAS)
            self.sessions = Sessions(self.talk, IceServers(()), tokens)
            signalling = Signalling(self.sessions, tokens, self.talk)
            phone = Phone(Switchboard(self.talk), tokens)
            running = asyncio.create_task(self.talk.run())
            routes = [*signalling.routes(), *phone.routes(), *pages()]
            async with served(application(routes), host=self._host) as (self.url, _):
                self._ready.set_result(None)
                await self._stop.wait()
                await self.sessions.close_all()
            running.cancel()
            await asyncio.wait([running])
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise


@contextmanager
def chrome(playwright: Playwright, program: str | None = None) -> Iterator[Browser]:
    """With a camera and a microphone that beeps. program: that starts it, instead of itself."""
    browser = playwright.chromium.launch(executable_path=program or chromium(), args=list(_FLAGS))
    try:
        yield browser
    finally:
        with contextlib.suppress(Error):  # a test may have killed it
            browser.close()


class Person:
    """Somebody at a page of a browser of their own; faults: what the page complained of."""

    def __init__(self, browser: Browser, url: str, *, allowed: bool = True, **context: Any) -> None:
        self.context = browser.new_context(**{"locale": "en-US", **context})
        self.context.set_default_timeout(PATIENCE * 1000)
        if allowed:
            self.context.grant_permissions(["microphone", "camera"])
        self.context.add_init_script(_RECORD)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._noted)
        self._url = url

    def opens(self, path: str, token: str) -> Self:
        self.page.goto(self._url + path)
        self.sees("#other-way")
        if not self.page.locator("#token").is_visible():
            self.page.locator("#other-way").click()
        self.page.locator("#token").fill(token)
        self.page.locator("#bearer .main").click()
        return self

    def joins(self, member: str, token: str = DUTY) -> Self:
        """The patrol, until connected and told who is there."""
        return self.opens("/talk", token).picks(member)

    def picks(self, member: str) -> Self:
        """Out of the list of groups."""
        card = self.sees(".group[data-name=patrol]").page.locator(".group[data-name=patrol]")
        if card.locator("select").is_visible():
            card.locator("select").select_option(member)
        card.locator("button").click()
        return self.connected(member)

    def connected(self, member: str) -> Self:
        self.sees("#link[data-phase=up]")
        self.sees(f"#members li[data-name={member}]:not([data-state=away])")
        self.sees("#talk:not([data-state=mute])")
        return self

    def presses(self) -> Self:
        """The mouse goes down on the talk button, and stays."""
        self.page.locator("#talk").hover()
        self.page.mouse.down()
        return self

    def lets_go(self) -> Self:
        self.page.mouse.up()
        return self

    def sees(self, selector: str, words: str | None = None) -> Self:
        """As soon as it is there."""
        found = self.page.locator(selector)
        expect(found).to_be_visible(timeout=PATIENCE * 1000)
        if words is not None:
            expect(found).to_contain_text(words, timeout=PATIENCE * 1000)
        return self

    def speaks(self) -> Self:
        return self.sees("#speaker[data-state=granted]")

    def hears(self, name: str) -> Self:
        """That he speaks, and his voice."""
        self.sees("#speaker[data-state^=other]", name)
        before = self.energy()
        self.until(lambda: self.energy() > before + 1e-3, f"the voice of {name}")
        return self

    def watches(self, more: int) -> Self:
        """So many pictures more, in all."""
        before = self.pictures()
        self.until(lambda: self.pictures() >= before + more, "pictures")
        return self

    def pictures(self) -> int:
        """That were decoded; of a connection that stands."""
        return sum(int(each.get("framesDecoded", 0)) for each in self.figures("inbound-rtp", "video"))

    def energy(self) -> float:
        """Of all sound that was played, in the browser's own measure."""
        return sum(float(each.get("totalAudioEnergy", 0)) for each in self.figures("inbound-rtp", "audio"))

    def figures(self, kind: str, medium: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(
            "([type, kind]) => figures(type, kind)", [kind, medium]
        )
        return found

    def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what}: never"
            self.page.wait_for_timeout(50)

    def _noted(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)
