"""What entries say of files, deletions and time-stamps, against how things are."""

import pytest

from edge.evidence.contents import Contents, Stamps, item_faults
from edge.evidence.entries import Kind, written
from edge.evidence.hashes import Measured
from edge.evidence.signing import Algorithm, made

KEY = made(Algorithm.ED25519)
PICTURE, OTHER = Measured.of(b"a picture"), Measured.of(b"another")
URI = "evidence/gate/a.jpg"


def told(*entries: tuple[Kind, dict[str, object]]) -> Contents:
    """From entry 1 on."""
    contents = Contents()
    for n, (kind, body) in enumerate(entries, 1):
        entry = written("0" * 32, n, kind, None, "2026-05-01T00:00:00Z", None, body, KEY)
        assert [found.what for found in contents.take(n, entry)] == []
    return contents


def item(state: str = "kept") -> tuple[Kind, dict[str, object]]:
    return Kind.FOUND, {"items": [{"uri": URI, "state": state, **PICTURE.as_json()}]}


DELETED: tuple[Kind, dict[str, object]] = (Kind.DELETED, {"items": [{"uri": URI}], "why": "age"})


def faults(contents: Contents, found: Measured | None) -> list[str]:
    return [fault.fault.value for each in contents.files for fault in item_faults(each, found, contents)]


def test_a_file_is_there_as_it_was_entered_or_changed_or_missing() -> None:
    assert faults(told(item()), PICTURE) == []
    assert faults(told(item()), OTHER) == ["changed"]
    assert faults(told(item()), None) == ["missing"]


def test_what_was_gone_or_changed_before_it_was_entered_is_told_for_ever() -> None:
    assert faults(told(item("absent")), None) == ["missing"]
    assert faults(told(item("absent")), PICTURE) == ["missing"]
    assert faults(told(item("differs")), PICTURE) == ["changed"]


def test_only_a_later_tombstone_excuses_a_file_that_is_gone() -> None:
    assert faults(told(item(), DELETED), None) == []
    assert faults(told(item(), DELETED), OTHER) == ["changed"]
    assert faults(told(DELETED, item()), None) == ["missing"]


def test_items_without_words_are_told() -> None:
    entry = written("0" * 32, 1, Kind.FOUND, None, "2026-05-01T00:00:00Z", None, {"items": [1]}, KEY)
    (found,) = Contents().take(1, entry)
    assert (found.fault.value, found.what) == ("changed", "entry 1")


def test_of_an_entry_whose_body_is_kept_back_its_hash_alone_is_known() -> None:
    entry = written("0" * 32, 1, Kind.FOUND, None, "2026-05-01T00:00:00Z", None, item()[1], KEY)
    contents = Contents()
    assert list(contents.take(1, entry.bare())) == []
    assert (contents.files, contents.hashes) == ([], {1: entry.hashes.sha256})


@pytest.mark.parametrize("covered", [1, 7, "1", None])
def test_a_stamp_is_over_the_entry_that_it_names_and_unchecked_without_a_certificate(covered: object) -> None:
    first = told(item()).hashes[1]
    contents = told(item(), (Kind.STAMP, {"entry": covered, "sha256": first, "token": "AAAA"}))
    stamps = Stamps()
    found = [each.fault.value for each in stamps.check(contents, ())]
    # Entry 7 is not in this bundle: who it was, the stamp alone says.
    assert (found, stamps.unchecked) == (([], [2]) if isinstance(covered, int) else (["stamp"], []))


def test_a_stamp_over_other_words_is_told() -> None:
    contents = told(item(), (Kind.STAMP, {"entry": 1, "sha256": "0" * 64, "token": "AAAA"}))
    stamps = Stamps()
    assert [each.what for each in stamps.check(contents, ())] == ["entry 2"]
    assert stamps.unchecked == []
