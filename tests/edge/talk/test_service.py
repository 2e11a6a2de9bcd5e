"""Members of a talk group, as real WebRTC connections: who hears whom, and what is left when they go."""

import asyncio
import json
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc import RTCSessionDescription

from relay.media.policy import Purpose
from relay.shelf import sha256
from relay.signalling import Turned
from relay.talk import Member, Role, TalkGroup, TalkRefused, Urgency
from relay.tokens import Right
from relay.wish import Wish
from tests.support.callers import Caller, Pictures, Tone, pitch
from tests.support.talking import (
    BADGES,
    DESK,
    PATROL,
    TOKEN,
    Officer,
    Site,
    rules,
    scoped,
    site,
    until,
)

LOUD = 1000  # of 32767: a tone of the tests is 9830, silence under 10


async def connect(
    at: Site, caller: Caller, purpose: Purpose, member: str | None = None, token: str = TOKEN
) -> str:
    """Any connection to the patrol; its session."""
    wish = Wish(purpose, "patrol", member)
    session = await at.sessions.open(wish, await caller.offer(), at.tokens.check(token, 1.0))
    await caller.connection.setRemoteDescription(RTCSessionDescription(session.answer, "answer"))
    return session.id


async def test_who_has_the_floor_is_heard_by_the_others_and_nobody_else_is() -> None:
    async with (
        site() as at,
        Officer("desk", Tone(440)) as desk,
        Officer("badge-1", Tone(880)) as first,
        Officer("badge-2", Tone(1320)) as second,
    ):
        for officer in (desk, first, second):
            await officer.joins(at)
        desk.presses()
        await desk.told("granted")
        await first.told("taken", by="desk")
        await asyncio.gather(first.hears_tone(440), second.hears_tone(440))
        first.presses()
        await first.told("queued", position=1)
        desk.lets_go()
        await first.told("granted")
        await asyncio.gather(desk.hears_tone(880), second.hears_tone(880))


async def test_a_preempted_speaker_is_cut_off_and_told() -> None:
    async with site() as at, Officer("desk", Tone(440)) as desk, Officer("badge-1", Tone(880)) as badge:
        await badge.joins(at)
        await desk.joins(at)
        badge.presses()
        await badge.told("granted")
        desk.presses(Urgency.PREEMPT)
        await badge.told("revoked", reason="preempted")
        await badge.told("taken", by="desk")
        await badge.hears_tone(440)


async def test_a_speaker_that_vanishes_gives_the_floor_back() -> None:
    async with site() as at, Officer("desk") as desk:
        await desk.joins(at)
        async with Officer("badge-1") as badge:
            await badge.joins(at)
            badge.presses()
            await desk.told("taken", by="badge-1")
        await desk.told("idle")
        assert at.talk.directory().groups[0].name == "patrol"


async def test_a_microphone_that_sends_nothing_loses_the_floor() -> None:
    """T1 of TS 24.380: the button is held, and no packet comes."""
    plan = TalkGroup("patrol", (DESK, *BADGES), rules(silence=1.0))
    async with site(plan) as at, Officer("desk") as desk:
        deaf = Officer("badge-1")
        for sender in deaf.connection.getSenders():
            sender.replaceTrack(None)
        async with deaf:
            await desk.joins(at)
            await deaf.joins(at)
            deaf.presses()
            await deaf.told("granted")
            await deaf.told("revoked", reason="silent")
            await desk.told("idle")


async def test_speaking_on_keeps_the_floor_longer_than_the_silence_that_ends_it() -> None:
    plan = TalkGroup("patrol", (DESK, *BADGES), rules(silence=2.5, talk=6, warn=1))
    async with site(plan) as at, Officer("desk") as desk, Officer("badge-1") as badge:
        await desk.joins(at)
        await badge.joins(at)
        badge.presses()
        await badge.told("granted")
        await badge.told("ending")
        word = await badge.told("revoked")
        assert word["reason"] == "too_long"


async def test_the_same_member_again_takes_the_place_of_its_older_connection() -> None:
    async with site() as at, Officer("badge-1") as old, Officer("badge-1") as new:
        await old.joins(at)
        await new.joins(at)
        await old.told("replaced")
        await until(lambda: len(at.sessions) == 1)
        assert (await connected(at)) == ("badge-1",)


async def connected(at: Site) -> tuple[str, ...]:
    return at.talk._groups.get("patrol").present


