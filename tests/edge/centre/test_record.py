import json
from typing import Any

import pytest

from edge.centre.record import Unreadable, dropped, record
from edge.letter import Dropped, SiteNote
from tests.support.occurrences import SEAL, message


def test_an_event_of_a_box_is_a_row() -> None:
    sealed = SEAL(message("case"), 7)
    found = record(sealed.topic, sealed.payload)
    assert found.site == "sandwatch/v1/410000/410100/410122/site"
    assert found.place == ("410000", "410100", "410122", "site")
    assert (found.id, found.seq, found.camera, found.phase) == ("case/0", 7, "gate", "new")
    assert json.loads(found.payload) == json.loads(sealed.payload)


def test_what_a_box_dropped_is_read() -> None:
    sealed = SEAL(SiteNote.of("site.dropped", 1.0, Dropped(updates=3, ranges=((4, 5), (9, 9)))), 10)
    assert dropped(record(sealed.topic, sealed.payload).payload) == [(4, 5), (9, 9)]
    assert dropped(record(sealed.topic, SEAL(message("case"), 7).payload).payload) == []


def bad(**changes: Any) -> bytes:
    event = json.loads(SEAL(message("case"), 7).payload)
    return json.dumps({**event, **changes}).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        bad(id="a\0b"),
        bad(id="\ud800"),
        bad(id="x" * 161),
        bad(id=5),
        bad(time="yesterday"),
        bad(time="2026-05-01T08:00:00"),
        bad(data={"seq": "many"}),
        bad(data={"seq": 2**64}),
        bad(data=None),
    ],
)
def test_anything_else_is_told_apart_and_never_raises_another_error(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        record(SEAL(message("case"), 7).topic, payload)


@pytest.mark.parametrize("topic", ["", "sandwatch/v1/a/b/c/d", "other/v1/a/b/c/d/ev/x/y"])
def test_other_topics_are_none_of_ours(topic: str) -> None:
    with pytest.raises(Unreadable):
        record(topic, SEAL(message("case"), 7).payload)
