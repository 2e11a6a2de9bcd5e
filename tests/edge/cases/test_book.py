"""The case book on a real outbox: what events and centres make of cases, and what the centres are told."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from edge.cases import reading
from edge.cases.case import Case, State
from edge.cases.reading import Which
from edge.cases.requests import Answer, ask
from edge.cases.words import Received
from edge.outbox import Outbox
from inference.findings import Phase
from streams.problem import Problem
from tests.support.casebooks import NOBODY, Clocks, book_on, event, outbox_at, told
from tests.support.casewords import payload, word


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines are looked at more often than once a second."""
    monkeypatch.setattr("edge.cases.book._TICK", 0.02)


def received(*ids: str) -> bytes:
    return json.dumps({"kind": "received", "events": ids}).encode()


def types(events: list[dict[str, Any]]) -> list[str]:
    return [each["type"] for each in events]


async def until(storage: Path, state: State, name: str = "e1") -> Case:
    async with asyncio.timeout(60):
        while True:
            cases = {case.event_id: case for case in reading.listing(storage, Which.ALL, None, 0.0)}
            if name in cases and cases[name].state is state:
                return cases[name]
            await asyncio.sleep(0.01)


async def test_the_four_steps_are_told_with_who_and_when(tmp_path: Path) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path) as book:
        await outbox.append(event("e1"))
        assert await book.down("county", "e1", received("e1/0")) == Received(
            kind="received", events=("e1/0",)
        )
        await book.down("county", "e1", payload("dispatched", "d-1"))
        await book.down("county", "e1", payload("closed", "c-1", proof=("https://centre.example.org/1",)))
        await book.down("city", "e1", payload("evaluated", "v-1"))
        events = await told(outbox, 4)
        assert types(events) == ["case.received", "case.dispatched", "case.closed", "case.evaluated"]
        assert [each["id"] for each in events] == ["e1/case/1", "e1/case/2", "e1/case/3", "e1/case/4"]
        assert [each["data"]["centre"] for each in events] == ["county", "county", "county", "city"]
        closed = events[2]["data"]
        assert (closed["by"], closed["word"], closed["finding"]) == ("officer", "c-1", "lorry turned back")
        assert closed["references"] == ["https://centre.example.org/1"]
        assert (closed["state"], closed["camera"], closed["event_id"]) == ("closed", "gate", "e1")
        assert events[2]["subject"] == "e1"
        assert not book.is_open("e1")
    case = (await until(tmp_path, State.EVALUATED)).model_dump()
    assert case["received_by"] == ("county",)


async def test_the_event_names_its_people_and_the_case_knows_them(tmp_path: Path) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path):
        await outbox.append(event("e1"))
        (row,) = await outbox.consumer("centre").peek(0, 10)
        assert json.loads(row.payload)["data"]["respond"] == {
            "unit": "patrol unit",
            "officers": ["Zhang", "Li"],
            "deadline": "1970-01-01T00:20:02.000Z",
        }
        case = await until(tmp_path, State.OPEN)
        assert (case.unit, case.called) == ("patrol unit", ("Zhang", "Li"))


@pytest.mark.parametrize("kind", ["camera.offline", "traffic.count", "site.clock"])
async def test_not_every_event_is_a_case(tmp_path: Path, kind: str) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path):
        await outbox.append(event("other", kind=kind))
        await outbox.append(event("e1", kind="camera.tampered"))
        await until(tmp_path, State.OPEN)
        assert [case.event_id for case in reading.listing(tmp_path, Which.ALL, None, 0.0)] == ["e1"]


async def test_the_end_of_an_event_leaves_its_case_open(tmp_path: Path) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path) as book:
        await outbox.append(event("e1"))
        await outbox.append(event("e1", 1, Phase.END))
        await book.down("county", "e1", payload("dispatched"))
        case = await until(tmp_path, State.DISPATCHED)
        assert case.ended == 2.0
        assert book.is_open("e1")
        assert types(await told(outbox, 1)) == ["case.dispatched"]


