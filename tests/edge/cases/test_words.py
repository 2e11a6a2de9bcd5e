"""What a centre may say of a case."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cases.words import LONGEST, Closed, Dispatched, Malformed, Received, read

HEAD = {"id": "c-1", "by": "duty officer", "time": "2026-05-01T08:00:00+08:00"}
GOOD: dict[str, dict[str, Any]] = {
    "dispatched": {"unit": "patrol 3", "officers": ["Zhang"], "deadline": "2026-05-01T10:00:00+08:00"},
    "closed": {"finding": "lorry turned back", "proof": ["https://centre.example.org/f/1"]},
    "evaluated": {"grade": 5, "remark": "well done"},
    "reopened": {},
}


def said(kind: str, **changes: Any) -> bytes:
    body = {"kind": kind, **HEAD, **GOOD[kind], **changes}
    return json.dumps({name: value for name, value in body.items() if value is not ...}).encode()


@pytest.mark.parametrize("kind", GOOD)
def test_every_word_is_read_and_keys_nobody_knows_are_passed_over(kind: str) -> None:
    assert read(said(kind, colour="red")).kind == kind


def test_what_was_received_needs_no_more_than_its_ids() -> None:
    word = read(b'{"kind": "received", "events": ["a/0", "b/3"], "since": 1}')
    assert isinstance(word, Received)
    assert word.events == ("a/0", "b/3")


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[1]", "JSON"),
        (b'{"kind": "burnt"}', "kind"),
        (b'{"id": "x"}', "kind"),
        (b'{"kind": "received", "events": []}', "events"),
        (said("dispatched", unit=...), "`unit` is missing"),
        (said("dispatched", unit="  "), "unit"),
        (said("dispatched", unit="x" * 101), "unit"),
        (said("dispatched", time="2026-05-01T08:00:00"), "time"),
        (said("dispatched", time="1999-05-01T08:00:00Z"), "time"),
        (said("dispatched", deadline="soon"), "deadline"),
        (said("dispatched", id="two words"), "id"),
        (said("closed", finding=...), "finding"),
        (said("closed", finding="x" * 4001), "finding"),
        (said("evaluated", grade=6), "grade"),
        (said("evaluated", by=""), "by"),
        (b" " * (LONGEST + 1), "bytes"),
    ],
)
def test_what_is_no_word_is_refused_in_words(payload: bytes, says: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(payload)
    assert says in refused.value.problem.what.en
    assert refused.value.problem.what.zh != refused.value.problem.what.en


def test_a_refusal_names_the_word_where_that_can_be_read() -> None:
    with pytest.raises(Malformed) as refused:
        read(said("evaluated", grade=0))
    assert refused.value.id == "c-1"


def test_what_a_terminal_would_obey_is_taken_out() -> None:
    word = read(said("closed", finding="all\x1b[2J quiet\r\nnow", proof=["a\x9bb"]))
    assert isinstance(word, Closed)
    assert word.finding == "all [2J quiet \nnow"
    assert word.proof == ("a b",)


def test_the_same_words_have_the_same_digest() -> None:
    one, same = read(said("dispatched")), read(said("dispatched", note="unknown"))
    other = read(said("dispatched", unit="patrol 4"))
    assert isinstance(one, Dispatched)
    assert isinstance(same, Dispatched)
    assert isinstance(other, Dispatched)
    assert one.digest == same.digest != other.digest


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps({"kind": "closed", "id": value, "by": value, "finding": value}).encode()
    )
)
def test_nothing_but_malformed_comes_of_junk(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read(payload)


def test_the_words_of_the_manual_are_read() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "cases.md").read_text("utf-8")
    examples = re.findall(r'\{"kind":.*?\}(?=\n)', manual, re.DOTALL)
    assert {read(each.encode()).kind for each in examples} == {"received", *GOOD}
