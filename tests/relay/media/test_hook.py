"""Packets pass as they are, and RTCP does its work: reports, retransmission, and the way of every number."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from aioice.ice import ICE_COMPLETED, ICE_FAILED, Connection
from aiortc import RTCSessionDescription
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from relay.media import hook
from relay.media.peer import Peer
from relay.media.policy import Policy, Purpose
from relay.media.queue import Queue
from relay.media.stream import Kind, Packet, sequence_step
from relay.media.switch import Source
from tests.support.callers import PATIENCE, Caller, Pictures, Tone, lossy

PUBLISH, WATCH = Policy(Purpose.PUBLISH), Policy(Purpose.WATCH)


@dataclass
class Log:
    got: list[Packet] = field(default_factory=list)

    def put(self, packet: Packet) -> None:
        self.got.append(packet)

    @property
    def numbers(self) -> set[int]:
        return {packet.sequence for packet in self.got}


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


async def test_lost_sound_stays_lost_and_is_reported() -> None:
    peer, log = Peer(PUBLISH), Log()
    async with Caller().publishes(Tone()) as caller:
        await caller.call(peer)
        sender = caller.connection.getSenders()[0]
        lossy(sender.transport, lambda number: number % 10 == 0)
        peer.sources[Kind.AUDIO].attach(log)
        await until(lambda: len(log.got) > 60)
        steps = [sequence_step(b.sequence, a.sequence) for a, b in itertools.pairwise(log.got)]
        assert set(steps) == {1, 2}
        reports: list[int] = []

        async def reported() -> bool:
            report = (await sender.getStats()).get(f"remote-inbound-rtp_{id(sender)}")
            reports.append(getattr(report, "packetsLost", 0))
            return reports[-1] > 0

        async with asyncio.timeout(PATIENCE):
            while not await reported():
                await asyncio.sleep(0.05)
    assert all(0 < len(packet.payload) < 1200 for packet in log.got)
    assert {packet.level is not None for packet in log.got} == {True}


async def test_lost_pictures_are_sent_again(demo_clip: Path) -> None:
    """Up to us and on to the viewer: NACK and RTX on both legs."""
    badge, centre, log = Peer(PUBLISH), Peer(WATCH), Log()
    async with Caller().publishes(Pictures(demo_clip)) as camera, Caller().listens("video") as viewer:
        await camera.call(badge)
        await viewer.call(centre)
        lossy(camera.connection.getSenders()[0].transport, lambda number: number % 9 == 0)
        eye = centre.outlets[Kind.VIDEO]
        assert centre._connection is not None
        lossy(centre._connection.getSenders()[0].transport, lambda number: number % 9 == 0)
        badge.sources[Kind.VIDEO].attach(log)
        eye.follow(badge.sources[Kind.VIDEO])
        for _ in range(15):
            await viewer.sees()
        first, last = log.got[0].sequence, log.got[-1].sequence
        await until(lambda: set(range(first, last + 1)) <= log.numbers)  # some may be on their way
        assert [packet.sequence for packet in log.got] != sorted(log.numbers)  # those sent again came late


async def test_a_report_says_when_what_was_sent_was_seen() -> None:
    """RFC 3550, 6.4.1: pictures and sound of one moment have one time in their reports, whenever they were sent."""
    centre, reports = Peer(WATCH), list[RtcpSrPacket]()
    moment = 1_700_000_000.5
    async with Caller().listens() as listener:
        await listener.call(centre)
        receiver = listener.connection.getReceivers()[0]
        handle = receiver._handle_rtcp_packet

        async def noted(packet: AnyRtcpPacket) -> None:
            reports.extend([packet] if isinstance(packet, RtcpSrPacket) else [])
            await handle(packet)

        receiver._handle_rtcp_packet = noted  # type: ignore[method-assign]
        outlet = centre.outlets[Kind.AUDIO]
        source = Source(Kind.AUDIO, 48000)
        outlet.follow(source)
        for number in range(5):
            source.put(Packet(number, number * 960, b"x", time=moment + number * 0.02))
        await until(lambda: any(report.sender_info.packet_count == 5 for report in reports))
        said = next(each.sender_info for each in reports if each.sender_info.packet_count == 5)
    since_1900 = said.ntp_timestamp / (1 << 32)
    assert abs(since_1900 - 2_208_988_800 - (moment + 0.08)) < 1e-3


async def test_the_same_bytes_arrive_under_one_own_name() -> None:
    badge, centre, log, arrived = Peer(PUBLISH), Peer(WATCH), Log(), Log()
    async with Caller().publishes(Tone()) as speaker, Caller().listens() as listener:
        await speaker.call(badge)
        await listener.call(centre)
        transceiver = listener.connection.getTransceivers()[0]
        hook.tap(transceiver, hook.Contact(), arrived.put)
        badge.sources[Kind.AUDIO].attach(log)
        centre.outlets[Kind.AUDIO].follow(badge.sources[Kind.AUDIO])
        await until(lambda: len(arrived.got) > 20)
        await transceiver.receiver.stop()
    sent = [packet.payload for packet in log.got]
    start = sent.index(arrived.got[0].payload)
    assert sent[start : start + 20] == [packet.payload for packet in arrived.got[:20]]
    assert len({packet.ssrc for packet in arrived.got}) == 1
    assert arrived.got[0].ssrc != log.got[0].ssrc
    assert arrived.got[0].marker


async def test_a_handshake_that_ends_while_all_is_closed_starts_nothing() -> None:
    peer = Peer(Policy(Purpose.TALK))
    async with Caller().talks(Tone()) as caller:
        answer = await peer.answer(await caller.offer())
        assert peer._connection is not None
        await caller.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        dtls = peer._connection.getTransceivers()[0].receiver.transport
        async with asyncio.timeout(PATIENCE):
            while dtls.transport.state != "completed":  # the way is found, the keys are not yet agreed upon
                await asyncio.sleep(0)
        assert dtls.state != "connected"
        hook.shut(peer._connection)
        assert await asyncio.wait_for(peer.connected(), PATIENCE)
        await asyncio.sleep(0.1)
        transceiver = peer._connection.getTransceivers()[0]
        assert not transceiver.sender._RTCRtpSender__started  # type: ignore[attr-defined]
        assert not transceiver.receiver._RTCRtpReceiver__started  # type: ignore[attr-defined]
        await peer.close()


async def test_a_burst_is_paced() -> None:
    """A kept group of pictures does not leave as one clap that a modem would drop."""
    queue = Queue()
    for number in range(300):
        assert queue.send(Packet(number, 0, bytes(1200)))
    loop = asyncio.get_running_loop()
    start = loop.time()
    for _ in range(300):
        await queue.next()
    assert loop.time() - start >= (300 * 1200 - 60_000) / 3_000_000


async def test_a_full_queue_says_so() -> None:
    queue = Queue()
    taken = [queue.send(Packet(number % 65536, 0, b"x")) for number in range(5000)]
    assert taken == [True] * 4096 + [False] * 904


async def test_a_sender_of_ever_new_streams_is_bounded() -> None:
    peer = Peer(PUBLISH)
    async with Caller().publishes(Tone()) as caller:
        await caller.call(peer)
        source = peer.sources[Kind.AUDIO]
        await until(lambda: source.packets > 0)
        assert peer._connection is not None
        receiver = peer._connection.getReceivers()[0]
        sender = caller.connection.getSenders()[0]
        for ssrc in range(1000):
            packet = hook._to_send(Packet(1, 1, b"x"), 96, ssrc)
            await sender.transport._send_rtp(packet.serialize())
        await until(lambda: source.packets > 10)
        await asyncio.sleep(0.1)
        streams = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]
        assert len(streams) <= 16
        assert len(receiver.transport._rtp_router.ssrc_table) < 40


@given(st.sampled_from([103, 96]), st.booleans(), st.integers(0, 127) | st.none())
def test_a_packet_goes_out_as_it_came_in(payload_type: int, marker: bool, level: int | None) -> None:
    given = Packet(65535, (1 << 32) - 1, b"payload", marker, 0, level)
    packet = hook._to_send(given, payload_type, 42)
    assert (packet.ssrc, packet.payload_type) == (42, payload_type)
    assert hook._received(packet) == Packet(65535, (1 << 32) - 1, b"payload", marker, 42, level)


async def test_a_handshake_that_has_just_succeeded_fails_when_it_is_shut() -> None:
    """Else it goes on after close(), and asks for consent on closed sockets."""
    ice = Connection(ice_controlling=False)
    ice._check_list_state.put_nowait(ICE_COMPLETED)
    ice._check_list_done = True
    hook._fail(ice)
    assert [ice._check_list_state.get_nowait(), ice._check_list_state.empty()] == [ICE_FAILED, True]
    hook._fail(ice)  # connect() has read it
    assert ice._check_list_state.empty()
