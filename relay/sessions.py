"""The connections that were answered, by their addresses: opened, trickled to, restarted, closed, and counted.

One of these serves every way that signalling comes (HTTP, MQTT).
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from relay.ice import IceServers
from relay.media.policy import IceServer, Reason, Refused
from relay.sdpfrag import Fragment, ufrag_of
from relay.session_problems import full, no_answer, restart_unmarked, stale
from relay.signalling import Caller, Exchange, Kind, Leg, Turned, not_found
from relay.tokens import Grant, Tokens
from relay.wish import Wish
from streams.problem import ProblemError

# Gathering our own candidates asks STUN and TURN servers, which are given 5 s each where they do not answer.
_ANSWER_WAIT = 12.0
_TRY_AGAIN = 5.0  # s: somebody may have left by then

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many sessions at once: of the box, in one group, under one token."""

    box: int = 100
    group: int = 60
    token: int = 40


@dataclass(slots=True)
class Session:
    """id: its address, unguessable. etag: of its ICE session. ice: servers for the one who connected, with passwords."""

    id: str
    wish: Wish
    grant: Grant
    answer: str
    ice: tuple[IceServer, ...]
    leg: Leg = field(repr=False)
    ufrag: str | None
    etag: str
    watch: "asyncio.Task[None] | None" = None


class Sessions:
    """clock: s since 1970."""

    def __init__(
        self,
        exchange: Exchange,
        ice: IceServers,
        tokens: Tokens,
        limits: Limits = Limits(),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._exchange, self._ice, self._tokens = exchange, ice, tokens
        self._limits, self._clock = limits, clock
        self._seats: dict[str, tuple[Wish, Grant]] = {}  # also of those that are being answered
        self._live: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._seats)

    async def open(self, wish: Wish, offer: str, grant: Grant) -> Session:
        """Answer an offer of somebody who may. Raises ProblemError; nothing is kept then."""
        self._admit(wish, grant)
        now = self._clock()
        self._tokens.spend(grant, now)
        ident = secrets.token_urlsafe(24)
        self._seats[ident] = wish, grant
        try:
            async with asyncio.timeout(_ANSWER_WAIT):
                caller = Caller(ident, grant, self._ice.for_us(now))
                leg, answer = await self._exchange.open(wish, offer, caller)
        except BaseException as error:
            del self._seats[ident]
            self._tokens.refund(grant)
            if isinstance(error, TimeoutError) or (
                isinstance(error, Refused) and error.reason is Reason.GONE
            ):
                raise Turned(Kind.BUSY, no_answer(), _TRY_AGAIN) from None
            raise
        session = Session(ident, wish, grant, answer, self.ice_for(grant), leg, ufrag_of(offer), _etag())
        self._live[ident] = session
        session.watch = asyncio.ensure_future(self._until_over(session))
        if self._ice.relays and "typ relay" not in answer:
            # aioice goes on without: nobody but this line tells that the server is down, or the secret wrong.
            log.warning("session.no_relay", who=grant.name, do="check the servers under ice", **_place(wish))
        log.info("session.opened", who=grant.name, purpose=wish.purpose, **_place(wish))
        return session

    def ice_for(self, grant: Grant) -> tuple[IceServer, ...]:
        """Servers for somebody who is about to connect."""
        return self._ice.for_client(grant.name, self._clock())

    def get(self, ident: str, grant: Grant) -> Session:
        """Raises Turned (NOT_FOUND), the same for what is not there and for what is somebody else's."""
        session = self._live.get(ident)
        if session is None or session.grant.name != grant.name:
            raise not_found()
        return session

    async def patch(self, session: Session, fragment: Fragment, *, if_match: str) -> Fragment | None:
        """More candidates (None comes back), or an ICE restart (RFC 9725, 4.3): our new ufrag and pwd come back, and
        the session has a new etag. if_match: an etag, or "*", without which there is no restart.

        Raises ProblemError; Turned (STALE) where the etag is another one's.
        """
        if if_match not in ("*", session.etag):
            raise Turned(Kind.STALE, stale())
        if fragment.ufrag in (None, session.ufrag):
            await session.leg.add_candidates(fragment.lines, end=fragment.end)
            return None
        if if_match != "*" or fragment.ufrag is None or fragment.pwd is None:
            raise Turned(Kind.NO_RESTART, restart_unmarked())
        ufrag, pwd = await session.leg.restart(fragment.ufrag, fragment.pwd, fragment.lines)
        session.ufrag, session.etag = fragment.ufrag, _etag()
        return Fragment(ufrag, pwd)

    async def close(self, session: Session) -> None:
        """When it returns, nothing of it is left."""
        self._live.pop(session.id, None)
        await session.leg.close()
        if session.watch is not None:
            await asyncio.wait([session.watch])

    async def close_of(self, holder: str) -> None:
        """Those that the holder of this name has open."""
        own = [session for session in self._live.values() if session.grant.name == holder]
        await asyncio.gather(*(self.close(session) for session in own))

    def holds(self, holder: str) -> bool:
        """Whether somebody of this name has one, or is being answered."""
        return any(grant.name == holder for _, grant in self._seats.values())

    async def close_all(self) -> None:
        await asyncio.gather(*(self.close(session) for session in list(self._live.values())))

    def _admit(self, wish: Wish, grant: Grant) -> None:
        """Raises Turned (BUSY)."""
        seats = self._seats.values()
        if len(seats) >= self._limits.box:
            raise Turned(Kind.BUSY, full("box", self._limits.box), _TRY_AGAIN)
        group = sum(taken.group == wish.group for taken, _ in seats) if wish.group else 0
        if group >= self._limits.group:
            raise Turned(Kind.BUSY, full("group", self._limits.group), _TRY_AGAIN)
        if sum(holder.name == grant.name for _, holder in seats) >= self._limits.token:
            raise Turned(Kind.BUSY, full("token", self._limits.token), _TRY_AGAIN)

    async def _until_over(self, session: Session) -> None:
        """A connection that ends by itself gives its seat back."""
        why: object = None
        try:
            why = await session.leg.ended()
        except ProblemError as error:
            why = error.problem.code
        finally:
            self._live.pop(session.id, None)
            self._seats.pop(session.id, None)
            log.info("session.over", who=session.grant.name, why=str(why), **_place(session.wish))


def _etag() -> str:
    """Strong (RFC 9110, 8.8.1), without its quotes."""
    return secrets.token_hex(8)


def _place(wish: Wish) -> dict[str, str]:
    parts = {"group": wish.group, "member": wish.member, "camera": wish.camera}
    return {name: value for name, value in parts.items() if value is not None}
