import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.land.tally import HOUR, Tally

SAID = st.lists(
    st.tuples(st.sampled_from(["noon", "dusk"]), st.floats(0, 9000), st.floats(-4, 14)), max_size=60
)


def said(tally: Tally, light: str, start: float, says: float, looks: int = 60) -> None:
    for number in range(looks):
        tally.add(light, start + 30 * number, says, 30)


@given(st.floats(0, 5), st.integers(0, 300))
def test_a_light_says_no_more_than_it_shows_however_many_looks_it_has(says: float, looks: int) -> None:
    tally = Tally()
    said(tally, "noon", 0.0, says, looks)
    assert tally.value <= says


def test_another_light_and_another_day_say_it_again() -> None:
    tally = Tally()
    for light, start in (("noon", 0.0), ("dusk", 10.0), ("noon", HOUR), ("noon", 24 * HOUR)):
        said(tally, light, start, 2.5)
    assert tally.value == pytest.approx(3 * 2.5, rel=0.01)


def test_what_comes_and_goes_is_its_average() -> None:
    tally = Tally()
    for number in range(200):
        tally.add("noon", 30.0 * number, 14.0 if number % 2 else -4.0, 30)
    assert tally.value == pytest.approx(5, abs=1.5)


@given(SAID)
def test_it_is_bounded_and_so_is_what_it_remembers(looks: list[tuple[str, float, float]]) -> None:
    tally, now = Tally(), 0.0
    for light, passed, says in looks:
        now += passed
        tally.add(light, now, says, passed)
        assert -4 <= tally.value <= 16
        assert len(tally.slots) <= 2


def test_a_light_says_so_much_against_it_and_no_more() -> None:
    tally = Tally()
    said(tally, "noon", 0.0, 5.0)
    said(tally, "dusk", 10.0, -16.0)
    assert tally.value == pytest.approx(1.0, abs=0.1)


def test_one_look_after_a_long_gap_is_one_look() -> None:
    tally = Tally()
    tally.add("noon", 0.0, 10.0, 36000)
    assert tally.value == pytest.approx(2)


def test_what_is_certain_is_undone_by_four_lights_to_the_contrary() -> None:
    tally = Tally()
    for day in range(30):
        said(tally, "noon", day * 24 * HOUR, 14.0)
    for light in ("a", "b", "c", "d"):
        said(tally, light, 30 * 24 * HOUR, -4.0)
    assert tally.value <= 0.2


def test_a_clock_that_is_set_back_begins_anew_and_forgets_nothing() -> None:
    tally = Tally()
    said(tally, "noon", 24 * HOUR, 2.5)
    before = tally.value
    tally.add("noon", 0.0, 2.5, 0.0)
    assert tally.value == before
