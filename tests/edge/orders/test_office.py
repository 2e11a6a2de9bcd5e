"""Orders as whoever gives them sees them: done once, answered, refused by code, on record over restarts."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from edge.orders import ledger as record
from edge.orders.box import Who
from edge.orders.office import Way
from edge.orders.registry import commands
from edge.orders.words import Done
from edge.settings.orders import DEFAULT_MAY
from edge.worker.messages import Look
from tests.support.ordering import CENTRE, Place, answers, asked, last, working


def states(found: list[Any]) -> list[str]:
    return [answer.state for answer in found]


async def test_an_order_is_accepted_done_and_audited(tmp_path: Path) -> None:
    place = Place(tmp_path)
    async with working(place.made()[0]) as orders:
        found = await answers(orders, "look", asked(camera="gate", id="a1"))
    assert states(found) == ["accepted", "done"]
    assert {answer.id for answer in found} == {"a1"}
    assert place.worker.orders == [Look(camera="gate")]
    assert [(line.who, line.command, line.outcome, line.camera) for line in place.audited()] == [
        ("mqtt:county", "look", "accepted", "gate"),
        ("mqtt:county", "look", "done", "gate"),
    ]


async def test_the_same_id_is_done_once_and_answered_alike_over_a_restart_too(tmp_path: Path) -> None:
    place, order = Place(tmp_path), asked(camera="gate")
    async with working(place.made()[0]) as orders:
        first = await last(orders, "look", order)
        again = await last(orders, "look", {**order, "expires": time.time() + 600})
    async with working(place.made()[0]) as orders:
        late = await last(orders, "look", order)
    assert first == again == late
    assert len(place.worker.orders) == 1


async def test_a_repeat_is_answered_as_before_though_it_has_expired_since(tmp_path: Path) -> None:
    place, order = Place(tmp_path), asked(camera="gate")
    async with working(place.made()[0]) as orders:
        first = await last(orders, "look", order)
        place.now = lambda: time.time() + 3600
        assert await last(orders, "look", order) == first
        place.now = lambda: time.time() + 2 * 86400  # forgotten by now, once another one comes
        fresh = await last(orders, "look", asked(camera="gate", expires=time.time() + 2 * 86400 + 60))
        assert fresh.state == "done"
        assert (await last(orders, "look", order)).code == "order.expired"
    assert len(place.worker.orders) == 2


async def test_repeats_while_it_is_being_done_hear_all_of_it(tmp_path: Path) -> None:
    place, order = Place(tmp_path), asked(camera="gate")
    async with working(place.made()[0]) as orders:
        tasks = [asyncio.create_task(answers(orders, "snapshot", order)) for _ in range(3)]
        while not place.worker.orders:
            await asyncio.sleep(0.005)
        place.fetches_nothing()
        found = await asyncio.gather(*tasks)
    assert [states(each) for each in found] == [["accepted", "failed"]] * 3
    assert len(place.worker.orders) == 1


async def test_another_order_of_that_id_is_refused(tmp_path: Path) -> None:
    place, order = Place(tmp_path), asked(camera="gate")
    async with working(place.made()[0]) as orders:
        await last(orders, "look", order)
        assert (await last(orders, "look", {**order, "camera": "pit"})).code == "order.id_reused"
        assert (await last(orders, "mute", {**order, "until": None})).code == "order.id_reused"
        other = Who("mqtt:city", CENTRE.may)
        assert (await last(orders, "look", {**order, "camera": "pit"}, other)).state == "done"


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("dance", {}, "order.unknown"),
        ("__init__", {}, "order.unknown"),
        ("look", {}, "order.malformed"),
        ("look", {"camera": "gate", "id": 7}, "order.malformed"),
        ("look", {"camera": "gate", "id": ""}, "order.malformed"),
        ("look", {"camera": "gate", "id": "x" * 65}, "order.malformed"),
        ("look", {"camera": "gate", "speed": 1}, "order.malformed"),
        ("look", {"camera": ["gate"]}, "order.malformed"),
        ("look", {"camera": "gate", "expires": None}, "order.undated"),
        ("look", {"camera": "gate", "expires": 1.0}, "order.expired"),
        ("look", {"camera": "gate", "expires": "2020-01-01T00:00:00Z"}, "order.expired"),
        ("look", {"camera": "gate", "expires": "2020-01-01T00:00:00"}, "order.malformed"),
        ("look", {"camera": "gate", "expires": 1e12}, "order.too_far"),
        ("look", {"camera": "gate", "v": 2}, "order.malformed"),
        ("look", {"camera": "nowhere"}, "order.no_camera"),
        ("mute", {"camera": "gate", "rule": "nothing", "until": None}, "order.no_rule"),
        ("mute", {"camera": "gate", "until": 5.0}, "order.time"),
        ("mute", {"camera": "gate", "until": 1e11}, "order.time"),
        ("clip", {"camera": "gate", "from": 20.0, "to": 10.0}, "order.time"),
        ("clip", {"camera": "gate", "from": 20.0, "to": 1000.0}, "order.time"),
        ("clip", {"camera": "gate", "from": 1e11, "to": 1e11 + 5}, "order.time"),
        ("ptz", {"camera": "gate", "do": "move", "pan": 1.5}, "order.malformed"),
        ("ptz", {"camera": "gate", "do": "move", "seconds": 3600}, "order.malformed"),
        ("ptz", {"camera": "gate", "do": "stop"}, "order.no_ptz"),
        ("upload", {"uri": "evidence/x.mp4"}, "order.not_available"),
        ("config.get", {}, "order.not_available"),
        ("config.apply", {"config": "site: {}"}, "order.not_available"),
        ("land", {"do": "freeze"}, "order.malformed"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_code_in_two_languages(
    tmp_path: Path, name: str, fields: dict[str, JsonValue], code: str
) -> None:
    place = Place(tmp_path)
    orders, box = place.made()
    async with working(orders):
        answer = await last(orders, name, asked(**fields))
    assert (answer.state, answer.code) == ("refused", code)
    assert all((answer.en.what, answer.en.do, answer.zh.what, answer.zh.do))
    assert place.worker.orders == []
    assert box.mutes.now(time.time()) == ()
    assert orders.refused == 1
    assert place.spoken()[-1][1:] == ("refused", code)


@pytest.mark.parametrize("name", sorted(commands()))
async def test_whoever_may_not_is_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    place = Place(tmp_path)
    nobody = Who("mqtt:stranger", frozenset())
    async with working(place.made()[0]) as orders:
        answer = await last(orders, name, {"id": "a"}, nobody)
        assert answer.code == "order.forbidden"
        granted = commands()[name].permission in DEFAULT_MAY
        usual = await last(orders, name, {"id": "b"}, Who("mqtt:usual", frozenset(DEFAULT_MAY)))
    assert (usual.code != "order.forbidden") == granted
    assert place.spoken()[0] == (name, "refused", "order.forbidden")


async def test_what_the_way_says_of_the_expiry_counts_and_the_sooner_one_wins(tmp_path: Path) -> None:
    order: dict[str, JsonValue] = {"id": "a", "camera": "gate"}
    async with working(Place(tmp_path).made()[0]) as orders:
        gone = await answers(
            orders, "look", {**order, "expires": time.time() + 60}, CENTRE, Way(time.time() - 1)
        )
        done = await answers(orders, "look", order, CENTRE, Way(time.time() + 60))
    assert (gone[-1].state, done[-1].state) == ("refused", "done")


async def test_too_many_at_once_are_refused_and_those_under_way_go_on(tmp_path: Path) -> None:
    place, past = Place(tmp_path), {"from": time.time() - 9, "to": time.time() - 5}
    async with working(place.made()[0]) as orders:

        def ask(name: str, **fields: JsonValue) -> "asyncio.Task[list[Any]]":
            return asyncio.create_task(answers(orders, name, asked(camera="gate", **fields)))

        async def look() -> str | None:
            (*_, answer) = await ask("look")
            return getattr(answer, "code", None)

        async def holds(count: int) -> None:
            async with asyncio.timeout(60):
                while sum(not isinstance(each, Look) for each in place.worker.orders) < count:
                    await asyncio.sleep(0.005)

        tasks = [ask("clip", **past) for _ in range(9)]
        await holds(8)
        assert await look() is None  # clips do not keep others out
        tasks += [ask("snapshot") for _ in range(8)]
        await holds(16)
        assert await look() == "order.busy"
        place.fetches_nothing()
        ends = [each[-1].state for each in await asyncio.gather(*tasks)]
        assert await look() is None
    assert (ends.count("failed"), ends.count("refused")) == (16, 1)


async def test_what_was_under_way_when_the_box_died_is_told_as_interrupted_and_not_done_again(
    tmp_path: Path,
) -> None:
    place, order = Place(tmp_path), asked(camera="gate")
    async with working(place.made()[0]) as orders:
        hanging = asyncio.create_task(answers(orders, "snapshot", order, CENTRE, Way(back="there")))
        while not place.worker.orders:
            await asyncio.sleep(0.005)
    assert states(await hanging) == ["accepted"]  # the end is told by the next process
    told: list[tuple[str, str]] = []
    fresh, _ = place.made()
    fresh.answers_late("mqtt:county", lambda entry, answer: told.append((entry.back, answer.state)))
    async with working(fresh):
        while not told:
            await asyncio.sleep(0.005)
        again = await last(fresh, "snapshot", order)
    assert (again.state, again.code) == ("failed", "order.interrupted")
    assert told == [("there", "failed")]
    assert len(place.worker.orders) == 1


async def test_nothing_is_begun_without_a_record_but_what_only_reads_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    orders, _ = place.made()  # not running: its file is not open
    assert (await last(orders, "look", asked(camera="gate"))).code == "order.not_ready"
    assert (await last(orders, "status", asked())).result == {"status": {"cameras": {}}}
    assert place.worker.orders == []
    await orders._scribe.close()


async def test_too_many_whose_repeats_may_still_come_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_MOST", 3)
    place = Place(tmp_path)
    async with working(place.made()[0]) as orders:
        kept = [asked(camera="gate") for _ in range(3)]
        for each in kept:
            await last(orders, "look", each)
        assert (await last(orders, "look", asked(camera="gate"))).code == "order.busy"
        place.now = lambda: time.time() + 120  # they have expired: a repeat is refused, and room is made
        assert (await last(orders, "look", asked(camera="gate", expires=time.time() + 600))).state == "done"
        assert (await last(orders, "look", kept[0])).code == "order.expired"
    assert len(place.worker.orders) == 4


async def test_a_defect_is_answered_and_ends_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    orders, box = place.made()
    async with working(orders):
        monkeypatch.setattr(box.fleet, "order", lambda _: 1 / 0)
        assert (await last(orders, "look", asked(camera="gate"))).code == "order.defect"
        monkeypatch.undo()
        assert (await last(orders, "look", asked(camera="gate"))).state == "done"


async def test_no_request_is_repeated_in_the_audit(tmp_path: Path) -> None:
    place = Place(tmp_path)
    async with working(place.made()[0]) as orders:
        await last(orders, "mute", asked(camera="gate", until=None, reason="hunter2"))
        await last(orders, "hunter2", asked(camera="hunter2"))
        await last(orders, "look", asked(camera="gate", hunter2=1))
    assert "hunter2" not in (tmp_path / "audit.jsonl").read_text()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["id", "expires", "camera", "rule", "until", "from", "to", "do", "pan", "uri", "v", "config"]
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(commands())), fields=st.dictionaries(KEYS, JSON, max_size=6))
async def test_whatever_is_asked_is_answered_once_and_finally(
    tmp_path_factory: pytest.TempPathFactory, name: str, fields: dict[str, JsonValue]
) -> None:
    place = Place(tmp_path_factory.mktemp("any"))
    async with working(place.made()[0]) as orders:
        *before, final = await answers(orders, name, fields)
    assert states(before) in ([], ["accepted"])
    assert final.state in ("done", "refused", "failed")
    assert isinstance(final, Done) or final.code
