"""Connections with real callers: what they send arrives, and when they go nothing of them stays."""

import asyncio
import contextlib
import gc
import re
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from aiortc import RTCSessionDescription
from hypothesis import given
from hypothesis import strategies as st

from relay.media import offer
from relay.media.peer import Ending, Peer
from relay.media.policy import Policy, Purpose, Reason, Refused, Section, lines
from relay.media.stream import Kind
from relay.media.switch import Switch
from tests.support.callers import PATIENCE, Caller, Pictures, Tone, own_threads, pitch

PUBLISH, WATCH, TALK = (Policy(purpose) for purpose in Purpose)


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


async def test_one_speaks_and_the_other_hears() -> None:
    badge, centre, before = Peer(PUBLISH), Peer(WATCH), own_threads()
    async with Caller().publishes(Tone(440)) as speaker, Caller().listens() as listener:
        await speaker.call(badge)
        await listener.call(centre)
        assert "useinbandfec=1" in speaker.connection.remoteDescription.sdp  # RFC 7587, 6.1
        centre.outlets[Kind.AUDIO].follow(badge.sources[Kind.AUDIO])
        assert pitch((await listener.hears(0.6))[-19200:]) == pytest.approx(440, abs=5)
        assert own_threads() <= before + 2  # of the callers, not ours
    assert await asyncio.wait_for(badge.ended(), PATIENCE) is Ending.LEFT
    assert await asyncio.wait_for(centre.ended(), PATIENCE) is Ending.LEFT


async def test_the_floor_changes_hands_within_one_connection_each() -> None:
    """Three members with microphone, ear and floor channel in one connection."""
    switch, members = Switch(), {name: Peer(TALK) for name in ("centre", "badge-17", "badge-18")}
    async with (
        Caller().talks(Tone(400)) as one,
        Caller().talks(Tone(700)) as two,
        Caller().talks(Tone()) as ear,
    ):
        for (name, peer), caller in zip(members.items(), (one, two, ear), strict=True):
            await caller.call(peer)
            switch.join(name, peer.outlets[Kind.AUDIO])
        for name, hertz in (("centre", 400), ("badge-17", 700)):
            switch.turn(name, members[name].sources[Kind.AUDIO])
            async with asyncio.timeout(PATIENCE):
                while abs(pitch(await ear.hears(0.2)) - hertz) > 10:
                    pass
        before = members["badge-17"].outlets[Kind.AUDIO].sent
        await ear.hears(0.2)
        assert members["badge-17"].outlets[Kind.AUDIO].sent == before  # nobody hears himself
    for peer in members.values():
        await asyncio.wait_for(peer.ended(), PATIENCE)


async def test_pictures_pass_and_a_late_viewer_need_not_wait(demo_clip: Path) -> None:
    badge = Peer(PUBLISH)
    async with Caller().publishes(Tone(), Pictures(demo_clip)) as camera:
        await camera.call(badge)
        source = badge.sources[Kind.VIDEO]
        await eventually(lambda: len(source.gop) > 20)
        kept = source.gop
        for _ in range(2):
            centre = Peer(WATCH)
            async with Caller().listens("audio", "video") as viewer:
                await viewer.call(centre)
                centre.outlets[Kind.VIDEO].follow(source)
                centre.outlets[Kind.AUDIO].follow(badge.sources[Kind.AUDIO])
                frame = await viewer.sees()
                assert (frame.width, frame.height) == (640, 360)
                assert centre.outlets[Kind.VIDEO].sent >= len(kept) or source.gop[0] != kept[0]
                assert len(await viewer.hears(0.1))


@pytest.mark.parametrize("profile", ["42001f", "42e01f", "4d0029", "640c1f", "640028", "640033"])
async def test_profiles_of_body_cameras_are_taken_at_their_level(profile: str, demo_clip: Path) -> None:
    peer = Peer(PUBLISH)
    async with Caller().publishes(Pictures(demo_clip)) as camera:
        text = re.sub("profile-level-id=[0-9a-f]+", f"profile-level-id={profile}", await camera.offer())
        answer = await peer.answer(text)
    assert set(re.findall(r"profile-level-id=(\w+)", answer)) == {profile}
    assert "packetization-mode=1" in answer
    await peer.close()