async def test_pictures_by_one_connection_and_voice_by_another_at_once() -> None:
    """A body camera publishes by WHIP, and its officer talks on the page: neither ends the other."""
    async with (
        site() as at,
        Caller().publishes(Tone(600)) as camera,
        Officer("badge-1", Tone(880)) as officer,
        Officer("desk") as desk,
        Caller().listens("audio") as viewer,
    ):
        await desk.joins(at)
        await connect(at, camera, Purpose.PUBLISH, "badge-1")
        await desk.told("roster")
        await officer.joins(at)
        await connect(at, viewer, Purpose.WATCH, "badge-1")
        await viewer.hears_tone(600)
        officer.presses()
        await desk.told("taken", by="badge-1")
        await desk.hears_tone(880)
        assert len(at.sessions) == 4


async def test_a_camera_that_comes_later_leaves_the_floor_to_its_officer() -> None:
    async with site() as at, Officer("badge-1") as officer, Caller().publishes(Tone()) as camera:
        session = await officer.joins(at)
        officer.presses()
        await officer.told("granted")
        await connect(at, camera, Purpose.PUBLISH, "badge-1")
        await until(lambda: len(at.talk._rooms["patrol"].posts) == 2)
        group = at.talk._groups.get("patrol")
        assert (group.session("badge-1"), group.holder) == (session.id, "badge-1")


async def test_the_camera_stays_in_the_group_when_its_officer_leaves_the_page() -> None:
    async with site() as at, Caller().publishes(Tone()) as camera, Officer("desk") as desk:
        await desk.joins(at)
        await connect(at, camera, Purpose.PUBLISH, "badge-1")
        await until(lambda: "badge-1" in at.talk._groups.get("patrol").present)
        async with Officer("badge-1") as officer:
            await officer.joins(at)
        await until(lambda: len(at.sessions) == 2)
        assert "badge-1" in await connected(at)


async def test_a_watcher_waits_for_a_publication_and_follows_it_over_a_reconnect() -> None:
    async with site() as at, Caller().listens("audio") as viewer:
        await connect(at, viewer, Purpose.WATCH, "badge-1")
        async with Caller().publishes(Tone(500)) as first:
            await connect(at, first, Purpose.PUBLISH, "badge-1")
            await viewer.hears_tone(500)
            async with Caller().publishes(Tone(700)) as second:
                await connect(at, second, Purpose.PUBLISH, "badge-1")
                await viewer.hears_tone(700)
                await until(lambda: len(at.sessions) == 2)


async def test_a_listener_hears_the_floor_and_is_no_member() -> None:
    async with site() as at, Officer("desk", Tone(440)) as desk, Caller().listens("audio") as listener:
        await desk.joins(at)
        await connect(at, listener, Purpose.WATCH)
        desk.presses()
        await desk.told("granted")
        await listener.hears_tone(440)
        assert await connected(at) == ("desk",)


async def test_who_publishes_and_listens_apart_does_not_hear_itself() -> None:
    own = scoped("badge-1", "the-token-of-badge-1", may=tuple(Right), groups=("*",), members=("badge-1",))
    async with site(tokens=(own,)) as at, Caller().publishes(Tone(440)) as mouth, Caller().listens() as ear:
        session = await connect(at, mouth, Purpose.PUBLISH, "badge-1", "the-token-of-badge-1")
        await connect(at, ear, Purpose.WATCH, token="the-token-of-badge-1")
        await until(lambda: "badge-1" in at.talk._groups.get("patrol").present)
        at.talk.receive(session, json.dumps({"v": 1, "type": "request", "press": 1}))
        assert at.talk._groups.get("patrol").holder == "badge-1"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ear.hears(0.5), 1.5)


async def test_strangers_are_turned_away_and_guests_come_with_their_token() -> None:
    guest = scoped(
        "guest",
        "the-token-of-a-guest",
        may=(Right.SPEAK,),
        groups=("patrol",),
        members=("*",),
        role=Role.OPERATOR,
    )
    async with site(
        tokens=(guest, scoped("other", TOKEN, may=(Right.SPEAK,), groups=("*",), members=("*",)))
    ) as at:
        async with Officer("stranger") as stranger:
            with pytest.raises(TalkRefused) as refused:
                await stranger.joins(at)
            assert refused.value.problem.code == "talk.no_member"
        async with Officer("province") as province:
            await province.joins(at, token="the-token-of-a-guest")
            assert await connected(at) == ("province",)
        async with Officer("../etc") as odd:
            with pytest.raises(Turned) as turned:
                await odd.joins(at, token="the-token-of-a-guest")
            assert turned.value.problem.code == "talk.name"


