from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.centre.gaps import Gaps

START = datetime(2026, 5, 1, tzinfo=UTC)


def at(seq: int) -> datetime:
    return START + timedelta(seconds=seq)


@given(st.sets(st.integers(1, 200), min_size=1).flatmap(lambda come: st.permutations(sorted(come))))
def test_what_did_not_come_is_missing_in_whatever_order_the_rest_came(order: list[int]) -> None:
    gaps = Gaps()
    for seq in order:
        gaps.came(seq, at(seq))
    missing = {seq for first, last in gaps.missing() for seq in range(first, last + 1)}
    assert missing == set(range(min(order), max(order))) - set(order)


def test_what_was_dropped_and_said_so_is_not_missing() -> None:
    gaps = Gaps()
    for seq in (1, 10):
        gaps.came(seq, at(seq))
    gaps.explained(2, 5)
    assert list(gaps.missing()) == [(6, 9)]
    gaps.explained(3, 9)
    assert list(gaps.missing()) == []


def test_a_store_begun_anew_counts_from_1_and_nothing_is_missing() -> None:
    gaps = Gaps()
    for seq in (500, 501, 502):
        gaps.came(seq, at(seq))
    gaps.came(1, at(502) + timedelta(hours=2))
    assert list(gaps.missing()) == []
    gaps.came(3, at(502) + timedelta(hours=3))
    assert list(gaps.missing()) == [(2, 2)]
