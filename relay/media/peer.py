"""One WebRTC connection that we have answered: what it sends us, what it gets from us, and its floor messages."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from relay.media import hook, offer
from relay.media.policy import (
    MAX_CANDIDATES,
    IceServer,
    Line,
    Policy,
    Purpose,
    gone,
    lines,
    malformed,
)
from relay.media.queue import Queue
from relay.media.stream import Kind, Rewriter
from relay.media.switch import Outlet, Source

_log = structlog.get_logger()

CHANNEL = "floor"
MAX_TEXT = 16 * 1024  # bytes of one floor message
_MAX_WAITING = 64 * 1024  # bytes of floor messages on their way: who is that far behind does not listen
_GATHER_SECONDS = 10.0  # STUN and TURN servers are given 5 s by aioice; more is a fault
_RELEASE_SECONDS = 5.0  # the goodbyes of DTLS, SCTP and TURN: each is one packet


class Ending(StrEnum):
    """Why a connection is over: by us, by them, it never stood, or it was lost."""

    CLOSED = "closed"
    LEFT = "left"
    NEVER = "never"
    LOST = "lost"


def _ignore_text(_: str) -> None:
    pass


def _ignore() -> None:
    pass


class Peer:
    """One connection; single-use. All of it runs on the loop it was made on.

    sources, outlets: by kind, filled by answer(). A peer that is neither connected in time nor heard for long closes
    itself; whoever made it waits for ended().
    """

    def __init__(
        self,
        policy: Policy,
        ice: Sequence[IceServer] = (),
        *,
        on_text: Callable[[str], None] = _ignore_text,
        on_channel: Callable[[], None] = _ignore,
    ) -> None:
        """on_text: a floor message came; on_channel: from now on say() reaches the peer."""
        self.policy = policy
        self.sources: dict[Kind, Source] = {}
        self.outlets: dict[Kind, Outlet] = {}
        self.unsaid = 0
        """Floor messages that did not fit."""
        self._ice = tuple(ice)
        self._on_text = on_text
        self._on_channel = on_channel
        self._contact = hook.Contact()
        self._connection: RTCPeerConnection | None = None
        self._channel: RTCDataChannel | None = None
        self._mid = ""
        self._room = MAX_CANDIDATES
        loop = asyncio.get_running_loop()
        self._stands: asyncio.Future[None] = loop.create_future()
        self._verdict: asyncio.Future[Ending] = loop.create_future()
        self._ended: asyncio.Future[Ending] = loop.create_future()
        self._life: asyncio.Task[None] | None = None

    @property
    def heard(self) -> float | None:
        """When RTP or RTCP last came from it, s (monotonic)."""
        return self._contact.heard

    @property
    def live(self) -> bool:
        """The connection stands."""
        return self._stands.done() and not self._verdict.done()

    async def answer(self, text: str) -> str:
        """Our SDP, all candidates in it. Raises Refused; then nothing is kept of the offer, nor of this peer."""
        assert self._life is None, "a peer answers once"
        read = offer.read(text)
        plan = lines(self.policy, read.sections)
        self._mid = read.mid
        configuration = RTCConfiguration(iceServers=[_server(each) for each in self._ice])
        self._connection = connection = RTCPeerConnection(configuration)
        self._life = asyncio.create_task(self._live(connection))
        try:
            async with asyncio.timeout(_GATHER_SECONDS):
                return await self._negotiate(connection, read, plan)
        except Exception as error:  # aiortc raises whatever an odd offer makes its parts raise
            await self.close()
            raise offer.refused(error) from error
        except asyncio.CancelledError:
            await self.close()
            raise

    async def add_candidates(self, candidates: Sequence[str], *, end: bool = False) -> None:
        """Trickled ones (RFC 8838). Raises Refused (MALFORMED; GONE)."""
        connection = self._standing()
        self._room -= len(candidates)
        if self._room < 0:
            raise malformed("too many candidates", "candidate 过多")
        found = [offer.candidate(line, self._mid) for line in candidates]
        for candidate in found:
            if candidate is not None:
                await connection.addIceCandidate(candidate)
        if end:
            await connection.addIceCandidate(None)
        hook.probe(connection)

    async def restart(self, ufrag: str, pwd: str, candidates: Sequence[str] = ()) -> tuple[str, str]:
        """ICE restart: with their new name fragment and password, ours are given back. Media goes on meanwhile.

        Our sockets, and so our candidates, stay as they were. Raises Refused (MALFORMED; GONE, also before the
        connection has once stood).
        """
        connection = self._standing()
        if not self.live:
            raise gone()
        if not (4 <= len(ufrag) <= 256 and 22 <= len(pwd) <= 256):  # RFC 8839, 5.4
            raise malformed("ICE name or password of the wrong length", "ICE 用户名或口令长度不正确")
        ours = (secrets.token_hex(4), secrets.token_hex(16))
        self._room = MAX_CANDIDATES
        hook.renew(connection, (ufrag, pwd), ours)
        await self.add_candidates(candidates)
        return ours

    def say(self, text: str) -> bool:
        """A floor message. False: there is no channel (yet), or the peer does not take what it was sent before."""
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > _MAX_WAITING:
            self.unsaid += 1
            return False
        channel.send(text)
        return True

    async def connected(self) -> bool:
        """False: it ended before."""
        await self._any(None)
        return self.live

    async def ended(self) -> Ending:
        """After everything of it is released."""
        return await asyncio.shield(self._ended)

    async def close(self) -> None:
        """Ends it, and waits until everything of it is released. May be called again."""
        self._decide(Ending.CLOSED)
        if self._life is None and not self._ended.done():
            self._ended.set_result(Ending.CLOSED)
        await self.ended()

    async def _negotiate(self, connection: RTCPeerConnection, read: offer.Offer, plan: Sequence[Line]) -> str:
        connection.on("connectionstatechange", self._changed)
        connection.on("datachannel", self._opened)
        transceivers = [self._prepared(connection, line) for line in plan]
        await connection.setRemoteDescription(RTCSessionDescription(read.text, "offer"))
        for line, transceiver, offered in zip(plan, transceivers, read.codecs, strict=True):
            hook.agree(transceiver, offered)
            self._attach(transceiver, line)
        await connection.setLocalDescription()
        return connection.localDescription.sdp

    def _prepared(self, connection: RTCPeerConnection, line: Line) -> RTCRtpTransceiver:
        """Before the offer is applied: left alone, aiortc takes its own favourites, VP8 first."""
        transceiver = connection.addTransceiver(line.kind.value, line.direction)
        known = RTCRtpReceiver.getCapabilities(line.kind.value)
        assert known is not None
        if line.sends or line.receives:  # else any codec will do: nothing is sent in it
            wanted = [*self.policy.codecs(line.kind), "rtx"]
            transceiver.setCodecPreferences(
                [codec for name in wanted for codec in known.codecs if codec.name.lower() == name.lower()]
            )
        return transceiver

    def _attach(self, transceiver: RTCRtpTransceiver, line: Line) -> None:
        rate = hook.rate(transceiver)
        if line.receives:
            source = Source(line.kind, rate, partial(hook.ask_key, transceiver))
            hook.tap(transceiver, self._contact, source.put)
            self.sources[line.kind] = source
        if line.sends:
            queue, rewriter = Queue(), _rewriter(line.kind, rate)
            outlet = Outlet(line.kind, rewriter, queue)
            hook.feed(transceiver, self._contact, queue, outlet)
            self.outlets[line.kind] = outlet

    async def _live(self, connection: RTCPeerConnection) -> None:
        """From the offer to the end: the one task of a peer."""
        ending = await self._outcome()
        self._decide(ending)
        hook.shut(connection)
        try:
            async with asyncio.timeout(_RELEASE_SECONDS):
                await connection.close()
        except Exception:  # noqa: BLE001 -- whatever aiortc stumbles over must not keep the session from ending
            _log.exception("relay.close_failed", ending=ending.value)
        for source in self.sources.values():
            source.close()
        for outlet in self.outlets.values():
            outlet.closed()
        self._ended.set_result(ending)

    async def _outcome(self) -> Ending:
        if not await self._any(self.policy.connect):
            return Ending.NEVER
        stood = time.monotonic()
        while not self._verdict.done():
            left = self._patience(stood)
            if left is not None and left <= 0:
                return Ending.LOST
            await asyncio.wait({self._verdict}, timeout=left)
        return self._verdict.result()

    async def _any(self, patience: float | None) -> bool:
        """Whether it stands or has ended within `patience` s."""
        either: set[asyncio.Future[Any]] = {self._stands, self._verdict}
        done, _ = await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)

    def _patience(self, stood: float) -> float | None:
        """s until a silent publisher is given up. Who only listens may be silent: aioice checks that it is there
        (consent, RFC 7675)."""
        if self.policy.purpose is not Purpose.PUBLISH:
            return None
        return self.policy.idle - (time.monotonic() - (self.heard or stood))

    def _standing(self) -> RTCPeerConnection:
        if self._connection is None or self._verdict.done():
            raise gone()
        return self._connection

    def _decide(self, ending: Ending) -> None:
        if not self._verdict.done():
            self._verdict.set_result(ending)

    def _changed(self) -> None:
        assert self._connection is not None
        match self._connection.connectionState:
            case "connected":
                if not self._stands.done():
                    self._stands.set_result(None)
            case "failed":
                self._decide(Ending.LOST if self._stands.done() else Ending.NEVER)
            case "closed":
                self._decide(Ending.LEFT)

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL or self._channel is not None:
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._heard)
        self._tell(self._on_channel)

    def _heard(self, message: str | bytes) -> None:
        if isinstance(message, bytes) or len(message.encode()) > MAX_TEXT:
            _log.warning("relay.message_refused", bytes=len(message))
            return
        self._tell(partial(self._on_text, message))

    def _tell(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception:  # noqa: BLE001 -- inside aiortc's transport it would end the connection, without a word
            _log.exception("relay.floor_message_failed")


def _rewriter(kind: Kind, rate: int) -> Rewriter:
    """Random first numbers (RFC 3550, 5.1); the sequence in the lower half, so that it does not wrap around while
    the keys of SRTP are young."""
    return Rewriter(
        rate,
        spurts=kind is Kind.AUDIO,
        sequence=random.randrange(1, 1 << 15),  # noqa: S311 -- SRTP keeps it secret
        timestamp=random.randrange(1 << 32),  # noqa: S311
    )


def _server(given: IceServer) -> RTCIceServer:
    return RTCIceServer(list(given.urls), given.username, given.credential)
