"""What stands before the ground hides it while it stands there; where machines worked is known when they have left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.land.vehicles import AT_WORK, Standing, Worked
from tests.support.lands import NOBODY, SHAPE, boxes

THERE = boxes((32, 16, 48, 32))
HOUR = 3600.0


def hidden(standing: Standing) -> NDArray[np.bool_]:
    told = np.full(SHAPE, 200, np.uint8)
    standing.hide(told)
    return np.asarray(told == 0)


def after(looks: list[bool], every: float = 30.0) -> Standing:
    """Looks in which a vehicle was found, and in which none was."""
    standing = Standing.over(SHAPE)
    for found in looks:
        standing.take(THERE if found else NOBODY, every)
    return standing


def test_a_vehicle_found_in_every_second_look_hides_its_place_and_nothing_else() -> None:
    for last in (True, False):
        mask = hidden(after([False, True] * 20 + [True] * last))
        assert mask[16:32, 32:48].all()
        assert not mask[:, 56:].any()  # nothing farther than a cell of 8 px
        assert not mask[40:].any()
    assert not hidden(after([False, True] * 20 + [False] * 8)).any()


@pytest.mark.parametrize("every", [10.0, 30.0, 60.0])
def test_one_that_was_always_found_and_is_no_more_has_left(every: float) -> None:
    stood = [True] * int(1800 / every)
    assert hidden(after([*stood, False], every)).any()  # once it may be missed
    assert not hidden(after([*stood, False, False], every)).any()


def test_one_that_drives_by_hides_nothing() -> None:
    assert not hidden(after([True, *[False] * 9] * 12)).any()


def test_boxes_beyond_the_picture_and_boxes_of_nothing_do_no_harm() -> None:
    odd = np.array([[-1, -1, 3, 3], [np.nan, 0, 1, 1], [2, 2, 3, 3], [-3, -3, -2, -2]], np.float32)
    standing, worked = Standing.over(SHAPE), Worked.over(SHAPE)
    for _ in range(20):
        standing.take(odd, 30)
        worked.take(odd, 30)
    assert hidden(standing).all()
    assert worked.beside((0, 0, 96, 54)) >= AT_WORK


def test_where_a_machine_worked_is_known_for_an_hour_and_no_day() -> None:
    worked = Worked.over(SHAPE)
    for _ in range(2000):
        worked.take(THERE, 30)
    assert worked.busy((50, 20, 54, 24))
    assert not worked.busy((70, 20, 80, 24))
    worked.take(NOBODY, 0.8 * HOUR)
    assert not worked.busy((36, 20, 40, 24))
    assert worked.beside((36, 20, 40, 24)) >= AT_WORK
    assert worked.beside((50, 20, 54, 24)) >= AT_WORK  # within reach of its arm
    assert worked.beside((70, 20, 80, 24)) == 0
    worked.take(NOBODY, 0.4 * HOUR)
    assert worked.beside((0, 0, 96, 54)) < AT_WORK


def test_ground_of_machines_far_apart_is_in_pieces() -> None:
    worked = Worked.over(SHAPE)
    for _ in range(10):
        worked.take(boxes((8, 8, 16, 16), (72, 32, 80, 40)), 30)
    pieces = worked.pieces()
    one, other = worked.piece(pieces, (0, 0, 16, 16)), worked.piece(pieces, (72, 32, 96, 54))
    assert {one, other} == {1, 2}
    assert worked.piece(pieces, (0, 0, 96, 20)) == one
    assert worked.piece(pieces, (40, 0, 48, 54)) == 0


def test_a_machine_that_drives_by_did_no_work() -> None:
    worked = Worked.over(SHAPE)
    for left in range(0, 80, 12):
        worked.take(boxes((left, 16, left + 16, 32)), 20)
    assert worked.beside((0, 0, 96, 54)) < AT_WORK


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1e5)), max_size=30))
def test_seconds_are_bounded_whatever_the_gaps(looks: list[tuple[bool, float]]) -> None:
    worked = Worked.over(SHAPE)
    for there, passed in looks:
        worked.take(THERE if there else NOBODY, passed)
        assert 0 <= worked.seconds.min() <= worked.seconds.max() <= 3 * AT_WORK
