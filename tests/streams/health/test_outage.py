"""One outage, one event, however the camera flaps."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.health.outage import Change, Outage

STATES = st.lists(st.tuples(st.booleans(), st.floats(0.1, 100)), max_size=60)


def changes(states: list[tuple[bool, float]]) -> list[tuple[float, Change]]:
    outage, now, found = Outage(), 0.0, []
    for well, seconds in states:
        for _ in range(int(seconds) + 1):
            now += seconds / (int(seconds) + 1)
            change = outage.update(well, now)
            if change is not None:
                found.append((now, change))
    return found


def test_a_camera_that_restarts_is_nobodys_business() -> None:
    assert changes([(True, 60), (False, 29), (True, 100)]) == []


def test_an_outage_begins_after_half_a_minute_and_is_dated_from_its_start() -> None:
    outage = Outage()
    assert outage.update(True, 100) is None
    assert outage.update(False, 101) is None
    assert outage.update(False, 130.9) is None
    assert outage.update(False, 131) is Change.BEGAN
    assert outage.since == 101
    assert outage.update(False, 500) is None


def test_a_flapping_camera_is_one_outage() -> None:
    flapping = [(False, 40.0), *[(True, 50.0), (False, 10.0)] * 20, (True, 90.0)]
    assert [change for _, change in changes(flapping)] == [Change.BEGAN, Change.ENDED]


@given(STATES)
def test_beginnings_and_ends_alternate(states: list[tuple[bool, float]]) -> None:
    found = [change for _, change in changes(states)]
    assert found == [Change.BEGAN, Change.ENDED] * (len(found) // 2) + [Change.BEGAN] * (len(found) % 2)


@given(STATES)
def test_whatever_flickers_an_end_and_the_next_beginning_are_half_a_minute_apart(
    states: list[tuple[bool, float]],
) -> None:
    found = changes(states)
    for (ended, change), (began, _) in pairwise(found):
        if change is Change.ENDED:
            assert began - ended >= 29