async def test_a_repeated_word_is_one_word(tmp_path: Path) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path) as book:
        await outbox.append(event("e1"))
        for _ in range(3):
            await book.down("county", "e1", received("e1/0"))
            await book.down("county", "e1", payload("closed", "c-1"))
            await book.down("county", "e1", b"nonsense")
        await book.down("county", "e1", payload("reopened", "r-1"))
        kinds = types(await told(outbox, 4))
        assert kinds == ["case.received", "case.closed", "case.refused", "case.reopened"]


async def test_what_is_refused_says_why_in_both_languages(tmp_path: Path) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path) as book:
        await outbox.append(event("e1"))
        await book.down("county", "e1", payload("evaluated", "v-1"))
        await book.down("county", "nobody", payload("closed", "c-1"))
        await book.down("county", "e1", b'{"kind": "closed", "id": "c-2"}')
        await book.down("county", "e1", payload("closed", "c-1"))  # the id stood for another case's
        events = await told(outbox, 4)
        assert types(events) == ["case.refused"] * 4
        assert [each["data"]["code"] for each in events] == [
            "case.not_evaluated",
            "case.unknown",
            "case.malformed",
            "case.id_used",
        ]
        assert [each["data"]["word"] for each in events] == ["v-1", "c-1", "c-2", "c-1"]
        assert events[1]["data"]["event_id"] == "nobody"
        assert all(each["data"]["reason"]["zh"] != each["data"]["reason"]["en"] for each in events)
        await book.down("county", "e1", payload("closed", "c-2"))  # put right, under the same id
        assert types(await told(outbox, 5))[-1] == "case.closed"


async def test_a_word_that_comes_before_the_book_has_read_its_event_is_not_lost(tmp_path: Path) -> None:
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path) as book:
        await asyncio.gather(
            *(outbox.append(event(f"e{number}")) for number in range(500)),
        )
        await book.down("county", "e499", received(*(f"e{number}/0" for number in range(500))))
        assert len(await told(outbox, 500)) == 500


async def test_a_deadline_that_passes_blows_the_whistle_and_names_the_next(tmp_path: Path) -> None:
    clocks = Clocks()
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path, clocks) as book:
        await outbox.append(event("e1"))
        await until(tmp_path, State.OPEN)
        clocks.wait(301)
        (escalated,) = await told(outbox, 1)
        data = escalated["data"]
        assert (escalated["type"], data["whistle"], data["overdue"]) == ("case.escalated", "quick", "receive")
        assert (data["called"], data["by"]) == ("Chief", "sandwatch")
        assert [case.event_id for case in reading.listing(tmp_path, Which.OVERDUE, None, clocks.wall)] == [
            "e1"
        ]
        await book.down("county", "e1", payload("closed"))
        clocks.wait(86400)
        await asyncio.sleep(0.3)  # the book has looked
        assert types(await told(outbox)) == ["case.escalated", "case.closed"]


async def test_a_clock_that_is_put_right_passes_no_deadline(tmp_path: Path) -> None:
    """A box that started in 1970, until it heard of the time."""
    clocks = Clocks(wall=1000.0)
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path, clocks):
        await outbox.append(event("e1"))
        before = await until(tmp_path, State.OPEN)
        assert before.due is not None
        clocks.set(1_780_000_000.0)
        await asyncio.sleep(0.3)
        assert await told(outbox) == []
        after = await until(tmp_path, State.OPEN)
        assert after.due is not None
        assert after.due.at == before.due.at + 1_780_000_000.0
        clocks.wait(301)
        assert types(await told(outbox, 1)) == ["case.escalated"]


async def test_deadlines_pass_while_the_box_is_off(tmp_path: Path) -> None:
    clocks = Clocks()
    async with outbox_at(tmp_path) as outbox:
        async with book_on(outbox, tmp_path, clocks):
            await outbox.append(event("e1"))
            await until(tmp_path, State.OPEN)
        clocks.wait(86400)
        async with book_on(outbox, tmp_path, clocks, boot="next"):
            assert types(await told(outbox, 1)) == ["case.escalated"]


