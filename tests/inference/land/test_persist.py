import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.land.persist import ON, Ground, Persistence, encoded, settled

CHANGES = arrays.arrays(np.float32, (6, 7), elements=st.one_of(st.floats(0, 1, width=32), st.just(np.nan)))


def nothing(shape: tuple[int, int] = (6, 7)) -> Persistence:
    return Persistence(np.zeros(shape, np.uint8))


@given(CHANGES)
def test_what_is_not_known_is_told_apart_and_the_rest_keeps_its_value(change: np.ndarray) -> None:
    told = encoded(change)
    unknown = np.isnan(change)
    assert np.array_equal(told == 0, unknown)
    assert np.abs((told[~unknown].astype(float) - 1) / 254 - change[~unknown]).max(initial=0) < 0.0021


@pytest.mark.parametrize("every", [10, 30, 60])
def test_what_surely_changed_is_held_after_some_minutes_however_often_it_is_looked_at(every: float) -> None:
    kept = nothing()
    looks = 0
    while (kept.level < ON).all():
        kept.take(encoded(np.full((6, 7), 0.95, np.float32)), every, 1.0)
        looks += 1
    assert 110 <= looks * every <= 180


def test_time_lapse_needs_several_looks() -> None:
    kept = nothing()
    kept.take(encoded(np.ones((6, 7), np.float32)), 7200, 1.0)
    assert (kept.level < ON).all()


@given(st.lists(CHANGES, max_size=8))
def test_an_unknown_pixel_stays_as_it_was(looks: list[np.ndarray]) -> None:
    kept = nothing()
    for look in looks:
        before = kept.level.copy()
        kept.take(encoded(look), 30, 1.0)
        assert np.array_equal(kept.level[np.isnan(look)], before[np.isnan(look)])
        assert (kept.level[look > 0.52] >= before[look > 0.52]).all()
        assert (kept.level[look < 0.48] <= before[look < 0.48]).all()


def test_only_the_contrary_takes_it_away_not_time() -> None:
    kept = nothing()
    for _ in range(10):
        kept.take(encoded(np.full((6, 7), 0.9, np.float32)), 30, 1.0)
    held = kept.level.copy()
    kept.take(encoded(np.full((6, 7), np.nan, np.float32)), 1e6, 1.0)
    assert np.array_equal(kept.level, held)
    for _ in range(12):
        kept.take(encoded(np.full((6, 7), 0.1, np.float32)), 30, 1.0)
    assert not kept.level.any()


def test_a_look_in_which_much_changed_at_once_is_not_trusted() -> None:
    calm = np.zeros((54, 96), np.uint8)
    told = encoded(np.full((54, 96), 0.1, np.float32))
    assert settled(told, calm) == 1
    told[:30] = 250
    assert settled(told, calm) == 0
    known = calm.copy()
    known[:30] = 255
    assert settled(told, known) == 1  # what changed is known, the rest is quiet
    hidden = np.zeros((54, 96), np.uint8)
    hidden[20:24, 30:50] = 250
    assert settled(hidden, calm) == 1  # a dig, and fog on all the rest


def test_in_the_dark_nothing_is_learnt_of_colour() -> None:
    ground = Ground(np.full((6, 7), 0.3, np.float32))
    dark, same = np.full((6, 7), np.nan, np.float32), encoded(np.zeros((6, 7), np.float32))
    ground.take(dark, same, 30)
    assert (ground.fresh == np.float32(0.3)).all()


def test_where_soil_came_up_for_some_minutes_it_is_bare_with_a_rim() -> None:
    ground = Ground.over((30, 40))
    change, soil = np.full((30, 40), 0.1, np.float32), np.zeros((30, 40), np.float32)
    change[10:20, 10:30], soil[12:18, 14:26] = 0.9, 0.8
    for _ in range(10):
        ground.take(soil, encoded(change), 30)
    assert ground.bare[10:20, 10:30].all()
    assert not ground.bare[:8].any()
    for _ in range(40):
        ground.take(np.zeros_like(soil), encoded(change), 30)
    assert not ground.bare.any()
