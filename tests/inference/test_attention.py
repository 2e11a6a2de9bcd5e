"""How closely a camera is looked at: listen, look, track."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inference.attention import Attention, Level
from inference.tracker import TrackerSettings

PERIOD = 0.2  # s between analysed pictures


def look(
    attention: Attention, start: float, seconds: float, *, moving: bool = False, busy: bool = False
) -> float | None:
    """Looks for so long; when it may rest (s), None: it may not."""
    for number in range(round(seconds / PERIOD)):
        if attention.looked(start + number * PERIOD, moving=moving, busy=busy):
            return start + number * PERIOD
    return None


def resting(at: float = 100.0) -> Attention:
    """One that came to rest about then."""
    attention = Attention()
    assert look(attention, at - 10, 10) is not None
    return attention


def test_a_camera_that_comes_is_looked_at_before_it_rests() -> None:
    attention = Attention()
    rested = look(attention, 0, 20)
    assert rested is not None
    assert rested >= 5
    assert attention.level is Level.LISTEN


def test_it_rests_within_five_seconds_after_a_visit() -> None:
    attention = resting(100)
    assert attention.glimpsed(101, moved=True) is not None
    assert look(attention, 101, 30, moving=True) is None
    rested = look(attention, 131, 30)
    assert rested is not None
    assert rested <= 136
    assert attention.stirred


def test_a_wake_for_nothing_is_short_and_known_as_one() -> None:
    attention = resting(100)
    rested = look(attention, 110, 30)
    assert rested is not None
    assert rested <= 113
    assert not attention.stirred


def test_what_moves_in_the_last_moment_of_a_wake_is_followed() -> None:
    attention = resting(100)
    assert look(attention, 110, 2) is None
    assert not attention.looked(112.2, moving=True, busy=False)
    rested = look(attention, 112.4, 30)
    assert rested is not None
    assert rested >= 116


def test_while_a_rule_counts_it_tracks_and_does_not_rest() -> None:
    attention = resting(100)
    assert attention.glimpsed(101, moved=True) is not None
    assert look(attention, 101, 60, busy=True) is None
    assert attention.level is Level.TRACK


def test_motion_between_two_key_frames_is_seen_from_the_first_of_them() -> None:
    attention = resting(100)
    assert attention.glimpsed(110, moved=False) is None
    assert attention.glimpsed(120, moved=True) == 110
    assert attention.level is Level.LOOK


def test_pictures_seen_before_the_wake_are_not_seen_twice() -> None:
    attention = resting(100)
    attention.glimpsed(110, moved=False)
    assert attention.stale(109.8)
    assert not attention.stale(110.2)


def test_a_clock_that_was_set_back_blinds_nobody() -> None:
    attention = resting(100_000)
    assert not attention.stale(5)
    assert look(attention, 5, 20) is not None


def test_a_resting_camera_is_looked_at_as_a_whole_twice_a_minute() -> None:
    attention = resting(100)
    due = [time for time in range(100, 400, 2) if attention.due(time, holds=False)]
    assert 9 <= len(due) <= 11


def test_what_stands_there_is_looked_at_again_well_before_the_tracker_forgets_it() -> None:
    attention = resting(100)
    due = [time for time in range(100, 400, 2) if attention.due(time, holds=True)]
    between = [later - earlier for earlier, later in pairwise(due)]
    assert set(between) == {8}
    assert TrackerSettings(("truck",)).max_gap >= 3 * 8


@given(st.lists(st.tuples(st.floats(0.01, 5), st.booleans(), st.booleans()), max_size=60))
def test_it_rests_only_after_calm(course: list[tuple[float, bool, bool]]) -> None:
    attention, time, stirred = Attention(), 0.0, float("-inf")
    for step, moving, busy in course:
        time += step
        if moving or busy:
            stirred = time
        if attention.looked(time, moving=moving, busy=busy):
            assert time - stirred >= 4 - 1e-9  # sums of steps carry rounding