async def test_muted_events_open_no_case_until_they_are_heard_again(tmp_path: Path) -> None:
    muted = True
    async with outbox_at(tmp_path, lambda _: {"muted": muted}) as outbox, book_on(outbox, tmp_path) as book:
        for name in ("e1", "e2"):
            await outbox.append(event(name))
        await outbox.append(event("e2", 1, Phase.END))
        await book.down("county", "x", received("x/1"))  # it has read them when this returns
        assert await book.open_cases() == frozenset()
        muted = False
        await outbox.append(event("e1", 1, Phase.UPDATE))
        await outbox.append(event("e3", 1, Phase.UPDATE))  # its beginning was never muted: not ours
        await book.down("county", "x", received("x/1"))
        assert await book.open_cases() == {"e1"}


async def test_people_at_the_box_answer_through_the_running_book(tmp_path: Path) -> None:
    path = tmp_path / "cases.sqlite"

    async def says(event_id: str, kind: str, name: str) -> Answer:
        return await asyncio.to_thread(ask, path, event_id, word(kind, name), 60.0)

    now = Clocks(time.time())  # as the command line's
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path, now):
        await outbox.append(event("e1"))
        await until(tmp_path, State.OPEN)
        done = await says("e1", "dispatched", "l-1")
        assert (done.done, done.text.zh) == (True, "派单")
        refused = await says("e1", "evaluated", "l-2")
        assert (refused.done, refused.code) == (False, "case.not_evaluated")
        (dispatched, _) = await told(outbox, 2)
        assert dispatched["data"]["by"] == "officer"
        assert "centre" not in dispatched["data"]
    late = await asyncio.to_thread(ask, path, "e1", word("closed", "l-3"), 0.2)
    assert (late.done, late.code) == (False, "case.nobody")
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path, now):
        await asyncio.sleep(0.3)
        assert (await until(tmp_path, State.DISPATCHED)).settled is None  # it was withdrawn


async def test_old_cases_go_into_the_archive_and_open_ones_never(tmp_path: Path) -> None:
    clocks = Clocks()
    async with outbox_at(tmp_path) as outbox:
        async with book_on(outbox, tmp_path, clocks, duty=NOBODY, keep=100.0) as book:
            for name in ("e1", "e2"):
                await outbox.append(event(name))
            await book.down("county", "e1", payload("closed"))
            await told(outbox, 1)
        clocks.wait(101)
        async with book_on(outbox, tmp_path, clocks, duty=NOBODY, keep=100.0) as book:
            async with asyncio.timeout(60):
                while len(reading.listing(tmp_path, Which.ALL, None, 0.0)) > 1:
                    await asyncio.sleep(0.01)
            assert await book.open_cases() == {"e2"}
            found = reading.find(tmp_path, "e1")
            assert found.case.state is State.CLOSED
            assert [note.step.kind for note in found.notes] == ["opened", "closed"]
            assert not reading.is_open(tmp_path, "e1")
            assert reading.is_open(tmp_path, "e2")


async def test_a_full_disk_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Problem | None] = []
    monkeypatch.setattr("edge.cases.book._PATIENCE", 0.05)
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path, trouble=said.append) as book:
        await outbox.append(event("e1"))
        await until(tmp_path, State.OPEN)
        db = book._file._db
        await book._call(db.execute, "PRAGMA max_page_count = 1")
        await filled(outbox, book)
        async with asyncio.timeout(60):
            while not said:
                await asyncio.sleep(0.01)
        assert said[0] is not None
        assert said[0].code == "cases.disk_full"
        await book._call(db.execute, "PRAGMA max_page_count = 1000000")
        async with asyncio.timeout(60):
            while len(await book.open_cases()) < 301 or said[-1] is not None:
                await asyncio.sleep(0.01)


async def filled(outbox: Outbox, _: object) -> None:
    await asyncio.gather(*(outbox.append(event(f"more-{number}")) for number in range(300)))


async def test_a_damaged_case_book_is_set_aside_and_said(tmp_path: Path) -> None:
    said: list[Problem | None] = []
    (tmp_path / "cases.sqlite").write_bytes(b"not a database, whatever its name" * 100)
    async with outbox_at(tmp_path) as outbox, book_on(outbox, tmp_path, trouble=said.append):
        await outbox.append(event("e1"))
        await until(tmp_path, State.OPEN)
    assert said[0] is not None
    assert said[0].code == "cases.corrupt"
    assert len(list(tmp_path.glob("cases.sqlite.corrupt-*"))) >= 1
