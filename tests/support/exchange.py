"""Talk groups reduced to what signalling needs: real connections, answered and counted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from edge.settings.web import HttpSettings, HttpTls
from edge.web import WebService
from relay.http.app import application
from relay.http.signalling import Signalling
from relay.ice import IceServers, IceServerSpec
from relay.media.peer import Peer
from relay.media.policy import Policy
from relay.sessions import Limits, Sessions
from relay.signalling import Caller, Directory, Exchange, Kind, Leg, Place, Turned, not_found
from relay.talk import GroupKind, Member, Role
from relay.tokens import Right, Tokens, TokenSpec
from relay.wish import Wish
from streams.problem import Problem, Text
from tests.support.ports import free_port

KEY = SecretStr("a key of thirty-two bytes or more")
DUTY = "duty-token-0123456789"
LISTENER = "listener-token-0123456789"
DOCK = "dock-token-0123456789"
DEFAULT = Limits()
GROUPS = ("huangzhuang", "黄庄")

TOKENS = (
    TokenSpec(
        name="duty",
        secret=SecretStr(DUTY),
        may=(Right.PUBLISH, Right.WATCH, Right.SPEAK),
        groups=("*",),
        members=("*",),
        cameras=("*",),
    ),
    TokenSpec(name="listener", secret=SecretStr(LISTENER), may=(Right.WATCH,), groups=("huangzhuang",)),
    TokenSpec(
        name="dock",
        secret=SecretStr(DOCK),
        may=(Right.PUBLISH,),
        groups=("huangzhuang",),
        members=("dock",),
        in_url=True,
    ),
)


@dataclass
class Switchboard:
    """An `Exchange` of real peers. A member that is already there is taken."""

    peers: dict[str, Peer] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)

    async def open(self, wish: Wish, offer: str, caller: Caller) -> tuple[Leg, str]:
        if wish.camera is not None or wish.group not in GROUPS:
            raise not_found()
        if wish.member in self.peers:
            raise Turned(Kind.TAKEN, Problem("test.taken", Text("taken", "占用"), Text("wait", "等待")))
        peer = Peer(Policy(wish.purpose), caller.ice)
        answer = await peer.answer(offer)
        self.wishes.append(wish)
        self.callers.append(caller)
        if wish.member is not None:
            self.peers[wish.member] = peer
            forgetting = asyncio.ensure_future(peer.ended())
            forgetting.add_done_callback(lambda _: self.peers.pop(wish.member or "", None))
        return peer, answer

    def directory(self) -> Directory:
        members = (Member("duty", Role.OPERATOR), Member("dock", Role.BODY_CAMERA))
        groups = tuple(Place(name, None, members, GroupKind.STANDING) for name in GROUPS)
        return Directory(groups, (Place("gate", "North gate"),))


@dataclass
class Box:
    """A box's HTTP as it runs, and what is behind it."""

    url: str
    sessions: Sessions
    tokens: Tokens
    exchange: Exchange
    client: httpx.AsyncClient
    port: int


@asynccontextmanager
async def served(
    app: Starlette, tls: HttpTls | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[tuple[str, int]]:
    """The app by the real server. port: 0 for any that is free."""
    port = port or free_port()
    settings = HttpSettings(listen=f"{host}:{port}", tls=tls)
    service = asyncio.ensure_future(WebService(settings, app).run())
    try:
        await _until_it_listens(host, port, service)
        yield settings.url, port
    finally:
        service.cancel()
        await asyncio.wait([service])


def some_tokens() -> Tokens:
    return Tokens(TOKENS, KEY, "sand-01")


@asynccontextmanager
async def a_box(
    *,
    ice: Sequence[IceServerSpec] = (),
    limits: Limits = DEFAULT,
    exchange: Exchange | None = None,
    tokens: Tokens | None = None,
    origins: Sequence[str] = (),
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Box]:
    tokens = tokens or some_tokens()
    exchange = exchange or Switchboard()
    sessions = Sessions(exchange, IceServers(ice), tokens, limits)
    app = application(Signalling(sessions, tokens, exchange).routes(), origins)
    async with (
        served(app, host=host, port=port) as (url, port),
        httpx.AsyncClient(base_url=url, timeout=60) as client,
    ):
        try:
            yield Box(url, sessions, tokens, exchange, client, port)
        finally:
            await sessions.close_all()


async def _until_it_listens(host: str, port: int, service: "asyncio.Future[None]") -> None:
    async with asyncio.timeout(60):
        while not service.done():
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
                return
            await asyncio.sleep(0.01)
    service.result()
