"""Calls over HTTP: who may call whom, and what it is told if not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from edge.talk.phone import Phone
from edge.talk.switchboard import Switchboard
from relay.http.app import application
from relay.talk import Member, Role, TalkGroup
from relay.tokens import Right
from tests.support.talking import EVERYWHERE, PATROL, TOKEN, Officer, Site, scoped, site

BADGE = scoped("badge", "the-token-of-badge-1", may=(Right.SPEAK,), groups=("patrol",), members=("badge-1",))
EAR = scoped("ear", "the-token-of-an-ear!", may=(Right.WATCH,), groups=("patrol",))
FAR = TalkGroup("far", (Member("desk", Role.OPERATOR, 5), Member("badge-9", Role.BODY_CAMERA, 1)))


@asynccontextmanager
async def telephone() -> AsyncIterator[tuple[Site, httpx.AsyncClient]]:
    async with site(PATROL, FAR, tokens=(EVERYWHERE, BADGE, EAR)) as at:
        transport = httpx.ASGITransport(application(Phone(Switchboard(at.talk), at.tokens).routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
            yield at, client


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_one_calls_another_who_comes_by_the_ring_and_both_are_in_it() -> None:
    async with telephone() as (at, client), Officer("badge-2") as called, Officer("badge-2") as answering:
        await called.joins(at)
        asked = {"caller": "desk", "callee": "badge-2"}
        answer = await client.post("/api/v1/calls", json=asked, headers=bearer())
        assert answer.status_code == 201
        ring = await called.told("ring", by="desk", call=answer.json()["call"])
        async with Officer("desk") as desk:
            await desk.joins(at, answer.json()["call"], answer.json()["token"])
            await answering.joins(at, ring["call"], ring["token"])
            await desk.told("roster")
            assert set(at.talk._groups.get(ring["call"]).present) == {"desk", "badge-2"}


async def test_several_are_called_by_an_operator_only() -> None:
    async with telephone() as (at, client):
        several = {"members": ["badge-2", "badge-3"], "subject": "gate"}
        answer = await client.post("/api/v1/calls", json={"caller": "desk", **several}, headers=bearer())
        assert answer.status_code == 201
        assert [member for member, _ in at.rings] == ["badge-2", "badge-3"]
        answer = await client.post("/api/v1/calls", json={"caller": "badge-1", **several}, headers=bearer())
        assert (answer.status_code, answer.json()["code"]) == (403, "talk.not_allowed")


async def test_who_is_called_declines_and_nobody_else_does() -> None:
    async with telephone() as (at, client), Officer("desk") as desk:
        asked = {"caller": "desk", "callee": "badge-1"}
        ticket = (await client.post("/api/v1/calls", json=asked, headers=bearer())).json()
        await desk.joins(at, ticket["call"], ticket["token"])
        path, own = f"/api/v1/calls/{ticket['call']}/decline", bearer("the-token-of-badge-1")
        refused = await client.post(path, json={"member": "badge-2"}, headers=own)
        assert refused.status_code == 403
        assert (await client.post(path, json={"member": "badge-1"}, headers=own)).status_code == 204
        await desk.told("closed", reason="declined")
        gone = await client.post(path, json={"member": "badge-1"}, headers=own)
        assert (gone.status_code, gone.json()["code"]) == (404, "talk.no_group")


@pytest.mark.parametrize(
    ("token", "asked", "status", "code"),
    [
        (None, {"caller": "desk", "callee": "badge-1"}, 401, "token.missing"),
        ("nobody's-token-at-all", {"caller": "desk", "callee": "badge-1"}, 401, "token.unknown"),
        ("the-token-of-badge-1", {"caller": "desk", "callee": "badge-2"}, 403, "token.scope"),
        ("the-token-of-badge-1", {"caller": "badge-1", "callee": "badge-9"}, 403, "talk.not_met"),
        ("the-token-of-an-ear!", {"caller": "badge-1", "callee": "desk"}, 403, "token.scope"),
        (TOKEN, {"caller": "desk", "callee": "nobody"}, 403, "talk.not_met"),
        (TOKEN, {"callee": "badge-1"}, 400, "talk.letter"),
        (TOKEN, {"caller": "desk", "callee": ["x"]}, 400, "talk.letter"),
        (TOKEN, {"caller": "desk", "members": ["x"] * 65}, 400, "talk.letter"),
        (TOKEN, {"caller": "desk", "subject": "x" * 9000}, 413, "http.too_large"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_rings(
    token: str | None, asked: dict[str, object], status: int, code: str
) -> None:
    async with telephone() as (at, client):
        headers = {} if token is None else bearer(token)
        answer = await client.post("/api/v1/calls", json=asked, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert {"en", "zh"} <= answer.json().keys()
        assert at.rings == []
        assert at.talk._groups.calls == ()


async def test_what_is_no_json_is_refused() -> None:
    async with telephone() as (_, client):
        for kind, body, status in (
            ("application/json", b"{", 400),
            ("application/json", b"\xff", 400),
            ("text/plain", b"{}", 415),
        ):
            headers = {**bearer(), "Content-Type": kind}
            answer = await client.post("/api/v1/calls", content=body, headers=headers)
            assert answer.status_code == status
