"""A floor with more listeners than the box carries: it goes on at an SFU, behind the same interface.

The floor is published there once, as it was received (WHIP); who wants to listen is answered with the SFU's own answer
(WHEP), through us. It never knows: it sends its offer here, and the sound comes from there.
"""

import asyncio
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import aiohttp
import structlog
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from pydantic import SecretStr

from relay import sdpfrag
from relay.media import hook
from relay.media.queue import Queue
from relay.media.stream import Kind, Rewriter
from relay.media.switch import Outlet
from relay.signalling import Kind as Why
from relay.signalling import Leg, Turned
from relay.whipclient import Remote, SfuFailed, WhipClient
from streams.outgoing import networks_of, sockets
from streams.problem import Problem, ProblemError, Text
from streams.retry import Ladder

log = structlog.get_logger()

_RATE = 48_000  # Hz: Opus in RTP (RFC 7587)
_STANDS = 10.0  # s for the connection to the SFU, before whoever waits for it is told to come again
_TRY_AGAIN = 5.0  # s
_LIVES = 4 * 3600.0  # s: a listener that vanishes there is not known here; its seat is not kept for ever
_CLOSING = 5.0  # s: one request, and the goodbyes of DTLS

Join = Callable[[Outlet], Callable[[], None]]
"""Has an outlet hear a floor; what comes back ends that."""


@dataclass(frozen=True, slots=True)
class Sfu:
    """limit: listeners of one floor that stay here. whip, whep: {group} stands for the group's name."""

    limit: int
    whip: str
    whep: str
    token: SecretStr | None = None


class Handover:
    """All floors of a box at one SFU. told: what is wrong with it, or None."""

    def __init__(self, sfu: Sfu, told: Callable[[Problem | None], None] = lambda _problem: None) -> None:
        self._sfu, self._told = sfu, told
        self._http: aiohttp.ClientSession | None = None
        self._lines: dict[str, _Line] = {}

    def wanted(self, listeners: int) -> bool:
        return listeners >= self._sfu.limit

    async def open(self, group: str, join: Join, offer: str) -> tuple[Leg, str]:
        """Answer a listener of the floor. Raises Turned (BUSY) while the SFU is away, SfuFailed if it refuses him."""
        client = self._client()
        line = self._lines.get(group)
        if line is None or line.over:
            line = self._lines[group] = _Line(client, _named(self._sfu.whip, group), join, self._told)
        url = _named(self._sfu.whep, group)
        leg = _RemoteLeg(client, url, line)
        try:
            if not await line.stands():
                raise Turned(Why.BUSY, _down(group), _TRY_AGAIN)
            return leg, await leg.ask(offer)
        except BaseException:
            line.drop(leg)
            raise

    async def close(self) -> None:
        lines = [line.task for line in self._lines.values()]
        for line in self._lines.values():
            line.stop()
        if lines:
            await asyncio.wait(lines)
        if self._http is not None:
            await self._http.close()

    def _client(self) -> WhipClient:
        if self._http is None:
            allowed = networks_of(*(urlsplit(url).hostname or "" for url in (self._sfu.whip, self._sfu.whep)))
            connector = aiohttp.TCPConnector(socket_factory=sockets(allowed))
            self._http = aiohttp.ClientSession(connector=connector)
        return WhipClient(self._http, self._sfu.token)


class _Line:
    """One floor on its way to the SFU, made anew whenever it breaks, as long as somebody listens there."""

    def __init__(
        self, client: WhipClient, url: str, join: Join, told: Callable[[Problem | None], None]
    ) -> None:
        self._client, self._url, self._join, self._told = client, url, join, told
        self._standing = asyncio.Event()
        self._legs: set[_RemoteLeg] = set()
        self.task = asyncio.ensure_future(self._keep())

    @property
    def over(self) -> bool:
        return self.task.done() or self.task.cancelling() > 0

    def take(self, leg: "_RemoteLeg") -> None:
        self._legs.add(leg)

    def drop(self, leg: "_RemoteLeg") -> None:
        self._legs.discard(leg)
        if not self._legs:
            self.stop()

    def stop(self) -> None:
        self.task.cancel()

    async def stands(self) -> bool:
        try:
            async with asyncio.timeout(_STANDS):
                await self._standing.wait()
        except TimeoutError:
            return False
        return True

    async def _keep(self) -> None:
        ladder = Ladder(random.Random(), first=0.5)  # noqa: S311 (jitter)
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            try:
                await self._carry()
            except ProblemError as error:
                log.warning(error.problem.code, problem=error.problem.say("en"))
                self._told(error.problem)
            await asyncio.sleep(ladder.wait(lived=clock() - started))

    async def _carry(self) -> None:
        """One connection, until it ends. Raises SfuFailed."""
        forward = _Forward()
        remote: Remote | None = None
        leave: Callable[[], None] | None = None
        try:
            remote = await self._client.post(self._url, await forward.offer())
            await forward.answered(remote.answer)
            leave = self._join(forward.outlet)
            self._standing.set()
            self._told(None)
            await forward.ended.wait()
        finally:
            self._standing.clear()
            if leave is not None:
                leave()
            await asyncio.shield(_closed(forward, self._client, remote, self._url))