async def test_a_lost_picture_is_asked_for_again_at_its_source(demo_clip: Path) -> None:
    """PLI from the viewer arrives at the publisher's encoder."""
    badge, centre = Peer(PUBLISH), Peer(WATCH)
    asked: list[bool] = []
    async with Caller().publishes(Pictures(demo_clip)) as camera, Caller().listens("video") as viewer:
        await camera.call(badge)
        await viewer.call(centre)
        sender = camera.connection.getSenders()[0]
        sender._send_keyframe = lambda: asked.append(True)  # type: ignore[method-assign]
        source = badge.sources[Kind.VIDEO]
        centre.outlets[Kind.VIDEO].follow(source)
        await viewer.sees()
        asked.clear()
        receiver = viewer.connection.getReceivers()[0]
        media = next(iter(receiver.getSynchronizationSources())).source
        await receiver._send_rtcp_pli(media)
        await eventually(lambda: bool(asked))


async def test_floor_messages_go_both_ways() -> None:
    heard: list[str] = []
    opened = asyncio.Event()
    peer = Peer(TALK, on_text=heard.append, on_channel=opened.set)
    async with Caller().talks(Tone()) as page:
        told: list[str] = []
        page.connection.createDataChannel("elsewhere").on("message", told.append)
        channel = page.connection.createDataChannel("floor")
        channel.on("message", told.append)
        assert not peer.say("nobody there")
        await page.call(peer)
        await asyncio.wait_for(opened.wait(), PATIENCE)
        await eventually(lambda: channel.readyState == "open")
        channel.send('{"ask": "floor"}')
        channel.send("x" * 20_000)
        channel.send(b"bytes")
        await eventually(lambda: bool(heard))
        assert peer.say("你好")
        await eventually(lambda: bool(told))
        assert (heard, told) == (['{"ask": "floor"}'], ["你好"])
        assert peer.unsaid == 1


async def test_a_message_nobody_can_handle_ends_no_call() -> None:
    heard: list[str] = []

    def handle(text: str) -> None:
        heard.append(text)
        raise KeyError(text)

    peer = Peer(TALK, on_text=handle)
    async with Caller().talks(Tone()) as page:
        channel = page.connection.createDataChannel("floor")
        await page.call(peer)
        await eventually(lambda: channel.readyState == "open")
        for text in ("one", "two"):
            channel.send(text)
        await eventually(lambda: heard == ["one", "two"])
        assert peer.live


async def test_who_offers_and_never_comes_is_given_up() -> None:
    peer = Peer(Policy(Purpose.WATCH, connect=0.2))
    async with Caller().listens() as caller:
        await peer.answer(await caller.offer())
        assert not await asyncio.wait_for(peer.connected(), PATIENCE)
        assert await asyncio.wait_for(peer.ended(), PATIENCE) is Ending.NEVER


async def test_a_publisher_that_falls_silent_is_given_up() -> None:
    peer = Peer(Policy(Purpose.PUBLISH, idle=3.0))
    async with Caller().publishes(Tone()) as caller:
        await caller.call(peer)
        await eventually(lambda: peer.sources[Kind.AUDIO].packets > 5)
        transport = caller.connection.getSenders()[0].transport

        async def swallowed(_: bytes) -> None: ...

        transport._send_rtp = swallowed  # type: ignore[assignment,method-assign]
        assert await asyncio.wait_for(peer.ended(), PATIENCE) is Ending.LOST


async def test_closing_tells_the_other_side() -> None:
    peer = Peer(PUBLISH)
    async with Caller().publishes(Tone()) as caller:
        await caller.call(peer)
        await peer.close()
        await peer.close()
        assert await peer.ended() is Ending.CLOSED
        assert not peer.live
        await eventually(lambda: caller.connection.connectionState == "closed")
        with pytest.raises(Refused) as refused:
            await peer.add_candidates([], end=True)
        assert refused.value.reason is Reason.GONE


async def test_closed_before_it_answered() -> None:
    peer = Peer(PUBLISH)
    await peer.close()
    assert await peer.ended() is Ending.CLOSED


