"""The way to one camera's loudspeaker: from DESCRIBE to TEARDOWN.

ONVIF Streaming Specification, 5.3 (back channel) over RTSP 1.0 (RFC 2326).
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn, Protocol

import structlog

from relay.loudspeaker.datagrams import pair
from relay.loudspeaker.errors import NO_SESSION, OTHER_HOST, Garbled, Lost, NoCommonCodec, NoLoudspeaker
from relay.loudspeaker.line import Field, Line
from relay.loudspeaker.login import Login
from relay.loudspeaker.message import Answer, Malformed
from relay.loudspeaker.offer import Encoding, Taken, address, choose, described
from relay.loudspeaker.spec import LoudspeakerSpec, login
from relay.loudspeaker.transport import Granted, datagrams, granted, interleaved
from streams.errors import (
    CLOSED,
    NO_ROUTE,
    NO_TLS,
    REDIRECTED_LATE,
    Busy,
    ConnectTimeout,
    Forbidden,
    NotFound,
    NotRtsp,
    Refused,
    StreamError,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from streams.knock import Reached, context_for, reach
from streams.networks import Networks
from streams.urls import endpoint, request_uri

_log = structlog.get_logger()

_REQUIRE: Field = ("Require", "www.onvif.org/ver20/backchannel")
_UNSUPPORTED = 551  # "Option not supported"
_NO_SESSION = 454  # "Session Not Found"
_LOGINS = 3  # requests until one is answered: without a login, with it, and with a fresh nonce
# s between two signs of life at the most. A mobile operator's NAT forgets a silent connection after a minute or
# less, and a camera that lost its power is missed no sooner than by the answer that does not come.
_ALIVE = 15.0
_GOODBYE = 1.0  # s for the answer to TEARDOWN: it only lets the camera forget us sooner


class Way(Protocol):
    """Takes packets to the loudspeaker. False: it took none, and the packet is lost."""

    def __call__(self, packet: bytes) -> bool: ...


Opened = Callable[[Taken, Way], None]


async def run(spec: LoudspeakerSpec, opened: Opened) -> NoReturn:
    """Connects, tells `opened` how to send what, and keeps the session alive. Always raises: StreamError, or
    cancelled, which ends the session in good order."""
    where = str(endpoint(spec.url))
    reached = await asyncio.to_thread(
        reach, spec.address, Networks(spec.allow_networks), spec.tls, spec.connect_timeout
    )
    if endpoint(reached.url).host != endpoint(spec.url).host:
        raise Forbidden(where, OTHER_HOST)
    if not reached.spoke:
        raise NotRtsp(where, NO_TLS)
    async with await _connect(spec, reached, where) as line:
        await _Session(spec, reached, line).run(opened)


async def _connect(spec: LoudspeakerSpec, reached: Reached, where: str) -> Line:
    place = endpoint(reached.url)
    tls = context_for(spec.tls) if place.tls else None
    name = (spec.tls.name or place.host) if place.tls else None
    failure: StreamError
    try:
        async with asyncio.timeout(spec.connect_timeout):
            reader, writer = await asyncio.open_connection(
                str(reached.address), place.port, ssl=tls, server_hostname=name
            )
        return Line(reader, writer, where, spec.answer_timeout)
    except TimeoutError:
        failure = ConnectTimeout(where)
    except ssl.SSLCertVerificationError:
        failure = Untrusted(where)
    except ssl.SSLError:
        failure = NotRtsp(where, NO_TLS)
    except ConnectionError:
        failure = Unreachable(where, CLOSED)
    except OSError:
        failure = Unreachable(where, NO_ROUTE)
    raise failure


class _Session:
    """One session on one line."""

    def __init__(self, spec: LoudspeakerSpec, reached: Reached, line: Line) -> None:
        self._spec, self._line, self._reached = spec, line, reached
        self._uri = request_uri(reached.url, reached.address)
        name, word = login(reached.url)
        self._login = Login(name, word) if name or word else None
        self._extra: list[Field] = [_REQUIRE]  # in every request about the back channel (ONVIF, 5.3.1)

    async def run(self, opened: Opened) -> NoReturn:
        taken = await self._loudspeaker()
        if self._spec.transport == "udp":
            await self._by_udp(taken, opened)
        session = await self._set_up(taken, interleaved())
        channel = session.channel or 0
        await self._open(session, taken, lambda packet: self._line.send(channel, packet), opened)

    async def _by_udp(self, taken: Taken, opened: Opened) -> NoReturn:
        async with pair(self._line.local) as sockets:
            session = await self._set_up(taken, datagrams(sockets.port))
            if not session.port:
                raise Refused(self._line.where)
            sockets.aim(str(self._reached.address), session.port)
            await self._open(session, taken, sockets.send, opened)

    async def _loudspeaker(self) -> Taken:
        """What is best of what it takes. Raises NoLoudspeaker, NoCommonCodec."""
        wanted = [("Accept", "application/sdp")]
        answer = await self._ask("DESCRIBE", self._uri, wanted)
        if answer.status == _UNSUPPORTED:
            _log.info("loudspeaker.not_required", where=self._line.where)
            self._extra.clear()  # some have one without knowing ONVIF's word for it
            answer = await self._ask("DESCRIBE", self._uri, wanted)
        exists, ways = described(self._done(answer).body.decode("utf-8", "replace"))
        if not exists:
            raise NoLoudspeaker(self._line.where)
        wish = None if self._spec.codec == "auto" else Encoding(self._spec.codec)
        chosen = choose(ways, wish)
        if chosen is None:
            raise NoCommonCodec(self._line.where)
        self._uri = self._base(answer)
        return replace(chosen, control=address(self._uri, chosen.control))

    def _base(self, answer: Answer) -> str:
        """What the addresses in the description are beside (RFC 2326, C.1.1)."""
        told = answer.headers.get("content-base") or answer.headers.get("content-location")
        return told if told and " " not in told else self._uri

    async def _set_up(self, taken: Taken, transport: str) -> Granted:
        answer = self._done(await self._ask("SETUP", taken.control, [("Transport", transport)]))
        with suppress(Malformed):
            return granted(answer.headers)
        raise Garbled(self._line.where)

    async def _open(self, session: Granted, taken: Taken, way: Way, opened: Opened) -> NoReturn:
        self._extra.append(("Session", session.session))
        try:
            self._done(await self._ask("PLAY", self._uri, [("Range", "npt=0.000-")]))
            opened(taken, way)
            await self._keep_alive(min(_ALIVE, session.timeout / 2))
        finally:
            with suppress(StreamError, TimeoutError):
                async with asyncio.timeout(_GOODBYE):
                    await self._line.ask("TEARDOWN", self._uri, self._fields("TEARDOWN", self._uri))

    async def _keep_alive(self, interval: float) -> NoReturn:
        """By GET_PARAMETER, and by OPTIONS where the camera does not know that."""
        method = "GET_PARAMETER"
        while True:
            await self._line.rest(interval)
            answer = await self._ask(method, self._uri)
            if answer.status == _NO_SESSION:
                raise Lost(self._line.where, NO_SESSION)
            if answer.status >= 400:
                method = "OPTIONS"

    async def _ask(self, method: str, uri: str, fields: Sequence[Field] = ()) -> Answer:
        """The answer, after the login that it takes. Raises Unauthorized, Lost, Garbled."""
        for _ in range(_LOGINS):
            answer = await self._line.ask(method, uri, self._fields(method, uri, fields))
            if answer.status != 401:
                if self._login is not None:
                    self._login.accepted()
                return answer
            if self._login is None or not self._login.challenged(answer.headers.all("www-authenticate")):
                break
        raise Unauthorized(self._line.where)

    def _fields(self, method: str, uri: str, fields: Sequence[Field] = ()) -> list[Field]:
        said = self._login.authorization(method, uri) if self._login is not None else None
        return [*fields, *self._extra, *([("Authorization", said)] if said else [])]

    def _done(self, answer: Answer) -> Answer:
        """Raises StreamError unless the camera did what was asked."""
        if answer.status >= 300:
            raise refused(answer.status, self._line.where)
        return answer


def refused(status: int, where: str) -> StreamError:
    """What an answer means that is no success."""
    match status:
        case 403:
            return Unauthorized(where)
        case 404:
            return NotFound(where)
        case _ if status < 400:
            return Forbidden(where, REDIRECTED_LATE)
        case 453:  # "Not Enough Bandwidth": somebody else speaks through it
            return Busy(where)
        case _ if status < 500 or status == _UNSUPPORTED:
            return Refused(where)
    return Busy(where)