async def test_a_call_rings_where_a_member_is_and_lets_it_in() -> None:
    async with site() as at, Officer("badge-1") as badge:
        await badge.joins(at)
        opened = at.talk.calls.private("desk", "badge-1")
        ring = await badge.told("ring", by="desk")
        assert ring["kind"] == "private"
        assert [member for member, _ in at.rings] == ["badge-1"]
        call = opened.ring.call
        async with (
            Officer("desk", Tone(440)) as desk,
            Officer("badge-1") as answering,
            Officer("badge-2") as other,
        ):
            await desk.joins(at, call, at.talk.calls.ticket(call, "desk"))
            await answering.joins(at, call, ring["token"])
            with pytest.raises(TalkRefused):
                await other.joins(at, call)
            desk.presses()
            await answering.told("taken", by="desk")
            await answering.hears_tone(440)
            desk.channel.send(json.dumps({"v": 1, "type": "end_call"}))
            await answering.told("closed", reason="hung_up")
            await until(lambda: len(at.sessions) == 1)
        assert not at.talk.calls.is_open(call)


async def test_a_speech_is_kept_as_it_came_with_who_said_it(tmp_path: Path) -> None:
    async with site(recordings=tmp_path) as at, Officer("desk", Tone(440)) as desk:
        await desk.joins(at)
        desk.presses()
        await desk.told("granted")
        await asyncio.sleep(1.5)
        desk.lets_go()
        await desk.told("idle")
    (log,) = tmp_path.rglob("floor.jsonl")
    (entry,) = [json.loads(line) for line in log.read_text().splitlines()]
    file = tmp_path / entry["file"]
    assert (entry["group"], entry["member"], entry["ended"]) == ("patrol", "desk", "released")
    assert entry["sha256"] == sha256(file)
    assert entry["lost"] == 0
    assert entry["until"] - entry["since"] == pytest.approx(entry["seconds"], abs=1.0)
    assert round(pitch(decoded(file)), -1) == 440
    assert at.told == []


async def test_what_a_body_camera_shows_is_kept_as_long_as_it_is_there(
    tmp_path: Path, demo_clip: Path
) -> None:
    async with site(recordings=tmp_path) as at, Caller() as camera:
        camera.publishes(Tone(), Pictures(demo_clip))
        await connect(at, camera, Purpose.PUBLISH, "badge-1")
        await until(
            lambda: any(part.stat().st_size for part in tmp_path.rglob("*.mp4.part"))
        )  # a second of it
    (log,) = tmp_path.rglob("pictures.jsonl")
    (entry,) = [json.loads(line) for line in log.read_text().splitlines()]
    file = tmp_path / entry["file"]
    assert (entry["group"], entry["member"], entry["lost"]) == ("patrol", "badge-1", 0)
    assert entry["sha256"] == sha256(file)
    assert entry["pictures"] >= 5
    with av.open(file) as kept:
        assert sum(1 for _ in kept.decode(video=0)) == entry["pictures"]
    assert not list(tmp_path.rglob("*.webm")), "nobody had the floor"


async def test_of_a_group_that_is_not_to_be_kept_nothing_is(tmp_path: Path, demo_clip: Path) -> None:
    async with (
        site(recordings=tmp_path, unrecorded=frozenset({"patrol"})) as at,
        Officer("desk") as desk,
        Caller() as camera,
    ):
        camera.publishes(Pictures(demo_clip))
        await connect(at, camera, Purpose.PUBLISH, "badge-1")
        await desk.joins(at)
        desk.presses()
        await desk.told("granted")
        await asyncio.sleep(1.0)
    assert list(tmp_path.iterdir()) == []


def decoded(path: Path) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    with av.open(path) as file:
        frames = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return (np.concatenate(frames) * 32767).astype(np.int16)


async def test_when_the_box_stops_everybody_is_told_and_nothing_is_left() -> None:
    before = asyncio.all_tasks()
    async with Officer("desk") as desk, Officer("badge-1") as badge:
        async with site(TalkGroup("patrol", PATROL.members)) as at:
            await desk.joins(at)
            await badge.joins(at)
            badge.presses()
            await desk.told("taken")
        await desk.told("closed", reason="stopped")
    await until(lambda: asyncio.all_tasks() <= before, lambda: str(asyncio.all_tasks() - before))


async def test_a_loudspeaker_is_in_the_roster_while_its_camera_answers() -> None:
    plan = TalkGroup("patrol", (DESK, Member("horn", Role.SPEAKER)))
    async with site(plan) as at, Officer("desk") as desk:
        await desk.joins(at)
        gone = at.talk.speaker("patrol", "horn")
        roster = await desk.told("roster")
        assert {one["name"] for one in roster["members"] if one["here"]} == {"desk", "horn"}
        gone()
        roster = await desk.told("roster")
        assert {one["name"] for one in roster["members"] if one["here"]} == {"desk"}
