from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.retry import Crowd, Ladder

SEEDS = st.integers(0, 2**32)


class Highest(Random):
    """Always at the ceiling."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_ceilings_double_up_to_the_cap() -> None:
    ladder = Ladder(Highest())
    assert [ladder.wait(lived=0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


@given(SEEDS, st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=60))
def test_every_wait_is_within_its_bounds(seed: int, failures: list[tuple[float, bool]]) -> None:
    ladder = Ladder(Random(seed))
    for lived, fatal in failures:
        wait = ladder.wait(lived=lived, fatal=fatal)
        assert 90 <= wait <= 180 if fatal else 0 <= wait <= 30
        if lived >= 10 and not fatal:
            assert wait <= 1


def test_only_a_stream_that_lived_starts_from_the_bottom() -> None:
    ladder = Ladder(Highest())
    for _ in range(8):
        ladder.wait(lived=9.9)
    assert ladder.wait(lived=9.9) == 30
    assert ladder.wait(lived=10) == 1


def test_two_cameras_do_not_come_back_together() -> None:
    waits = {Ladder(Random(seed)).wait(lived=0) for seed in range(40)}
    assert len(waits) == 40


def returns(cameras: int, seed: int) -> list[float]:
    """When each of so many cameras, all lost within the same second, is tried for the first time, s."""
    crowd, rng = Crowd(), Random(seed)
    lost = sorted(rng.uniform(0, 1) for _ in range(cameras))
    ladders = [Ladder(Random(seed * 1000 + number)) for number in range(cameras)]
    return [
        moment + ladder.wait(lived=100.0, crowd=crowd.lost(moment))
        for moment, ladder in zip(lost, ladders, strict=True)
    ]


def busiest(moments: list[float]) -> int:
    """The most tries in any one second."""
    return max(sum(moment <= other < moment + 1 for other in moments) for moment in moments)


@pytest.mark.parametrize("seed", range(20))
def test_24_cameras_lost_together_do_not_come_back_as_a_storm(seed: int) -> None:
    alone = [Ladder(Random(seed * 1000 + number)).wait(lived=100.0) for number in range(24)]
    assert busiest(alone) == 24, "which is what a ladder without a crowd does"
    tries = returns(24, seed)
    assert busiest(tries) <= 14
    assert max(tries) <= 7 + 1


def test_a_camera_lost_by_itself_is_tried_within_a_second() -> None:
    crowd = Crowd()
    crowd.lost(0.0)
    assert Ladder(Random(1)).wait(lived=100.0, crowd=crowd.lost(60.0)) <= 1