async def test_candidates_may_come_later() -> None:
    """Trickled ICE (RFC 8838): the offer without, then what the browser found."""
    peer = Peer(PUBLISH)
    async with Caller().publishes(Tone()) as caller:
        whole = await caller.offer()
        found = [line for line in whole.splitlines() if line.startswith("a=candidate:")]
        bare = whole.replace("a=end-of-candidates\r\n", "")
        for line in found:
            bare = bare.replace(line + "\r\n", "")
        answer = await peer.answer(bare)
        await caller.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await peer.add_candidates(["candidate:1 1 UDP 2122252543 0a1b2c3d.local 50000 typ host"])
        await peer.add_candidates([line.removeprefix("a=") for line in found], end=True)
        assert await asyncio.wait_for(peer.connected(), PATIENCE)
        with pytest.raises(Refused, match="cannot be read"):
            await peer.add_candidates(["candidate:nonsense"])
        with pytest.raises(Refused, match="too many"):
            await peer.add_candidates(found * 40)
    await asyncio.wait_for(peer.ended(), PATIENCE)


async def test_the_way_may_change_in_mid_speech() -> None:
    """ICE restart: new names and passwords on both sides, and the voice goes on."""
    badge = Peer(PUBLISH)
    async with Caller().publishes(Tone()) as caller:
        await caller.call(badge)
        ice = caller.connection.getSenders()[0].transport.transport._connection
        theirs = ("newname", "p" * 24)
        ours = await badge.restart(*theirs)
        ice._local_username, ice._local_password = theirs
        ice.remote_username, ice.remote_password = ours
        pair = ice._nominated[1]
        for nominate in (False, True):
            request = ice.build_request(pair, nominate=nominate)
            await pair.protocol.request(
                request, pair.remote_addr, integrity_key=ours[1].encode(), retransmissions=5
            )
        before = badge.sources[Kind.AUDIO].packets
        await eventually(lambda: badge.sources[Kind.AUDIO].packets > before + 5)
        with pytest.raises(Refused, match="length"):
            await badge.restart("x", "short")
    assert await asyncio.wait_for(badge.ended(), PATIENCE) is Ending.LEFT


async def test_after_a_restart_the_new_way_is_knocked_at() -> None:
    """A TURN server lets nobody in to whom we have sent nothing."""
    badge = Peer(PUBLISH)
    async with Caller().publishes(Tone()) as caller:
        await caller.call(badge)
        ice = caller.connection.getSenders()[0].transport.transport._connection
        host = next(each.host for each in ice.local_candidates if "." in each.host)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind((host, 0))
            elsewhere.setblocking(False)
            port = elsewhere.getsockname()[1]
            await badge.restart("newname", "p" * 24, [f"candidate:1 1 udp 1 {host} {port} typ host"])
            async with asyncio.timeout(PATIENCE):
                knock = await asyncio.get_running_loop().sock_recv(elsewhere, 1500)
    assert knock[:2] == b"\x00\x01"  # a Binding request (RFC 8489)
    assert b"newname:" in knock
    await asyncio.wait_for(badge.ended(), PATIENCE)


@pytest.mark.parametrize(
    ("policy", "tracks", "why"),
    [
        (PUBLISH, ("audio",), "recvonly audio cannot be offered to publish"),
        (Policy(Purpose.WATCH, audio=("G719",)), ("audio",), "no audio codec in common"),
        (WATCH, ("audio", "audio"), "at most one audio"),
    ],
)
async def test_an_offer_that_does_not_fit_is_refused(
    policy: Policy, tracks: tuple[str, ...], why: str
) -> None:
    peer = Peer(policy)
    async with Caller().listens(*tracks) as caller:
        with pytest.raises(Refused, match=why) as refused:
            await peer.answer(await caller.offer())
    assert refused.value.reason is Reason.NOT_ACCEPTABLE
    assert refused.value.problem.do.zh


async def test_ten_megabytes_are_refused_before_anything_is_built() -> None:
    with pytest.raises(Refused) as refused:
        await Peer(PUBLISH).answer("v=0\r\n" + "a=x\r\n" * 2_000_000)
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("word", ["a=ice-pwd", "a=fingerprint", "a=mid", "a=rtcp-mux", "a=setup", "m=audio"])
async def test_an_offer_with_a_hole_is_refused(word: str) -> None:
    async with Caller().listens() as caller:
        whole = await caller.offer()
    with pytest.raises(Refused) as refused:
        await Peer(WATCH).answer(
            "".join(line for line in whole.splitlines(True) if not line.startswith(word))
        )
    assert refused.value.reason in (Reason.MALFORMED, Reason.NOT_ACCEPTABLE)


