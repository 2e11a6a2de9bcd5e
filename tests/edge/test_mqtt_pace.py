"""How far to run ahead of a centre that acknowledges by itself."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt_pace import Pace


def pace(now: list[float], **more: float) -> Pace:
    return Pace(window=5, chance=Random(1), clock=lambda: now[0], **more)


def test_only_so_many_are_on_their_way_without_its_word() -> None:
    here = pace([0.0])
    for seq in range(5):
        assert here.room > 0
        here.sent(seq)
    assert here.room == 0
    here.heard([0, 3, 99])
    assert here.room == 2


def test_one_that_says_nothing_for_a_minute_holds_nothing_up_until_it_speaks() -> None:
    now = [0.0]
    here = pace(now)
    for seq in range(5):
        here.sent(seq)
    now[0] = 59.0
    assert (here.silent, here.room) == (False, 0)
    now[0] = 61.0
    assert (here.silent, here.room) == (True, 5)
    for seq in range(100):
        here.sent(seq)
    assert here.room == 5
    here.heard([1])
    assert (here.silent, here.room) == (False, 5)


def test_a_row_that_it_passes_over_has_its_place_until_it_is_due_again() -> None:
    now = [0.0]
    here = pace(now, patience=1e6)
    for seq in range(5):
        here.sent(seq)
        now[0] += 1.0
    here.heard([4])
    assert here.room == 1
    now[0] = 60.0  # 0 was sent a minute ago
    assert here.room == 2
    here.sent(1)
    now[0] = 62.5
    assert here.room == 3  # 1 was sent again
    assert here.newest == 4


def test_what_is_sent_again_leaves_half_of_the_window_to_what_is_new() -> None:
    here = pace([0.0])
    sent = 0
    while here.again():
        here.sent(sent)
        sent += 1
    assert (sent, here.room) == (3, 2)


def test_silence_where_nothing_is_awaited_is_none() -> None:
    now = [0.0]
    here = pace(now)
    here.sent(1)
    here.heard([1])
    now[0] = 1e6
    assert not here.silent
    here.sent(2)
    assert not here.silent


def test_a_silent_one_is_asked_again_with_a_few_rows_a_minute() -> None:
    now = [0.0]
    here = pace(now)
    here.sent(1)
    now[0] = 100.0
    assert here.silent
    sent = 0
    for second in range(100, 280):
        now[0] = float(second)
        while here.again():
            here.resent()
            sent += 1
    assert sent == 60


def test_an_hour_without_a_word_is_a_problem_also_over_a_lost_connection() -> None:
    now = [0.0]
    here = pace(now)
    here.sent(1)
    now[0] = 100.0
    assert here.silent
    here.parted()
    now[0] = 3601.0
    assert here.deaf
    here.heard([])
    assert not here.deaf


@given(st.integers(1, 1_000))
def test_it_waits_longer_each_time_up_to_an_hour(sends: int) -> None:
    wait = pace([0.0]).wait(sends)
    doubled = min(3600.0, 60.0 * 2.0 ** (sends - 1))
    assert 0.8 * doubled <= wait <= doubled
