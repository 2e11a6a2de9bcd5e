"""Talk by MQTT alone, over a real broker: for a box that the centre cannot reach in any other way."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiortc import RTCSessionDescription

from edge.commands import Commands
from edge.talk.desk import ringing
from relay.tokens import Right
from tests.support.callers import Caller, Tone
from tests.support.centre import Centre, centre
from tests.support.mosquitto import Mosquitto
from tests.support.occurrences import SITE
from tests.support.publishing import outbox_at, publishing
from tests.support.talking import TOKEN, Officer, Site, scoped, site, until

READER = scoped("reader", "a-token-that-may-watch-only", may=(Right.WATCH,), groups=("*",), members=("*",))
BADGE = scoped("badge-1", "the-token-of-badge-1", may=tuple(Right), groups=("*",), members=("badge-1",))


@asynccontextmanager
async def box(folder: Path, port: int, *, speaks_5: bool = True, **more: Any) -> AsyncIterator[Site]:
    """A box that is connected, and hears letters."""
    async with site(**more) as at, outbox_at(folder / "outbox.sqlite") as outbox:
        commands = Commands(SITE, {"talk": at.desk.take})
        at.talk._ring = ringing(commands)
        async with publishing(outbox, port, speaks_5=speaks_5, commands=commands):
            await until(lambda: commands._line is not None)
            yield at


async def opens(at: Centre, caller: Caller, **wish: object) -> str:
    """A connection by letters; its session."""
    answer = await at.asks("open", offer=await caller.offer(), **wish)
    assert answer["ok"], answer
    await caller.connection.setRemoteDescription(RTCSessionDescription(answer["answer"], "answer"))
    session: str = answer["session"]
    return session


@pytest.mark.parametrize("speaks_5", [True, False])
async def test_two_members_by_letters_alone_hear_each_other(tmp_path: Path, speaks_5: bool) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            box(tmp_path, broker.port, speaks_5=speaks_5) as at,
            centre(broker.port, speaks_5=speaks_5) as office,
            Caller().talks(Tone(440)) as desk,
            Caller().talks(Tone(880)) as badge,
        ):
            desks = await opens(office, desk, purpose="talk", group="patrol", member="desk")
            badges = await opens(office, badge, purpose="talk", group="patrol", member="badge-1")
            await office.word(badges, "roster")
            assert (await office.says(desks, type="request", press=1))["ok"]
            assert (await office.word(desks, "granted"))["seconds"] == pytest.approx(60, abs=1)
            assert (await office.word(badges, "taken"))["by"] == "desk"
            await badge.hears_tone(440)
            await office.says(desks, type="release", press=1)
            await office.says(badges, type="request", press=1)
            await office.word(badges, "granted")
            await desk.hears_tone(880)
            assert (await office.asks("close", session=desks))["ok"]
            await until(lambda: len(at.sessions) == 1)


async def test_correlation_data_comes_back_as_it_was(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port), centre(broker.port) as office:
            answer = await office.asks("places", correlation=b"\x00\xff42")
            assert [(place["name"], place["kind"]) for place in answer["groups"]] == [("patrol", "standing")]
            assert office.heard[0][2] == b"\x00\xff42"


@pytest.mark.parametrize("late", [16.0, 3600.0, -75.0])
async def test_a_letter_of_another_time_rings_nowhere(tmp_path: Path, late: float) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            box(tmp_path, broker.port) as at,
            centre(broker.port) as office,
            Officer("badge-1") as badge,
        ):
            await badge.joins(at)
            answer = await office.asks("call", caller="desk", callee="badge-1", at=time.time() - late)
            assert (answer["ok"], answer["code"], answer["kind"]) == (False, "talk.stale", "stale")
            assert (await office.asks("call", caller="desk", callee="badge-1"))["ok"]
            await badge.told("ring")
            rings = [content for topic, content, _ in office.heard if "/call/" in topic]
            assert len(rings) == 1
            assert len(at.talk._groups.calls) == 1


async def test_a_letter_that_comes_twice_is_done_once(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port) as at, centre(broker.port) as office:
            letter = office.letter("call", caller="desk", callee="badge-1")
            await asyncio.gather(*(office.sends(letter) for _ in range(3)))
            await until(lambda: sum(content.get("id") == letter["id"] for _, content, _ in office.heard) == 3)
            answers = [content for _, content, _ in office.heard if content.get("id") == letter["id"]]
            assert answers[0]["ok"]
            assert answers.count(answers[0]) == 3
            assert len(at.talk._groups.calls) == 1


@pytest.mark.parametrize(
    ("letter", "code"),
    [
        ({"op": "places", "token": "not-a-token-anybody-has"}, "token.unknown"),
        (
            {"op": "open", "purpose": "talk", "group": "patrol", "member": "desk", "offer": "v=0"},
            "token.scope",
        ),
        ({"op": "open", "purpose": "watch", "group": "nowhere", "offer": "v=0"}, "talk.no_group"),
        ({"op": "open", "purpose": "watch", "group": "patrol", "offer": "v=0"}, "media.malformed"),
        ({"op": "close", "session": "not-a-session"}, "session.unknown"),
        ({"op": "call", "caller": "desk", "callee": "badge-1"}, "token.scope"),
        ({"op": "dance"}, "talk.letter"),
        ({"op": "open", "purpose": "talk"}, "talk.letter"),
        ({"op": "places", "v": 2}, "talk.letter"),
    ],
)
async def test_what_cannot_be_done_is_answered_with_its_reason(
    tmp_path: Path, letter: dict[str, Any], code: str
) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port, tokens=(READER,)) as at, centre(broker.port) as office:
            wrong = {"token": "a-token-that-may-watch-only", **letter}
            answer = await office.asks(wrong.pop("op"), **wrong)
            assert (answer["ok"], answer["code"]) == (False, code)
            assert answer["en"]["what"]
            assert answer["zh"]["do"]
            assert len(at.sessions) == 0


async def test_nobody_speaks_for_another_nor_calls_whom_it_never_meets(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port, tokens=(BADGE,)) as at, centre(broker.port) as office:
            own = {"token": "the-token-of-badge-1"}
            for fields, code in (
                ({"caller": "desk", "callee": "badge-1"}, "token.scope"),
                ({"caller": "badge-1", "callee": "mayor"}, "talk.not_met"),
                ({"caller": "badge-1", "members": ["desk", "badge-2"]}, "talk.not_allowed"),
            ):
                answer = await office.asks("call", **own, **fields)
                assert answer["code"] == code
            assert at.talk._groups.calls == ()
            assert (await office.asks("call", **own, caller="badge-1", callee="desk"))["ok"]


async def test_a_session_is_its_holders_alone(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        everybody = scoped("all", TOKEN, may=tuple(Right), groups=("*",), members=("*",))
        async with (
            box(tmp_path, broker.port, tokens=(everybody, BADGE)) as at,
            centre(broker.port) as office,
            Caller().talks(Tone()) as caller,
        ):
            session = await opens(office, caller, purpose="talk", group="patrol", member="desk")
            for op in ("close", "trickle", "floor"):
                more = {"message": {"type": "request", "press": 1}} if op == "floor" else {}
                answer = await office.asks(op, session=session, token="the-token-of-badge-1", **more)
                assert answer["code"] == "session.unknown"
            assert len(at.sessions) == 1


async def test_a_ring_by_letter_carries_the_token_that_lets_the_called_one_in(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            box(tmp_path, broker.port),
            centre(broker.port) as office,
            Caller().talks(Tone(880)) as badge,
            Caller().talks(Tone(440)) as desk,
        ):
            answer = await office.asks("call", caller="desk", members=["badge-1"], subject="gate")
            await until(lambda: any("/call/" in topic for topic, _, _ in office.heard))
            topic, ring, _ = next(each for each in office.heard if "/call/" in each[0])
            assert topic == SITE.topic("call", "badge-1")
            assert (ring["type"], ring["subject"], ring["call"]) == ("ring", "gate", answer["call"])
            call = answer["call"]
            wish = {"purpose": "talk", "group": call}
            badges = await opens(office, badge, **wish, member="badge-1", token=ring["token"])
            await opens(office, desk, **wish, member="desk", token=answer["token"])
            await office.says(badges, type="request", press=1, **{})
            refused = await office.asks("open", **wish, member="badge-2", offer="v=0", token=ring["token"])
            assert refused["code"] == "token.scope"


async def test_a_called_one_declines_and_the_call_is_over(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port) as at, centre(broker.port) as office, Officer("desk") as desk:
            answer = await office.asks("call", caller="desk", callee="badge-1")
            await desk.joins(at, answer["call"], answer["token"])
            assert (await office.asks("decline", call=answer["call"], member="badge-1"))["ok"]
            await desk.told("closed", reason="declined")


async def test_the_box_never_answers_on_topics_it_speaks_on_itself(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port), centre(broker.port) as office:
            seen: list[str] = []
            async with aiomqtt.Client("127.0.0.1", broker.port, timeout=60) as witness:
                await witness.subscribe("sandwatch/#", 1)
                forged = SITE.event_topic("vehicle.zone", "gate")
                await office.sends(office.letter("places"), response_topic=forged)
                await office.sends(
                    {**office.letter("places"), "reply_to": SITE.birth_topic()}, response_topic=forged
                )
                allowed = SITE.topic("reply", "centre")
                await office.sends(office.letter("places"), response_topic=allowed)
                async with asyncio.timeout(60):
                    async for message in witness.messages:
                        seen.append(str(message.topic))
                        if seen[-1] == allowed:
                            break
            assert forged not in seen


async def test_a_retained_letter_is_not_obeyed(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with centre(broker.port) as office:
            letter = office.letter("call", caller="desk", callee="badge-1")
            await office.sends(letter, retain=True)
            async with box(tmp_path, broker.port) as at:
                assert (await office.asks("places"))["ok"]
                assert at.talk._groups.calls == ()


async def test_candidates_and_a_restart_go_by_letter(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            box(tmp_path, broker.port),
            centre(broker.port) as office,
            Caller().talks(Tone()) as caller,
        ):
            session = await opens(office, caller, purpose="talk", group="patrol", member="desk")
            await office.word(session, "roster")
            line = "candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host"
            assert (await office.asks("trickle", session=session, candidates=[line], end=True))["ok"]
            stale = await office.asks("trickle", session=session, candidates=[line], etag="another")
            assert stale["code"] == "session.stale"
            fresh = {"ufrag": "abcd", "pwd": "p" * 22, "etag": "*"}
            restarted = await office.asks("trickle", session=session, **fresh)
            assert {"ufrag", "pwd", "etag"} <= restarted.keys()


async def test_letters_that_are_no_letters_do_not_disturb(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with box(tmp_path, broker.port), centre(broker.port) as office:
            for rubbish in (
                b"",
                b"\xff\xfe",
                b"[]",
                b"{" * 5000,
                json.dumps({"id": "x" * 500}).encode(),
                b"0" * 200_000,
            ):
                await office.client.publish(SITE.topic("cmd", "talk"), rubbish, 1)
            assert (await office.asks("places"))["ok"]