@given(st.text(max_size=400))
def test_no_text_is_read_but_as_an_offer_or_refused(text: str) -> None:
    with pytest.raises(Refused):
        offer.read(text)


_PARTS = [
    "v=0", "m=audio 9 X 0", "m=video 9 X 96", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN", "a=mid:0",
    "a=rtpmap:96 H264/90000", "a=fmtp:96 a=b", "a=fmtp:x", "a=ice-ufrag:x", "a=ice-pwd:y", "a=setup:actpass",
    "a=rtcp-mux", "a=group:BUNDLE 0", "a=candidate:1", "a=ssrc:x", "a=fingerprint:sha-256 AA", "a=extmap:y",
]  # fmt: skip


def test_a_refusal_does_not_repeat_what_it_was_told() -> None:
    with pytest.raises(Refused, match="only audio, video") as refused:
        lines(PUBLISH, [Section("audio", "sendonly", ("opus",)), Section("<script>" * 99, "sendonly")])
    assert "script" not in str(refused.value)


@given(st.lists(st.sampled_from(_PARTS)))
def test_odd_offers_are_read_or_refused(parts: list[str]) -> None:
    with contextlib.suppress(Refused):  # and nothing else
        lines(PUBLISH, offer.read("\r\n".join(parts)).sections)


@given(st.text(max_size=120))
def test_no_candidate_breaks_the_reader(line: str) -> None:
    with contextlib.suppress(Refused):
        offer.candidate(line, "0")


def test_names_of_mdns_and_tcp_are_of_no_use() -> None:
    sdp = "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n"
    assert offer.candidate(sdp.strip(), "0") is not None
    assert offer.candidate("candidate:1 1 udp 1 a-b.local 5 typ host", "0") is None
    assert offer.candidate("candidate:1 2 udp 1 10.0.0.1 5 typ host", "0") is None
    assert offer.candidate("candidate:1 1 tcp 1 10.0.0.1 5 typ host tcptype active", "0") is None


@given(
    st.sampled_from(list(Purpose)),
    st.lists(st.sampled_from(["audio", "video", "application", "text"]), max_size=4),
    st.sampled_from(["sendonly", "recvonly", "sendrecv", "inactive"]),
)
def test_the_purpose_decides_what_flows(purpose: Purpose, kinds: list[str], direction: str) -> None:
    sections = [Section(kind, direction, ("opus", "H264", "VP8")) for kind in kinds]
    try:
        plan = lines(Policy(purpose), sections)
    except Refused:
        return
    assert len(plan) == len([kind for kind in kinds if kind != "application"]) > 0
    assert all(line.receives for line in plan if purpose is Purpose.PUBLISH)
    assert not any(line.sends for line in plan if purpose is Purpose.PUBLISH)
    assert not any(line.receives for line in plan if purpose is Purpose.WATCH)


async def test_many_come_and_go_and_nothing_stays() -> None:
    await joins_and_leaves(5)  # what is made once is made
    before = held()
    await joins_and_leaves(50)
    async with asyncio.timeout(PATIENCE):
        while any(now > before[what] for what, now in held().items()):
            await asyncio.sleep(0.5)


async def joins_and_leaves(count: int) -> None:
    badge = Peer(PUBLISH)
    async with Caller().publishes(Tone()) as speaker:
        await speaker.call(badge)
        for _ in range(count):
            centre = Peer(TALK)
            async with Caller().talks(Tone()) as listener:
                listener.connection.createDataChannel("floor")
                await listener.call(centre)
                centre.outlets[Kind.AUDIO].follow(badge.sources[Kind.AUDIO])
            await asyncio.wait_for(centre.ended(), PATIENCE)
    await asyncio.wait_for(badge.ended(), PATIENCE)


def held() -> dict[str, int]:
    """Tasks, threads, open files and sockets, and objects of ours."""
    gc.collect()
    kinds = [type(each).__name__ for each in gc.get_objects()]
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": own_threads(),
        "files": psutil.Process().num_fds(),
        **{name: kinds.count(name) for name in ("Peer", "Source", "Outlet", "Queue", "RTCPeerConnection")},
    }
