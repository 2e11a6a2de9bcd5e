"""Viewers of a camera come, go, and are told when there is nothing to see."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest
from aiortc import RTCSessionDescription
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from relay.live import show, view
from relay.live.feed import Viewer
from relay.live.view import LiveView, Seat
from relay.media.peer import Peer
from relay.media.policy import Purpose, Reason, Refused
from relay.media.stream import Kind, Packet, Rewriter
from relay.media.switch import Outlet, Source
from relay.signalling import Kind as Why
from relay.signalling import Turned
from relay.wish import Wish
from tests.support.callers import PATIENCE, Caller, own_threads
from tests.support.encoded import Shot, shot
from tests.support.payloads import video
from tests.support.watching import CALLER

FIT, ODD = shot(60, gop=20), shot(40, bframes=2)
GATE = Wish(Purpose.WATCH, camera="gate")


class Played:
    """A Feed that has the beginning of a shot in its ring, and sends the rest at the camera's pace."""

    def __init__(self, given: Shot | None = FIT, pace: float = 0.02) -> None:
        self.given, self._pace = given, pace
        self.cameras = frozenset({"gate"})
        self.begun = 0
        self.viewer: Viewer | None = None
        self._playing: asyncio.Task[None] | None = None

    def begin(self, camera: str, viewer: Viewer) -> None:
        assert camera in self.cameras
        self._stop()
        self.begun += 1
        self.viewer = viewer
        if self.given is not None:
            self._playing = asyncio.create_task(self._play(self.given, viewer))

    def end(self, camera: str, viewer: Viewer) -> None:
        if self.viewer is viewer:
            self._stop()
            self.viewer = None

    async def _play(self, given: Shot, viewer: Viewer) -> None:
        viewer.opened(given.info)
        turn = 0
        while True:
            for number, packet in enumerate(given.after(turn * 10.0).packets):
                if turn or number >= 10:
                    await asyncio.sleep(self._pace)
                viewer.packet(packet)
            turn += 1

    def _stop(self) -> None:
        if self._playing is not None:
            self._playing.cancel()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes long to start the process that converts."""
    monkeypatch.setattr(show, "_FIRST", PATIENCE)
    monkeypatch.setattr(show, "_CONVERTED", PATIENCE)


async def watched(live: LiveView, caller: Caller) -> Peer:
    peer, answer = await live.open(GATE, await caller.listens("video").offer(), CALLER)
    await caller.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return peer


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_viewer_sees_pictures_and_the_feed_ends_when_the_last_has_left() -> None:
    feed = Played()
    live = LiveView(feed)
    async with Caller() as first, Caller() as second:
        await watched(live, first)
        await watched(live, second)
        for caller in (first, second):
            picture = await caller.sees()
            assert (picture.width, picture.height) == (160, 120)
        assert feed.begun == 1
        assert [(one.camera, one.viewers, one.codec) for one in live.state()] == [("gate", 2, "H264")]
        await first.connection.close()
        await until(lambda: [one.viewers for one in live.state()] == [1])
        assert feed.viewer is not None
        await second.connection.close()
        await until(lambda: feed.viewer is None)
        assert live.state() == ()


async def test_what_can_no_longer_be_shown_ends_the_view_and_the_next_viewer_is_told_why() -> None:
    feed = Played()
    live = LiveView(feed, transcode=0)
    async with Caller() as caller, Caller() as late:
        peer = await watched(live, caller)
        await caller.sees()
        assert feed.viewer is not None
        feed.viewer.opened(ODD.info)
        for packet in ODD.packets:
            feed.viewer.packet(packet)
        feed.given = ODD
        await asyncio.wait_for(peer.ended(), PATIENCE)
        await until(lambda: live.state() == ())
        with pytest.raises(Turned) as turned:
            await watched(live, late)
    assert (turned.value.kind, turned.value.problem.code) == (Why.UNACCEPTABLE, "live.b_frames")
    assert feed.viewer is None


@pytest.mark.parametrize("given", [FIT, ODD])
async def test_a_camera_that_is_taken_out_ends_the_view_whatever_still_comes(given: Shot) -> None:
    feed = Played(given)
    live = LiveView(feed)
    async with Caller() as caller, Caller() as late:
        peer = await watched(live, caller)
        await caller.sees()
        feed.cameras = frozenset()
        await asyncio.wait_for(peer.ended(), PATIENCE)
        await until(lambda: live.state() == ())
        with pytest.raises(Turned) as turned:
            await watched(live, late)
    assert turned.value.problem.code == "live.unknown"
    assert feed.viewer is None


async def test_what_is_converted_is_seen() -> None:
    feed = Played(ODD)
    live = LiveView(feed)
    async with Caller() as caller:
        await watched(live, caller)
        await caller.sees()
        assert [one.codec for one in live.state()] == ["VP8"]
        await live.close()
        assert live.state() == ()
    assert feed.viewer is None


async def test_a_camera_without_a_picture_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "_FIRST", 0.05)
    feed = Played(None)
    live = LiveView(feed)
    async with Caller() as caller:
        with pytest.raises(Turned) as turned:
            await watched(live, caller)
    assert (turned.value.kind, turned.value.problem.code) == (Why.BUSY, "live.silent")
    assert turned.value.retry_after
    assert feed.viewer is None
    assert live.state() == ()


async def test_whoever_waits_while_the_box_stops_is_told() -> None:
    live = LiveView(Played(None))
    async with Caller() as caller:
        waiting = asyncio.create_task(watched(live, caller))
        await until(lambda: bool(live.state()))
        await live.close()
        with pytest.raises(Turned):
            await waiting
    assert live.state() == ()


@pytest.mark.parametrize(
    ("offer", "reason"),
    [("no SDP", Reason.MALFORMED), ("", Reason.MALFORMED), ("v=0\r\n" * 20_000, Reason.TOO_LARGE)],
)
async def test_an_offer_that_is_none_leaves_nothing_behind(offer: str, reason: Reason) -> None:
    feed = Played()
    live = LiveView(feed)
    with pytest.raises(Refused) as refused:
        await live.open(GATE, offer, CALLER)
    assert refused.value.reason is reason
    assert live.state() == ()
    await until(lambda: feed.viewer is None)


async def test_an_offer_without_video_or_without_its_codec_is_refused() -> None:
    feed = Played()
    live = LiveView(feed)
    async with Caller() as deaf, Caller() as old:
        with pytest.raises(Turned) as turned:
            await live.open(GATE, await deaf.listens("audio").offer(), CALLER)
        assert turned.value.problem.code == "live.no_video"
        transceiver = old.connection.addTransceiver("video", "recvonly")
        transceiver.setCodecPreferences([RTCRtpCodecCapability("video/VP8", 90000)])
        with pytest.raises(Refused) as refused:
            await live.open(GATE, await old.offer(), CALLER)
        assert refused.value.reason is Reason.NOT_ACCEPTABLE
    assert live.state() == ()
    await until(lambda: feed.viewer is None)


async def test_joins_and_leaves_leave_nothing_behind() -> None:
    feed = Played()
    live = LiveView(feed)

    async def once() -> None:
        async with Caller() as caller:
            peer = await watched(live, caller)
            assert await asyncio.wait_for(peer.connected(), PATIENCE)
        await asyncio.wait_for(peer.ended(), PATIENCE)
        await until(lambda: live.state() == ())

    own = psutil.Process()
    for _ in range(3):
        await once()
    tasks, files, threads = len(asyncio.all_tasks()), own.num_fds(), own_threads()
    for _ in range(15):
        await once()
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    await until(lambda: own.num_fds() <= files)
    await until(lambda: own_threads() <= threads)


class Line:
    def __init__(self) -> None:
        self.sent: list[Packet] = []

    def send(self, packet: Packet) -> bool:
        self.sent.append(packet)
        return True


def test_a_viewer_that_lost_the_picture_begins_again_with_the_kept_group_and_the_others_notice_nothing() -> (
    None
):
    now = 100.0
    shared, lines = Source(Kind.VIDEO, 90_000), (Line(), Line())
    outlets = [
        Outlet(Kind.VIDEO, Rewriter(90_000, spurts=False, sequence=0, timestamp=0), line) for line in lines
    ]
    group = video([True, False, False, False])
    for packet in group:
        shared.put(packet)
    for outlet in outlets:
        outlet.follow(Seat(shared, outlet, clock=lambda: now))
        outlet.opened()
    assert [len(line.sent) for line in lines] == [len(group)] * 2
    outlets[0].want_key()
    assert [len(line.sent) for line in lines] == [2 * len(group), len(group)]
    assert [one.payload for one in lines[0].sent[len(group) :]] == [one.payload for one in group]
    now += view._AGAIN / 2
    outlets[0].want_key()
    assert len(lines[0].sent) == 2 * len(group)  # a line that is too slow is not filled with fresh starts
    now += view._AGAIN
    outlets[0].want_key()
    assert len(lines[0].sent) == 2 * len(
        group
    )  # the last pictures of a silent camera, again, would look like life
    shared.put(replace(group[-1], sequence=group[-1].sequence + 1, timestamp=group[-1].timestamp + 3600))
    now += view._AGAIN
    outlets[0].want_key()
    assert [len(line.sent) for line in lines] == [3 * len(group) + 2, len(group) + 1]
