"""Case names: one id for the life of a case, numbers that count, and nothing kept of what is over."""

from itertools import count

import pytest

from edge.casebook import CaseBook, Entry
from inference.findings import Finding, Phase, Severity


def finding(key: str, phase: Phase) -> Finding:
    return Finding(
        type="vehicle.zone",
        phase=phase,
        key=key,
        rule="zone",
        zone=None,
        severity=Severity.HIGH,
        whistle=None,
        objects=(),
        since=0.0,
        time=0.0,
    )


def book() -> CaseBook:
    numbers = count(1)
    return CaseBook(lambda: f"case-{next(numbers)}")


def test_a_case_keeps_its_id_and_counts_its_messages() -> None:
    cases = book()
    phases = (Phase.NEW, Phase.UPDATE, Phase.UPDATE, Phase.END)
    entries = [cases.enter(finding("a", phase)) for phase in phases]
    assert [entry.event_id for entry in entries] == ["case-1"] * 4
    assert [entry.number for entry in entries] == [0, 1, 2, 3]


def test_cases_side_by_side_have_names_of_their_own() -> None:
    cases = book()
    first = cases.enter(finding("a", Phase.NEW))
    second = cases.enter(finding("b", Phase.NEW))
    assert first.event_id != second.event_id
    assert cases.enter(finding("a", Phase.END)).event_id == first.event_id


@pytest.mark.parametrize("phase", [Phase.UPDATE, Phase.END])
def test_what_never_began_cannot_go_on(phase: Phase) -> None:
    cases = book()
    cases.enter(finding("a", Phase.NEW))
    cases.enter(finding("a", Phase.END))
    with pytest.raises(KeyError):
        cases.enter(finding("a", phase))


def test_a_case_goes_on_after_a_restart() -> None:
    book = CaseBook(lambda: "fresh")
    book.resume("land/1", Entry("old", 4))
    assert "land/1" in book
    assert book.open == ("old",)
    assert book.key("old") == "land/1"
    assert book.key("fresh") is None
