from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.retry import Ladder

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
