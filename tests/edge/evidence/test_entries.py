"""Entries by themselves, and rows of them: what is read is what was written, and nothing else."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.evidence.audit import Walk, misplaced, runs
from edge.evidence.canonical import canonical, parsed
from edge.evidence.entries import (
    Entry,
    Kind,
    Malformed,
    decoded,
    encoded,
    key_body,
    key_of,
    key_words,
    read_header,
    written,
)
from edge.evidence.signing import Algorithm, PrivateKey, made

CHAIN, OTHER = "0" * 32, "1" * 32
KEY, HEIR, THIEF = (made(Algorithm.ED25519) for _ in range(3))


@dataclass
class Book:
    """A chain in memory. key: who signs."""

    key: PrivateKey = KEY
    chain: str = CHAIN

    def __post_init__(self) -> None:
        self.row: list[Entry] = []
        self.add(Kind.BEGIN, {"site": "ferry", "key": key_words(self.key.public)})

    def add(self, kind: Kind, body: dict[str, object]) -> Entry:
        prev = self.row[-1].hashes if self.row else None
        n = len(self.row) + 1
        self.row.append(written(self.chain, n, kind, None, "2026-05-01T00:00:00Z", prev, body, self.key))
        return self.row[-1]


def book() -> Book:
    """A message, another key, and a message under that."""
    whole = Book()
    whole.add(Kind.MESSAGE, {"text": "one"})
    whole.add(Kind.KEY, key_body(CHAIN, 3, KEY.public, HEIR))
    whole.key = HEIR
    whole.add(Kind.MESSAGE, {"text": "two"})
    return whole


def walked(row: Sequence[tuple[int, Entry]]) -> list[tuple[str, str]]:
    walk = Walk()
    return [(found.fault.value, found.what) for n, entry in row for found in walk.take(n, entry)]


def numbered(row: Sequence[Entry]) -> list[tuple[int, Entry]]:
    return list(enumerate(row, 1))


def test_a_chain_with_a_second_key_is_sound_with_and_without_its_bodies() -> None:
    row = book().row
    assert walked(numbered(row)) == []
    assert walked(numbered([row[0], row[1].bare(), row[2], row[3].bare()])) == []
    walk = Walk()
    assert [found for n, entry in numbered(row) for found in walk.take(n, entry)] == []
    assert walk.fingerprints == (KEY.public.fingerprint, HEIR.public.fingerprint)
    assert [start for start, _ in walk.keys] == [1, 4]


def test_the_old_key_signs_nothing_after_its_heir_came() -> None:
    whole = book()
    whole.key = KEY
    whole.add(Kind.MESSAGE, {"text": "three"})
    assert walked(numbered(whole.row)) == [("foreign", "entry 5")]


def test_the_heir_signs_nothing_before_it_is_one() -> None:
    whole = Book()
    whole.key = HEIR
    whole.add(Kind.KEY, key_body(CHAIN, 2, KEY.public, HEIR))
    assert set(walked(numbered(whole.row))) == {("foreign", "entry 2")}


def test_an_heir_that_never_agreed_and_one_that_is_no_key_are_told() -> None:
    whole = Book()
    consent = encoded(THIEF.sign(b"yes"))
    whole.add(Kind.KEY, {"key": key_words(HEIR.public), "consent": consent})
    whole.add(Kind.KEY, {"key": {"spki": "AAAA"}, "consent": consent})
    whole.add(Kind.KEY, {"key": key_words(HEIR.public), "consent": "?"})
    whole.add(Kind.MESSAGE, {})  # by the first key, and that still counts
    faults = [("foreign", "entry 2"), ("changed", "entry 3"), ("changed", "entry 4")]
    assert walked(numbered(whole.row)) == faults


def test_an_entry_of_another_chain_says_nothing_here() -> None:
    row = book().row
    stranger = Book(chain=OTHER)
    stranger.add(Kind.MESSAGE, {"text": "one"})
    assert walked(numbered([row[0], stranger.row[1], *row[2:]])) == [("inserted", "entry 2")]


def test_a_second_beginning_begins_nothing() -> None:
    whole = Book()
    again = Book(key=THIEF).row[0]
    walk = Walk()
    assert list(walk.take(1, whole.row[0])) == []
    assert [found.fault.value for found in walk.take(1, again)] == ["foreign"]
    assert walk.fingerprints == (KEY.public.fingerprint,)


def test_a_body_a_signature_or_a_number_that_is_not_its_own_is_told_by_its_place() -> None:
    row = numbered(book().row)
    for n, entry in row:
        swapped = replace(entry, body=canonical({"text": "else"}))
        kind = ("changed", f"entry {n}")
        if n != 1:  # the first tells the key
            assert walked([(m, swapped if m == n else each) for m, each in row])[0] == kind
        forged = replace(entry, signature=bytes(64))
        assert kind in walked([(m, forged if m == n else each) for m, each in row])
    assert walked([*row[:3], (5, row[3][1])]) == [("reordered", "entry 5")]


def test_an_entry_written_anew_by_its_own_key_is_told_by_the_one_that_followed_it() -> None:
    whole = Book()
    for number in range(3):
        whole.add(Kind.MESSAGE, {"text": number})
    first = whole.row[0].hashes
    anew = written(CHAIN, 2, Kind.MESSAGE, None, "2026-05-01T00:00:00Z", first, {"text": "else"}, KEY)
    row = [whole.row[0], anew, *whole.row[2:]]
    assert walked(numbered(row)) == [("changed", "entry 2")]
    assert walked([(n, entry) for n, entry in numbered(row) if n != 3]) == []  # no neighbours, no word


def test_a_link_is_judged_between_sound_neighbours_alone() -> None:
    whole = book()
    broken = replace(whole.row[1], signature=bytes(64))
    assert walked(numbered([whole.row[0], broken, *whole.row[2:]])) == [("changed", "entry 2")]


def test_what_is_no_header_is_told() -> None:
    entry = Book().row[0]
    assert walked([(1, Entry(b"{}", entry.signature))]) == [("changed", "entry 1")]
    with pytest.raises(Malformed, match="fields that are wrong"):
        read_header(canonical({**parsed(entry.header), "n": 0}))
    with pytest.raises(Malformed, match="fields that are wrong"):
        read_header(canonical({**parsed(entry.header), "n": "1"}))  # not the number, a word for it
    with pytest.raises(Malformed, match="fields that are wrong"):
        read_header(canonical({key: value for key, value in parsed(entry.header).items() if key != "v"}))
    with pytest.raises(Malformed, match="not canonical"):
        read_header(entry.header.replace(b'"n":1', b'"n": 1'))
    with pytest.raises(Malformed, match="body is not canonical"):
        _ = replace(entry, body=b'{"a": 1}').says
    with pytest.raises(ValidationError):
        setattr(read_header(entry.header), "n", 2)  # noqa: B010 (mypy knows that it is frozen)


def test_a_line_is_read_back_as_it_was_written_and_with_no_more_than_that() -> None:
    entry = Book().row[0]
    for each in (entry, entry.bare()):
        assert Entry.of_line(each.line()) == each
        assert each.line().endswith(b"}\n")
    whole = parsed(entry.line().removesuffix(b"\n"))
    for wrong in ({**whole, "more": 1}, {**whole, "header": "x"}, {"header": whole["header"]}):
        with pytest.raises(Malformed):
            Entry.of_line(canonical(wrong))


@pytest.mark.parametrize(
    "told",
    [
        None,
        1,
        "key",
        {},
        {"spki": None},
        {"spki": "AAAA"},
        {"spki": "?"},
        {"spki": encoded(KEY.public.spki) + "="},
    ],
)
def test_what_is_no_public_key_is_told(told: object) -> None:
    with pytest.raises(Malformed, match="no public key"):
        key_of({"key": told})
    with pytest.raises(Malformed, match="no public key"):
        key_of({})


@given(st.binary(max_size=40))
def test_bytes_have_one_way_of_being_written(data: bytes) -> None:
    assert decoded(encoded(data)) == data
    for other in (encoded(data) + "\n", " " + encoded(data), encoded(data) + "===="):
        with pytest.raises(ValueError, match=r"base64|padding|data"):
            decoded(other)


def test_spare_bits_do_not_count_as_the_same_bytes() -> None:
    assert base64.b64decode("QQ==") == base64.b64decode("QR==")
    with pytest.raises(ValueError, match="one base64 form"):
        decoded("QR==")


@given(st.sets(st.integers(1, 40)))
def test_runs_are_the_fewest_that_hold_just_these_numbers(numbers: set[int]) -> None:
    found = list(runs(numbers))
    assert [n for first, last in found for n in range(first, last + 1)] == sorted(numbers)
    assert all(earlier[1] + 1 < later[0] for earlier, later in pairwise(found))


@given(st.lists(st.integers(1, 8), max_size=8), st.sets(st.integers(1, 8)))
def test_each_number_that_is_missing_put_in_or_moved_is_told_and_no_other(
    row: list[int], wanted: set[int]
) -> None:
    found = list(misplaced(row, runs(wanted)))
    faults = [(each.fault.value, each.what) for each in found]
    gone = wanted - set(row)
    missing = [f"entry {a}" if a == b else f"entries {a} to {b}" for a, b in runs(gone)]
    assert [what for fault, what in faults if fault == "missing"] == missing
    extra = [n for place, n in enumerate(row) if n not in wanted or n in row[:place]]
    assert [what for fault, what in faults if fault == "inserted"] == [f"entry {n}" for n in extra]
    once = list(dict.fromkeys(row))
    moved = [what for fault, what in faults if fault == "reordered"]
    left = [n for n in once if f"entry {n}" not in moved]
    assert left == sorted(left)
    assert len(left) == longest_rising(once)


def longest_rising(row: list[int]) -> int:
    """By trying: of each number, the longest that ends with it."""
    best: list[int] = []
    for place, n in enumerate(row):
        best.append(1 + max((best[i] for i in range(place) if row[i] < n), default=0))
    return max(best, default=0)


def test_what_stands_wrong_is_told_with_what_stands_before_it() -> None:
    (first,) = misplaced([3, 1, 2], [(1, 3)])
    assert (first.what, first.detail.en, first.detail.zh) == ("entry 3", "stands first", "位于最前")
    (last,) = misplaced([2, 3, 1], [(1, 3)])
    assert (last.what, last.detail.en) == ("entry 1", "stands after entry 3")
