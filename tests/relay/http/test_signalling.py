"""WHIP and WHEP over real HTTP, by real connections: the right status, and nothing kept of what was refused."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from pydantic import SecretStr

from relay.ice import IceServerSpec
from relay.media.policy import Purpose
from relay.sessions import Limits
from relay.signalling import Caller, Directory, Leg
from relay.tokens import Right, Scope
from relay.wish import Wish
from tests.support.callers import own_threads
from tests.support.exchange import DOCK, DUTY, LISTENER, Box, Switchboard, a_box

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
BEARER = {"Authorization": f"Bearer {DUTY}"}
POSTED = {**SDP, **BEARER}
WHIP = "/whip/talk/huangzhuang/body"
SCOPE = Scope(may=(Right.PUBLISH,), groups=("huangzhuang",), members=("body",))


@asynccontextmanager
async def offering(direction: str = "sendonly", kind: str = "audio") -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        connection.addTransceiver(kind, direction)
        await connection.setLocalDescription(await connection.createOffer())
        yield connection
    finally:
        await connection.close()


async def offer(direction: str = "sendonly") -> str:
    async with offering(direction) as connection:
        return str(connection.localDescription.sdp)


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    async with a_box() as running:
        yield running


async def opened(box: Box, path: str = WHIP, direction: str = "sendonly") -> httpx.Response:
    answer = await box.client.post(path, content=await offer(direction), headers=POSTED)
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_body_camera_publishes_and_is_connected(box: Box) -> None:
    async with offering() as connection:
        answer = await box.client.post(WHIP, content=connection.localDescription.sdp, headers=POSTED)
        assert answer.status_code == 201
        assert answer.headers["content-type"].startswith("application/sdp")
        assert answer.headers["accept-patch"] == "application/trickle-ice-sdpfrag"
        await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await until(lambda: connection.connectionState == "connected")
        gone = await box.client.delete(answer.headers["location"], headers=BEARER)
        assert gone.status_code == 200
        assert len(box.sessions) == 0


async def test_a_viewer_gets_what_a_group_says(box: Box) -> None:
    for path in ("/whep/talk/huangzhuang", "/whep/talk/huangzhuang/body", "/whep/talk/%E9%BB%84%E5%BA%84"):
        await opened(box, path, "recvonly")
    assert isinstance(box.exchange, Switchboard)
    assert box.exchange.wishes == [
        Wish(Purpose.WATCH, "huangzhuang"),
        Wish(Purpose.WATCH, "huangzhuang", "body"),
        Wish(Purpose.WATCH, "黄庄"),
    ]


async def test_session_addresses_cannot_be_guessed_and_etags_are_strong(box: Box) -> None:
    answers = [await opened(box, f"/talk/huangzhuang/{name}", "sendrecv") for name in "ab"]
    idents = [answer.headers["location"].removeprefix("/session/") for answer in answers]
    assert all(len(ident) >= 32 for ident in idents)
    assert idents[0] != idents[1]
    assert all(answer.headers["etag"].startswith('"') for answer in answers)
    assert answers[0].headers["etag"] != answers[1].headers["etag"]


async def test_servers_are_handed_out_with_a_login_of_ones_own() -> None:
    ice = (
        IceServerSpec(url="stun:127.0.0.1:9"),
        IceServerSpec(url="turns:turn.example:443?transport=tcp", secret=SecretStr("shared")),
    )
    async with a_box(ice=ice, exchange=Unreached()) as box:
        answer = await box.client.post(WHIP, content="v=0", headers=POSTED)
        places = (await box.client.get("/api/v1/places", headers=BEARER)).json()
    stun, turn = answer.headers.get_list("link")
    assert stun == '<stun:127.0.0.1:9>; rel="ice-server"'
    assert turn.startswith('<turns:turn.example:443?transport=tcp>; rel="ice-server"; username="')
    assert ':duty"; credential="' in turn
    assert turn.endswith('credential-type="password"')
    assert places["ice"][1]["urls"] == ["turns:turn.example:443?transport=tcp"]


async def test_candidates_trickle_with_the_etag_and_only_with_it(box: Box) -> None:
    answer = await opened(box)
    place, etag = answer.headers["location"], answer.headers["etag"]
    body = "a=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host\r\na=end-of-candidates\r\n"
    for headers, status in (
        ({}, 428),
        ({"If-Match": '"another"'}, 412),
        ({"If-Match": f"W/{etag}"}, 412),
        ({"If-Match": etag, "Content-Type": "application/sdp"}, 415),
        ({"If-Match": etag}, 204),
    ):
        patched = await box.client.patch(place, content=body, headers={**FRAGMENT, **BEARER, **headers})
        assert patched.status_code == status, (headers, patched.text)
    for wrong in (
        "",
        "hello",
        "a=candidate:1\r\n",
        "a=ice-ufrag:x\r\n",
        "a=candidate:1 1 udp 1 x y typ host\r\n" * 65,
    ):
        headers = {**FRAGMENT, **BEARER, "If-Match": etag}
        assert (await box.client.patch(place, content=wrong, headers=headers)).status_code == 400, wrong


async def test_ice_is_restarted_with_a_star_and_the_etag_is_another_one(box: Box) -> None:
    body = f"a=ice-ufrag:EsAw\r\na=ice-pwd:{'p' * 24}\r\n"
    async with offering() as connection:
        answer = await box.client.post(WHIP, content=connection.localDescription.sdp, headers=POSTED)
        place, etag = answer.headers["location"], answer.headers["etag"]
        await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await until(lambda: connection.connectionState == "connected")
        headers = {**FRAGMENT, **BEARER}
        unmarked = await box.client.patch(place, content=body, headers={**headers, "If-Match": etag})
        assert unmarked.status_code == 422
        restarted = await box.client.patch(place, content=body, headers={**headers, "If-Match": "*"})
        assert restarted.status_code == 200, restarted.text
        assert restarted.headers["content-type"].startswith("application/trickle-ice-sdpfrag")
        assert "a=ice-ufrag:" in restarted.text
        assert "a=ice-pwd:" in restarted.text
        assert restarted.headers["etag"] != etag
        late = await box.client.patch(place, content=body, headers={**headers, "If-Match": etag})
        assert late.status_code == 412


async def test_a_session_is_deleted_once_and_only_by_its_holder(box: Box) -> None:
    place = (await opened(box)).headers["location"]
    for token, status in (
        ("x", 401),
        ("wrong-token-0123456789", 401),
        (LISTENER, 404),
        (DUTY, 200),
        (DUTY, 404),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        assert (await box.client.delete(place, headers=headers)).status_code == status, token
    assert len(box.sessions) == 0


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        (WHIP, None, 401),
        (WHIP, "nobody-knows-this-one", 401),
        (WHIP, LISTENER, 403),
        ("/talk/huangzhuang/body", LISTENER, 403),
        ("/whip/talk/huangzhuang/other", DOCK, 403),
        ("/whep/talk/elsewhere", LISTENER, 403),
        ("/whep/gate", LISTENER, 403),
        ("/whip/talk/nowhere/body", DUTY, 404),
        ("/whep/nowhere", DUTY, 404),
        ("/whip/nowhere", DUTY, 404),
    ],
)
async def test_who_may_not_is_told_so(box: Box, path: str, token: str | None, status: int) -> None:
    headers = SDP if token is None else {**SDP, "Authorization": f"Bearer {token}"}
    refused = await box.client.post(path, content=await offer(), headers=headers)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert {"what", "do"} <= refused.json()["zh"].keys()
    assert ("www-authenticate" in refused.headers) == (status in (401, 403))
    assert ("error=" in refused.headers.get("www-authenticate", "")) == (
        token is not None and status in (401, 403)
    )
    assert len(box.sessions) == 0


async def test_what_is_no_offer_is_refused_and_nothing_is_kept(box: Box) -> None:
    good = await offer()
    for body, headers, status in (
        ("", POSTED, 400),
        ("v=0", POSTED, 400),
        (good.replace("m=audio", "m=tape"), POSTED, 406),
        (b"\xff\xfe", POSTED, 400),
        (
            good.replace("opus/48000/2", "opera/48000/2").replace("PCM", "QCM").replace("G722", "G999"),
            POSTED,
            406,
        ),
        (await offer("recvonly"), POSTED, 406),
        (good, {**BEARER, "Content-Type": "text/plain"}, 415),
        (good, BEARER, 415),
        ("v" * (64 * 1024 + 1), POSTED, 413),
    ):
        refused = await box.client.post(WHIP, content=body, headers=headers)
        assert refused.status_code == status, (body[:60], refused.text)
        assert len(box.sessions) == 0
    assert box.exchange.peers == {}  # type: ignore[attr-defined]


async def test_ten_megabytes_are_refused_in_words_and_not_kept(box: Box) -> None:
    refused = await box.client.post(WHIP, content=b"v" * 10_000_000, headers=POSTED)
    assert refused.status_code == 413
    assert refused.json()["code"] == "http.too_large"
    assert len(box.sessions) == 0


async def test_a_member_that_is_there_is_taken_and_methods_are_few(box: Box) -> None:
    place = (await opened(box)).headers["location"]
    again = await box.client.post(WHIP, content=await offer(), headers=POSTED)
    assert again.status_code == 409
    for method, path in (("GET", WHIP), ("PUT", WHIP), ("HEAD", WHIP), ("POST", place), ("GET", place)):
        refused = await box.client.request(method, path, headers=BEARER)
        assert refused.status_code == 405, (method, path)
        assert "allow" in refused.headers


async def test_what_can_be_sent_is_asked_without_a_token(box: Box) -> None:
    asked = await box.client.options(WHIP)
    assert asked.status_code == 204
    assert asked.headers["accept-post"] == "application/sdp"
    asked = await box.client.options("/session/whatever")
    assert asked.headers["accept-patch"] == "application/trickle-ice-sdpfrag"


async def test_pages_of_the_centre_may_connect_and_others_may_not() -> None:
    async with a_box(origins=["https://centre.example"]) as box:
        for origin, status in (("https://centre.example", 200), ("https://else.example", 400)):
            headers = {
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type",
            }
            asked = await box.client.options(WHIP, headers=headers)
            assert asked.status_code == status
            assert (asked.headers.get("access-control-allow-origin") == origin) == (status == 200)
        posted = {**POSTED, "Origin": "https://centre.example"}
        answer = await box.client.post(WHIP, content=await offer(), headers=posted)
        assert {"Location", "ETag", "Link"} <= set(
            answer.headers["access-control-expose-headers"].split(", ")
        )


async def test_too_many_are_asked_to_come_back() -> None:
    for limits in (Limits(box=2), Limits(group=2), Limits(token=2)):
        async with a_box(limits=limits) as box:
            places = [
                (await opened(box, f"/talk/huangzhuang/{name}", "sendrecv")).headers["location"]
                for name in "ab"
            ]
            refused = await box.client.post(WHIP, content=await offer(), headers=POSTED)
            assert refused.status_code == 503, limits
            assert int(refused.headers["retry-after"]) >= 1
            await box.client.delete(places[0], headers=BEARER)
            await opened(box)


async def test_a_signed_token_opens_one_session_and_only_in_its_time() -> None:
    async with a_box() as box:
        now = time.time()
        once = box.tokens.issue("officer", SCOPE, now, 60, once=True).get_secret_value()
        late = box.tokens.issue("officer", SCOPE, now - 120, 60).get_secret_value()
        early = box.tokens.issue("officer", SCOPE, now, 60).get_secret_value()
        forged = early[:-4] + ("AAAA" if early[-4:] != "AAAA" else "BBBB")
        for token, status in ((late, 401), (forged, 401), (once, 201), (once, 401)):
            headers = {**SDP, "Authorization": f"Bearer {token}"}
            answer = await box.client.post(WHIP, content=await offer(), headers=headers)
            assert answer.status_code == status, answer.text
            place = answer.headers.get("location", "")
            if place:
                gone = await box.client.delete(place, headers={"Authorization": f"Bearer {token}"})
                assert gone.status_code == 200
        assert len(box.sessions) == 0


async def test_a_one_time_token_is_not_lost_by_an_offer_that_was_refused() -> None:
    async with a_box() as box:
        once = box.tokens.issue("officer", SCOPE, time.time(), 60, once=True).get_secret_value()
        headers = {**SDP, "Authorization": f"Bearer {once}"}
        assert (await box.client.post(WHIP, content="v=0", headers=headers)).status_code == 400
        assert (await box.client.post(WHIP, content=await offer(), headers=headers)).status_code == 201


async def test_a_dock_publishes_with_what_it_can_say(box: Box) -> None:
    """No header of its own: the token stands in the address, the path is that of SRS, and DELETE goes to Location."""
    path = f"/rtc/v1/whip/?app=huangzhuang&stream=dock&token={DOCK}"
    answer = await box.client.post(path, content=await offer(), headers=SDP)
    assert answer.status_code == 201
    assert (await box.client.delete(answer.headers["location"])).status_code == 200
    login = httpx.BasicAuth("dock", DOCK)
    answer = await box.client.post(
        "/whip/talk/huangzhuang/dock", content=await offer(), headers=SDP, auth=login
    )
    assert answer.status_code == 201
    assert DOCK not in answer.headers["location"]
    refused = await box.client.post(f"{WHIP}?token={DUTY}", content=await offer(), headers=SDP)
    assert refused.status_code == 401
    assert refused.json()["code"] == "token.not_in_url"


async def test_a_token_is_told_what_it_may_reach(box: Box) -> None:
    duty = (await box.client.get("/api/v1/places", headers=BEARER)).json()
    assert [(group["name"], group["kind"]) for group in duty["groups"]] == [
        ("huangzhuang", "standing"),
        ("黄庄", "standing"),
    ]
    assert duty["cameras"] == [{"name": "gate", "title": "North gate", "members": []}]
    listener = await box.client.get("/api/v1/places", headers={"Authorization": f"Bearer {LISTENER}"})
    assert [group["name"] for group in listener.json()["groups"]] == ["huangzhuang"]
    assert listener.json()["cameras"] == []
    assert listener.headers["cache-control"] == "no-store"
    assert (await box.client.get("/api/v1/places")).status_code == 401


async def test_nobody_answers_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.sessions._ANSWER_WAIT", 0.05)
    async with a_box(exchange=Slow()) as box:
        refused = await box.client.post(WHIP, content="v=0", headers=POSTED)
        assert refused.status_code == 503
        assert refused.json()["code"] == "session.no_answer"
        assert len(box.sessions) == 0


async def test_a_connection_that_never_stands_gives_its_seat_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_box(exchange=Unreached()) as box:
        place = (await box.client.post(WHIP, content="v=0", headers=POSTED)).headers["location"]
        assert len(box.sessions) == 1
        assert isinstance(box.exchange, Unreached)
        box.exchange.legs[0].over.set()
        await until(lambda: len(box.sessions) == 0)
        assert (await box.client.delete(place, headers=BEARER)).status_code == 404


async def test_of_many_sessions_nothing_is_left(box: Box) -> None:
    await _come_and_go(box)
    await box.client.aclose()
    gc.collect()
    before = len(asyncio.all_tasks()), _files(), own_threads()
    async with httpx.AsyncClient(base_url=box.url) as client:
        box.client = client
        for _ in range(10):
            await _come_and_go(box)
    gc.collect()
    await until(lambda: len(asyncio.all_tasks()) <= before[0])
    await until(lambda: _files() <= before[1])
    await until(lambda: own_threads() <= before[2])
    assert len(box.sessions) == 0


def _files() -> int:
    """And sockets that this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def _come_and_go(box: Box) -> None:
    async with offering() as connection:
        answer = await box.client.post(WHIP, content=connection.localDescription.sdp, headers=POSTED)
        assert answer.status_code == 201
        await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await until(lambda: connection.connectionState == "connected")
        bad = await box.client.post("/whip/talk/huangzhuang/other", content="v=0\r\n", headers=POSTED)
        assert bad.status_code == 400
        assert (await box.client.delete(answer.headers["location"], headers=BEARER)).status_code == 200


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


@dataclass
class Dumb:
    """A connection that is there until it is told otherwise."""

    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def add_candidates(self, _lines: object, /, *, end: bool = False) -> None: ...

    async def restart(self, ufrag: str, pwd: str, _lines: object = (), /) -> tuple[str, str]:
        return ufrag, pwd

    async def close(self) -> None:
        self.over.set()

    async def ended(self) -> object:
        return await self.over.wait()


@dataclass
class Unreached:
    """An exchange whose connections never come to stand."""

    legs: list[Dumb] = field(default_factory=list)

    async def open(self, _wish: Wish, _offer: str, _caller: Caller) -> tuple[Leg, str]:
        self.legs.append(Dumb())
        return self.legs[-1], "v=0\r\n"

    def directory(self) -> Directory:
        return Directory()


class Slow(Unreached):
    async def open(self, _wish: Wish, _offer: str, _caller: Caller) -> tuple[Leg, str]:
        await asyncio.Event().wait()
        raise AssertionError
