from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.outbox_room import merged


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_ranges_say_exactly_which_numbers_went_in_as_few_as_can_be(before: set[int], now: set[int]) -> None:
    ranges = merged(merged((), before), now)
    told = [number for first, last in ranges for number in range(first, last + 1)]
    assert told == sorted(before | now)
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(ranges))
