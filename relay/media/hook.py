"""The one place that reaches into aiortc: RTP packets in and out as they are, without its codecs and queues.

aiortc decodes what it receives and encodes what it sends. Here a receiver hands each packet on as it comes, keeping
the reports of RFC 3550, NACK, retransmission (RFC 4588) and the bandwidth estimate; a sender sends the packets it is
given, keeping sender reports, the history for NACK, and BYE. Everything relied on is private to aiortc 1.16, which is
why that version is pinned; tests/relay/media/test_canary.py says what to look at before another one is taken.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog
from aioice.ice import ICE_FAILED, CandidatePair, Connection
from aiortc import rtcrtpreceiver, rtcrtpsender
from aiortc.clock import current_ntp_time
from aiortc.codecs import CODECS, is_rtx
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpparameters import RTCRtpSendParameters as SendParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTP_HISTORY_SIZE,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)

from relay.media.queue import Queue
from relay.media.stream import Packet

if TYPE_CHECKING:
    from aiortc import RTCIceTransport, RTCPeerConnection, RTCRtpTransceiver

_log = structlog.get_logger()

_SINCE_1900 = 2_208_988_800  # s from then to 1970 (RFC 868)
_STREAMS = 16  # SSRCs of one sender and kind; a browser changes its own perhaps once in a call
_asking: set[asyncio.Task[None]] = set()
# Main, constrained high and high of H.264, beside the baselines aiortc knows: what body cameras send.
_PROFILES = {"4d001f": 103, "640c1f": 105, "64001f": 107}


@dataclass(slots=True)
class Contact:
    """When a peer was last heard of, s (monotonic); None: never. Shared by all its streams."""

    heard: float | None = None

    def touch(self) -> None:
        self.heard = time.monotonic()


class Outlet(Protocol):
    """What a hooked sender tells: the connection stands, it has ended, the viewer needs a key frame."""

    def opened(self) -> None: ...

    def closed(self) -> None: ...

    def want_key(self) -> None: ...


# The two classes below are named like those they extend, so that Python's mangling of private names (self.__codecs is
# self._RTCRtpReceiver__codecs) leads to the private state of aiortc.


class RTCRtpReceiver(rtcrtpreceiver.RTCRtpReceiver):
    """Hands packets on instead of decoding them. Made of aiortc's own by `tap`."""

    contact: Contact
    take: Callable[[Packet], None]
    shut: bool

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """As aiortc's, without the thread that decodes."""
        if self.__started or self.shut:
            return
        self.__codecs.update({codec.payloadType or 0: codec for codec in parameters.codecs})
        self.__rtx_ssrc.update({each.rtx.ssrc: each.ssrc for each in parameters.encodings if each.rtx})
        self.__transport._register_rtp_receiver(self, parameters)
        self.__rtcp_task = asyncio.ensure_future(self._run_rtcp())
        self.__started = True

    async def ask_key(self) -> None:
        """PLI for whatever stream arrived last (RFC 4585, 6.3.1)."""
        if self.__remote_streams:
            media = [ssrc for ssrc in self.__remote_streams if ssrc not in self.__rtx_ssrc]
            await self._send_rtcp_pli(media[-1])

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        self.contact.touch()
        await super()._handle_rtcp_packet(packet)

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        codec = self.__codecs.get(packet.payload_type)
        if not self._enabled or codec is None:
            return
        self.contact.touch()
        await self._estimate(packet, arrival_time_ms)
        if not self._known(packet, codec):
            return
        self.__remote_streams[packet.ssrc].add(packet)
        found = self._unwrapped(packet, codec) if is_rtx(codec) else packet
        if found is None or not found.payload:  # an empty one only probes the line
            return
        if self.__nack_generator is not None and self.__nack_generator.add(found):
            await self._send_rtcp_nack(found.ssrc, sorted(self.__nack_generator.missing))
        self.take(_received(found))

    def _known(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> bool:
        """A new stream is taken up, unless there were too many: a report has room for 31."""
        if packet.ssrc in self.__remote_streams:
            return True
        if len(self.__remote_streams) >= _STREAMS:
            self.__transport._rtp_router.ssrc_table.pop(packet.ssrc, None)
            return False
        self.__remote_streams[packet.ssrc] = rtcrtpreceiver.StreamStatistics(codec.clockRate)
        if self.__nack_generator is not None and not is_rtx(codec):
            self.__nack_generator = rtcrtpreceiver.NackGenerator()  # its numbers begin anew
        return True

    def _unwrapped(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> RtpPacket | None:
        original, apt = self.__rtx_ssrc.get(packet.ssrc), codec.parameters.get("apt")
        if original is None or not isinstance(apt, int) or len(packet.payload) < 2:
            return None
        return unwrap_rtx(packet, payload_type=apt, ssrc=original)

    async def _estimate(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """How fast the sender may send (REMB): without it a browser stays at its first guess."""
        sent = packet.extensions.abs_send_time
        if self.__remote_bitrate_estimator is None or sent is None:
            return
        estimate = self.__remote_bitrate_estimator.add(
            abs_send_time=sent,
            arrival_time_ms=arrival_time_ms,
            payload_size=len(packet.payload) + packet.padding_size,
            ssrc=packet.ssrc,
        )
        if estimate is not None and self.__rtcp_ssrc is not None:
            fci = pack_remb_fci(*estimate)
            await self._send_rtcp(
                RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self.__rtcp_ssrc, media_ssrc=0, fci=fci)
            )


class RTCRtpSender(rtcrtpsender.RTCRtpSender):
    """Sends the packets it is given. Made of aiortc's own by `feed`."""

    contact: Contact
    outlet: Outlet
    queue: Queue
    shut: bool

    async def send(self, parameters: SendParameters) -> None:
        if not self.shut:
            await super().send(parameters)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        self.contact.touch()
        await super()._handle_rtcp_packet(packet)

    def _send_keyframe(self) -> None:
        self.outlet.want_key()

    async def _run_rtp(self, codec: RTCRtpCodecParameters) -> None:
        self.__rtp_started.set()
        try:
            self.outlet.opened()
            while True:
                await self._pass_on(codec, await self.queue.next())
        except (asyncio.CancelledError, ConnectionError):
            pass
        except Exception:  # noqa: BLE001 -- aiortc's stop() waits for the end of this task
            _log.exception("relay.sender_failed", kind=self.kind)
        finally:
            self.outlet.closed()
            self.__rtp_exited.set()

    async def _pass_on(self, codec: RTCRtpCodecParameters, given: Packet) -> None:
        packet = _to_send(given, codec.payloadType or 0, self._ssrc)
        packet.extensions.mid = self.__mid
        ntp = current_ntp_time()
        packet.extensions.abs_send_time = (ntp >> 14) & 0x00FFFFFF
        self.__rtp_history[given.sequence % RTP_HISTORY_SIZE] = packet
        await self.transport._send_rtp(packet.serialize(self.__rtp_header_extensions_map))
        # What the next sender report says. By it a browser shows sound and pictures together, however long each of
        # them was on its way to here.
        self.__ntp_timestamp = ntp if given.time is None else _ntp(given.time)
        self.__rtp_timestamp = given.timestamp
        self.__octet_count += len(given.payload)
        self.__packet_count += 1


def tap(transceiver: "RTCRtpTransceiver", contact: Contact, take: Callable[[Packet], None]) -> None:
    """What this transceiver receives goes to `take` as it comes."""
    receiver = transceiver.receiver
    receiver.__class__ = RTCRtpReceiver  # aiortc builds its own; only its behaviour changes
    assert isinstance(receiver, RTCRtpReceiver)
    receiver.contact, receiver.take, receiver.shut = contact, take, False


def feed(transceiver: "RTCRtpTransceiver", contact: Contact, queue: Queue, outlet: Outlet) -> None:
    """What is put into the queue is sent by this transceiver."""
    sender = transceiver.sender
    sender.__class__ = RTCRtpSender
    assert isinstance(sender, RTCRtpSender)
    sender.contact, sender.outlet, sender.queue, sender.shut = contact, outlet, queue, False


def ask_key(transceiver: "RTCRtpTransceiver") -> None:
    """The sender of what this (tapped) transceiver receives is asked for a key frame."""
    receiver = transceiver.receiver
    assert isinstance(receiver, RTCRtpReceiver)
    task = asyncio.ensure_future(receiver.ask_key())
    _asking.add(task)  # the loop itself keeps tasks only weakly
    task.add_done_callback(_asking.discard)


def shut(connection: "RTCPeerConnection") -> None:
    """Before close(): a handshake that ends in this moment starts nothing any more, which close() would not stop."""
    for transceiver in connection.getTransceivers():
        for half in (transceiver.receiver, transceiver.sender):
            if isinstance(half, RTCRtpReceiver | RTCRtpSender):
                half.shut = True
    if connection.getTransceivers():
        _fail(_ice(connection).iceGatherer._connection)


def _fail(ice: Connection) -> None:
    """Its check list has failed, unless connect() knows already that it has not. Else connect() would go on after
    close(), and ask for consent (RFC 7675) on closed sockets for half a minute."""
    verdict = ice._check_list_state
    if ice._check_list_done and verdict.empty():
        return
    while not verdict.empty():
        verdict.get_nowait()
    ice._check_list_done = True
    verdict.put_nowait(ICE_FAILED)


def rate(transceiver: "RTCRtpTransceiver") -> int:
    """Ticks per s of the codec agreed upon."""
    return transceiver._codecs[0].clockRate


def agree(transceiver: "RTCRtpTransceiver", offered: Sequence[RTCRtpCodecParameters]) -> None:
    """The answer speaks of the parameters of the offer, which aiortc would leave out: the level of H.264 is that of
    the camera, and without useinbandfec a browser sends no redundancy against loss (RFC 7587, 6.1). sprop-...
    describe what their sender sends, not what we do."""
    parameters = {codec.payloadType: codec.parameters for codec in offered}
    for codec in transceiver._codecs:
        if not is_rtx(codec):
            offer = parameters.get(codec.payloadType, codec.parameters)
            codec.parameters = {key: value for key, value in offer.items() if not key.startswith("sprop")}
            if codec.name.lower() == "opus":
                codec.parameters |= {"useinbandfec": 1}


def renew(connection: "RTCPeerConnection", theirs: tuple[str, str], ours: tuple[str, str]) -> None:
    """ICE restart (RFC 8445, 9) on the same sockets, below aiortc, which knows none: its DTLS and RTP never notice.

    theirs, ours: user name fragment and password. Packets go the old way until the peer has nominated a new one.
    """
    gatherer = _ice(connection).iceGatherer
    ice = gatherer._connection
    for pair in ice._check_list:
        if pair.task is not None:
            pair.task.cancel()
    ice._check_list.clear()
    ice._remote_candidates.clear()
    ice._remote_candidates_end = gatherer._remote_candidates_end = False
    ice._nominating.clear()
    ice.remote_username, ice.remote_password = theirs
    ice._local_username, ice._local_password = ours


def probe(connection: "RTCPeerConnection") -> None:
    """Candidates that came after a restart are tried: aioice itself paces checks only while it first connects."""
    ice = _ice(connection)
    if ice.state == "completed":
        for pair in ice._connection._check_list:
            if pair.state in (CandidatePair.State.FROZEN, CandidatePair.State.WAITING):
                ice._connection.check_start_task(pair)


def _ice(connection: "RTCPeerConnection") -> "RTCIceTransport":
    return connection.getTransceivers()[0].receiver.transport.transport


def _received(packet: RtpPacket) -> Packet:
    level = packet.extensions.audio_level
    return Packet(
        packet.sequence_number,
        packet.timestamp,
        packet.payload,
        bool(packet.marker),
        packet.ssrc,
        None if level is None else level[1],
    )


def _to_send(given: Packet, payload_type: int, ssrc: int) -> RtpPacket:
    packet = RtpPacket(payload_type, int(given.marker), given.sequence, given.timestamp, ssrc, given.payload)
    if given.level is not None:
        packet.extensions.audio_level = (given.level < 127, given.level)
    return packet


def _ntp(time: float) -> int:
    """s since 1970 as RTCP has it: s since 1900 in 1/2**32 (RFC 3550, 4)."""
    return round((time + _SINCE_1900) * (1 << 32))


def _know_profiles() -> None:
    """aiortc negotiates the two baselines of H.264 only; its list is the one place where it can be taught more."""
    for profile, payload_type in _PROFILES.items():
        feedback = [
            RTCRtcpFeedback("nack"),
            RTCRtcpFeedback("nack", "pli"),
            RTCRtcpFeedback("goog-remb"),
        ]
        parameters: dict[str, int | str | None] = {
            "level-asymmetry-allowed": "1",
            "packetization-mode": "1",
            "profile-level-id": profile,
        }
        CODECS["video"] += [
            RTCRtpCodecParameters("video/H264", 90000, None, payload_type, feedback, parameters),
            RTCRtpCodecParameters(
                "video/rtx", 90000, None, payload_type + 1, parameters={"apt": payload_type}
            ),
        ]


_know_profiles()
