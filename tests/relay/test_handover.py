"""A floor with more listeners than it may have here goes on at an SFU: a second instance of ours stands for one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from aiortc import RTCSessionDescription
from pydantic import SecretStr

from relay.handover import Handover, Sfu
from relay.media.policy import Purpose
from relay.signalling import Kind, Turned
from relay.talk import Member, Role, TalkGroup
from relay.tokens import Right
from relay.whipclient import SfuFailed, WhipClient
from relay.wish import Wish
from streams.problem import Problem
from tests.support.callers import Caller, Tone, pitch
from tests.support.ports import free_port
from tests.support.served import served
from tests.support.talking import Officer, Site, scoped, site, until

TOKEN = "the-token-of-the-first-box"
FORWARD = scoped("box-1", TOKEN, may=tuple(Right), groups=("*",), members=("*",))
# The SFU knows a group of the same name, in which the first box is the one who speaks.
ROOM = TalkGroup("patrol", (Member("box-1", Role.OPERATOR),))


def sfu(url: str, limit: int = 1, token: str | None = TOKEN) -> Sfu:
    whip, whep = f"{url}/whip/talk/{{group}}/box-1", f"{url}/whep/talk/{{group}}/box-1"
    return Sfu(limit, whip, whep, SecretStr(token) if token else None)


@asynccontextmanager
async def listens(at: Site, caller: Caller) -> AsyncIterator[str]:
    """A listener of the floor; its session."""
    async with caller.listens("audio"):
        session = await at.sessions.open(Wish(Purpose.WATCH, "patrol"), await caller.offer(), at.everybody)
        await caller.connection.setRemoteDescription(RTCSessionDescription(session.answer, "answer"))
        yield session.id


async def test_listeners_past_the_limit_hear_the_floor_by_the_sfu() -> None:
    told: list[Problem | None] = []
    async with site(ROOM, tokens=(FORWARD,)) as far, served(far) as url:
        handover = Handover(sfu(url), told.append)
        async with site(handover=handover) as at, Officer("desk", Tone(440)) as desk:
            await desk.joins(at)
            async with (
                listens(at, Caller()),
                listens(at, first := Caller()) as one,
                listens(at, second := Caller()),
            ):
                assert len(far.sessions) == 3  # the floor on its way there, and two that listen there
                desk.presses()
                await desk.told("granted")
                heard = await asyncio.gather(first.hears(1.5), second.hears(1.5))
                assert [round(pitch(samples[-24000:]), -1) for samples in heard] == [440, 440]
                await at.sessions.close(at.sessions.get(one, at.everybody))
                await until(lambda: len(far.sessions) == 2)
            await at.sessions.close_all()
            await until(lambda: len(far.sessions) == 0)
    assert told == [None]


async def test_candidates_go_through_to_the_sfu_and_restarts_do_not() -> None:
    async with (
        site(ROOM, tokens=(FORWARD,)) as far,
        served(far) as url,
        site(handover=Handover(sfu(url, limit=0))) as at,
        listens(at, Caller()) as ident,
    ):
        leg = at.sessions.get(ident, at.everybody).leg
        await leg.add_candidates(["candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host"], end=True)
        with pytest.raises(Turned) as turned:
            await leg.restart("abcd", "p" * 22)
        assert turned.value.kind is Kind.NO_RESTART
        await at.sessions.close_all()


async def test_an_sfu_that_comes_back_is_found_again() -> None:
    """Whoever listened there connects again; the floor is on its way before."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    told: list[Problem | None] = []
    handover = Handover(sfu(url, limit=0), told.append)
    async with site(handover=handover) as at, Officer("desk", Tone(440)) as desk:
        await desk.joins(at)
        async with site(ROOM, tokens=(FORWARD,)) as far, served(far, port), listens(at, Caller()):
            await until(lambda: told == [None])
        await until(lambda: told[-1] is not None)
        async with site(ROOM, tokens=(FORWARD,)) as far, served(far, port):
            await until(lambda: len(far.sessions) == 1)
            async with listens(at, again := Caller()):
                desk.presses()
                await desk.told("granted")
                assert round(pitch((await again.hears(1.5))[-24000:]), -1) == 440
            await at.sessions.close_all()


async def test_an_sfu_that_is_away_is_said_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.handover._STANDS", 3.0)
    told: list[Problem | None] = []
    handover = Handover(sfu(f"http://127.0.0.1:{free_port()}", limit=0), told.append)
    async with site(handover=handover) as at:
        with pytest.raises(Turned) as turned:
            async with listens(at, Caller()):
                pass
        assert turned.value.kind is Kind.BUSY
        assert turned.value.retry_after
        assert told[0] is not None
        assert told[0].code == "handover.unreachable"
        assert len(at.sessions) == 0


async def test_a_wrong_token_is_told_with_its_status_and_without_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relay.handover._STANDS", 3.0)
    told: list[Problem | None] = []
    async with site(ROOM, tokens=(FORWARD,)) as far, served(far) as url:
        handover = Handover(sfu(url, limit=0, token="a-token-that-is-wrong"), told.append)
        async with site(handover=handover) as at:
            with pytest.raises(Turned):
                async with listens(at, Caller()):
                    pass
    assert told[0] is not None
    assert "401" in told[0].what.en
    assert "a-token-that-is-wrong" not in repr(told)


async def test_the_token_does_not_follow_a_redirect_to_another_host() -> None:
    seen: list[tuple[str, str | None]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.path, request.headers.get("Authorization")))
        if request.path == "/first":
            raise web.HTTPTemporaryRedirect(f"http://localhost:{port}/second")
        return web.Response(status=201, text="v=0", headers={"Location": "/session/1"})

    port = free_port()
    app = web.Application()
    app.router.add_post("/{path}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession() as http:
        remote = await WhipClient(http, SecretStr(TOKEN)).post(
            f"http://127.0.0.1:{port}/first", "v=0\r\na=mid:7\r\n"
        )
    await runner.cleanup()
    assert seen == [("/first", f"Bearer {TOKEN}"), ("/second", None)]
    assert (remote.url, remote.mid) == (f"http://localhost:{port}/session/1", "7")


@pytest.mark.parametrize("status", [200, 301, 404, 500])
async def test_anything_but_created_is_a_refusal(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="v=0", headers={"Location": "/session/1"})

    port = free_port()
    app = web.Application()
    app.router.add_post("/whip", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession() as http:
        with pytest.raises(SfuFailed) as failed:
            await WhipClient(http).post(f"http://127.0.0.1:{port}/whip", "v=0")
    await runner.cleanup()
    assert failed.value.problem.code == "handover.refused"