async def _closed(forward: "_Forward", client: WhipClient, remote: Remote | None, url: str) -> None:
    try:
        async with asyncio.timeout(_CLOSING):
            if remote is not None:
                await client.delete(remote, url)
            await forward.close()
    except (SfuFailed, TimeoutError) as error:
        log.info("handover.not_closed", why=str(error))  # the SFU notices by itself that nothing comes


class _Forward:
    """A connection that we offer: one stream of Opus, as it was received."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._stands = asyncio.Event()
        self._connection = RTCPeerConnection()
        self._connection.on("connectionstatechange", self._changed)
        transceiver = self._connection.addTransceiver("audio", "sendonly")
        known = RTCRtpReceiver.getCapabilities("audio")
        assert known is not None
        transceiver.setCodecPreferences([codec for codec in known.codecs if codec.name.lower() == "opus"])
        queue = Queue()
        sequence, stamp = random.randrange(1, 1 << 15), random.randrange(1 << 32)  # noqa: S311 (SRTP keeps it secret)
        rewriter = Rewriter(_RATE, spurts=True, sequence=sequence, timestamp=stamp)
        self.outlet = Outlet(Kind.AUDIO, rewriter, queue)
        hook.feed(transceiver, hook.Contact(), queue, self.outlet)

    async def offer(self) -> str:
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def answered(self, answer: str) -> None:
        """Returns when it stands. Raises SfuFailed."""
        try:
            async with asyncio.timeout(_STANDS):
                await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
                await self._stands.wait()
        except Exception as error:  # aiortc raises whatever an odd answer makes its parts raise
            log.info("handover.answer", why=type(error).__name__)
            raise SfuFailed(_NOT_STANDING) from error
        if self.ended.is_set():
            raise SfuFailed(_NOT_STANDING)

    async def close(self) -> None:
        hook.shut(self._connection)
        await self._connection.close()

    def _changed(self) -> None:
        match self._connection.connectionState:
            case "connected":
                self._stands.set()
            case "failed" | "closed":
                self.ended.set()
                self._stands.set()


class _RemoteLeg:
    """A listener whose connection stands between him and the SFU; what he asks of it is asked there."""

    def __init__(self, client: WhipClient, url: str, line: _Line) -> None:
        self._client, self._url, self._line = client, url, line
        self._remote: Remote | None = None
        self._login: tuple[str | None, str | None] = (None, None)
        self._over = asyncio.Event()
        line.take(self)

    async def ask(self, offer: str) -> str:
        """The SFU's answer. Raises SfuFailed."""
        self._remote = await self._client.post(self._url, offer)
        self._login = sdpfrag.ufrag_of(offer), _pwd_of(offer)
        return self._remote.answer

    async def add_candidates(self, lines: Sequence[str], *, end: bool = False) -> None:
        assert self._remote is not None
        fragment = sdpfrag.Fragment(*self._login, tuple(lines), end)
        await self._client.patch(self._remote, self._url, sdpfrag.write(fragment))

    async def restart(self, ufrag: str, pwd: str, lines: Sequence[str] = ()) -> tuple[str, str]:
        raise Turned(Why.NO_RESTART, _NO_RESTART)

    async def close(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        self._line.drop(self)
        if self._remote is not None:
            try:
                await self._client.delete(self._remote, self._url)
            except SfuFailed as error:
                log.info("handover.not_closed", why=str(error))

    async def ended(self) -> object:
        """Closed here, or kept for so long that nobody can still be there."""
        try:
            async with asyncio.timeout(_LIVES):
                await self._over.wait()
        except TimeoutError:
            await self.close()
        return "closed"


def _named(url: str, group: str) -> str:
    return url.replace("{group}", quote(group, safe=""))


def _pwd_of(sdp: str) -> str | None:
    found = re.search(r"(?m)^a=ice-pwd:([!-~]+)", sdp)
    return found[1] if found else None


def _down(group: str) -> Problem:
    what = Text(
        f"talk group {group} is full here, and its SFU is away",
        f"对讲组 {group} 本机名额已满，且 SFU 暂不可用",
    )
    return Problem("handover.down", what, _DO)


_DO = Text("check talk.handover and the SFU", "请检查 talk.handover 和 SFU")
_NOT_STANDING = Problem(
    "handover.media",
    Text("no media connection to the SFU came about", "未能与 SFU 建立媒体连接"),
    Text(
        "check that the SFU takes Opus, and that its UDP ports can be reached from here",
        "请检查 SFU 是否支持 Opus，及其 UDP 端口能否从本机访问",
    ),
)
_NO_RESTART = Problem(
    "handover.restart",
    Text("a session at the SFU cannot be restarted from here", "SFU 上的会话无法由本机重启"),
    Text("connect again", "请重新连接"),
)
