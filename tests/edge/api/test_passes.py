"""A pass of somebody signed in: what it opens, and that it ends with the account, the session and the rights behind it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from edge.accounts.desk import Accounts
from edge.accounts.roles import Act, Asker, Role
from edge.api.api import Api
from edge.passes import Holder
from edge.settings.talk import GroupSettings, MemberSettings
from edge.store import StoreError
from edge.talk.passes import Passes
from relay import talk
from relay.http.app import application
from relay.media.policy import Purpose
from relay.tokens import Grant, Right, TokenRefused
from relay.wish import Wish
from streams.problem import Problem, Text
from tests.support.consoles import PASSWORD, ApiBox, api_box
from tests.support.talking import PATROL, Officer, Site, site

ADMIN = Asker("user:boss", Role.ADMIN, frozenset({"*"}))
FAR = talk.TalkGroup(
    "far", (talk.Member("desk", talk.Role.OPERATOR), talk.Member("badge-1", talk.Role.BODY_CAMERA))
)


@dataclass
class Office:
    """A box whose account `zhang` is the desk of the patrol, and `li` nobody in any group."""

    box: ApiBox
    site: Site
    passes: Passes
    now: float

    async def signed_in(self, name: str, role: Role = Role.OPERATOR, *cameras: str) -> httpx.AsyncClient:
        await self.box.add(name, role, *cameras)
        return await self.box.entered(name)

    async def given(self, client: httpx.AsyncClient) -> str:
        answer = await client.post("/api/v1/pass")
        assert answer.status_code == 200, answer.text
        assert answer.json()["seconds"] <= 600, "minutes"
        return str(answer.json()["token"])

    def grant(self, token: str) -> Grant:
        return self.site.tokens.check(token, self.now)

    @property
    def accounts(self) -> Accounts:
        return self.box.parts.accounts


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with _office(tmp_path) as made:
        yield made


@asynccontextmanager
async def _office(folder: Path) -> AsyncIterator[Office]:
    desk = MemberSettings(name="desk", role=talk.Role.OPERATOR, accounts=("zhang", "wang"))
    badge = MemberSettings(name="badge-1", role=talk.Role.BODY_CAMERA)
    groups = (
        GroupSettings(name="patrol", members=(desk, badge)),
        GroupSettings(name="far", members=(desk.model_copy(update={"accounts": ()}), badge)),
    )
    async with api_box(folder) as box, site(PATROL, FAR) as at:
        passes = Passes(at.tokens, at.sessions, at.talk.calls, groups, lambda: made.now)
        parts = replace(box.parts, passes=passes.issue)
        made = Office(
            replace(box, parts=parts, app=application(Api(parts).routes())), at, passes, time.time()
        )
        yield made


async def test_a_member_may_what_a_token_of_it_might_and_no_more(office: Office) -> None:
    grant = office.grant(await office.given(await office.signed_in("zhang", Role.OPERATOR, "gate")))
    allowed = {
        Wish(Purpose.TALK, "patrol", "desk"): True,
        Wish(Purpose.TALK, "patrol", "badge-1"): False,
        Wish(Purpose.TALK, "far", "desk"): False,  # a desk that is not ours
        Wish(Purpose.PUBLISH, "patrol", "desk"): False,
        Wish(Purpose.WATCH, "patrol", "badge-1"): True,
        Wish(Purpose.WATCH, "far", "badge-1"): False,
        Wish(Purpose.WATCH, camera="gate"): True,
        Wish(Purpose.WATCH, camera="pit"): False,
    }
    assert {wish: grant.allows(wish) for wish in allowed} == allowed
    assert not grant.scope.in_url


async def test_who_is_in_no_group_sees_cameras_alone_whatever_the_role(office: Office) -> None:
    for name, role in (("li", Role.ADMIN), ("zhao", Role.VIEWER)):
        grant = office.grant(await office.given(await office.signed_in(name, role)))
        assert (grant.scope.may, grant.scope.groups, grant.scope.members) == ((Right.WATCH,), (), ())
        assert grant.allows(Wish(Purpose.WATCH, camera="pit"))


async def test_a_program_is_nobody_s_account_whatever_its_name(office: Office) -> None:
    secret = await office.accounts.issue(ADMIN, "zhang", Role.ADMIN, [Act.SEE], ["gate"], None)
    client = office.box.stranger()
    client.headers["Authorization"] = f"Bearer {secret}"
    grant = office.grant(await office.given(client))
    assert grant.scope.may == (Right.WATCH,)
    assert grant.scope.cameras == ("gate",)


async def test_a_pass_is_worth_nothing_after_minutes_and_another_is_to_be_had(office: Office) -> None:
    client = await office.signed_in("zhang")
    first = await office.given(client)
    office.now += 200
    second = await office.given(client)
    assert office.grant(first).name == office.grant(second).name, (
        "what was opened by one, the other may change"
    )
    office.now += 200
    with pytest.raises(TokenRefused):
        office.grant(first)
    assert office.grant(second)


async def test_many_windows_do_not_fill_the_memory(office: Office) -> None:
    client = await office.signed_in("zhang")
    for _ in range(20):
        newest = await office.given(client)
    assert office.grant(newest)
    assert len(office.site.tokens._lent) <= 8


End = Callable[[Office, httpx.AsyncClient], Awaitable[None]]


async def _disabled(office: Office, client: httpx.AsyncClient) -> None:
    await office.accounts.disable(ADMIN, "zhang", disabled=True)


async def _out(office: Office, client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/logout")).status_code == 204


async def _over(office: Office, client: httpx.AsyncClient) -> None:
    office.accounts.clock = lambda: time.time() + 30 * 86_400


async def _another_password(office: Office, client: httpx.AsyncClient) -> None:
    await office.accounts.change_password(ADMIN, "zhang", PASSWORD + "!")


async def _fewer_cameras(office: Office, client: httpx.AsyncClient) -> None:
    await office.accounts.entitle(ADMIN, "zhang", cameras=["gate"])
    await office.given(client)  # by what is left of its rights


@pytest.mark.parametrize("end", [_disabled, _out, _over, _another_password, _fewer_cameras])
async def test_what_was_opened_ends_with_what_it_was_opened_by(office: Office, end: End) -> None:
    await office.box.add("boss", Role.ADMIN)
    client = await office.signed_in("zhang")
    token = await office.given(client)
    async with Officer("desk") as desk, Officer("badge-1") as badge:
        await desk.joins(office.site, token=token)
        await badge.joins(office.site)
        await office.passes.look()
        assert len(office.site.sessions) == 2, "nobody is hung up while all is as it was"
        await end(office, client)
        other = await office.given(await office.signed_in("wang"))
        await office.passes.look()
        assert [each.wish.member for each in office.site.sessions._live.values()] == ["badge-1"]
        with pytest.raises(TokenRefused):
            office.grant(token)
        assert office.grant(other), "others stay"


async def test_who_talks_on_after_its_last_pass_is_looked_after_all_the_same(office: Office) -> None:
    client = await office.signed_in("zhang")
    async with Officer("desk") as desk:
        await desk.joins(office.site, token=await office.given(client))
        office.now += 3600
        await office.passes.look()
        assert len(office.site.sessions) == 1
        await client.post("/api/v1/logout")
        await office.passes.look()
        assert len(office.site.sessions) == 0
    await office.passes.look()
    assert not office.passes._held, "nothing is kept of who is gone"


async def test_a_call_is_come_to_by_the_pass_and_ends_with_it_too(office: Office) -> None:
    client = await office.signed_in("zhang")
    call = office.site.talk.calls.private("badge-1", "desk").ring.call
    other = office.site.talk.calls.private("badge-2", "badge-3").ring.call
    token = await office.given(client)
    assert office.grant(token).scope.groups == (call, "patrol")
    assert not office.grant(token).allows(Wish(Purpose.WATCH, other))
    async with Officer("desk") as desk:
        await desk.joins(office.site, call, token)
        await office.accounts.log_out(client.cookies["__Host-sandwatch"])
        await office.passes.look()
        assert len(office.site.sessions) == 0


async def test_who_cannot_be_asked_about_is_hung_up(office: Office) -> None:
    async def unreadable() -> bool:
        raise StoreError(Problem("store.damaged", Text("damaged", "损坏"), Text("look", "请检查")))

    held = office.passes.issue(Holder("user:zhang", "1", frozenset({"*"}), unreadable))
    await office.passes.look()
    with pytest.raises(TokenRefused):
        office.grant(held.token.get_secret_value())


async def test_while_talk_is_being_started_one_is_told_to_come_again(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        answer = await (await box.as_role(Role.VIEWER)).post("/api/v1/pass")
        assert (answer.status_code, answer.json()["code"]) == (409, "live.not_now")
