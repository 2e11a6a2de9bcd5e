import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cadence import Cadence

RATES = st.floats(0.1, 60)


def chosen(fps: float, times: list[float]) -> list[float]:
    cadence = Cadence(fps)
    return [time for time in times if cadence.due(time)]


@pytest.mark.parametrize("source", [5, 6, 7, 12.5, 15, 24, 25, 29.97, 30, 60])
def test_five_a_second_stay_five_a_second(source: float) -> None:
    """The grid does not drift, whatever the camera's rate."""
    times = [1_700_000_000 + number / source for number in range(int(600 * source))]
    assert len(chosen(5, times)) == pytest.approx(3000, abs=2)


@pytest.mark.parametrize("source", [1, 2, 4, 4.9])
def test_a_slower_camera_loses_nothing(source: float) -> None:
    times = [number / source for number in range(500)]
    assert len(chosen(5, times)) == pytest.approx(500, abs=1)


def test_jitter_does_not_cost_pictures() -> None:
    jitter = np.random.default_rng(1).uniform(-0.04, 0.04, 1000)
    times = sorted(number / 5 + wobble for number, wobble in enumerate(jitter))
    assert len(chosen(5, times)) >= 995


@given(RATES, st.lists(st.floats(0, 3), min_size=1, max_size=200))
def test_never_more_than_the_rate_over_any_span(fps: float, steps: list[float]) -> None:
    times = chosen(fps, list(itertools.accumulate(steps)))
    for first, last in itertools.combinations(range(len(times)), 2):
        assert last - first + 1 <= (times[last] - times[first]) * fps + 3


@given(RATES, st.floats(-1e9, 1e9), st.lists(st.floats(0, 0.5), max_size=50))
def test_a_clock_that_jumps_costs_one_picture_at_most(fps: float, jump: float, steps: list[float]) -> None:
    cadence = Cadence(fps)
    for time in itertools.accumulate(steps, initial=1e6):
        cadence.due(time)
    after = 1e6 + sum(steps) + jump
    assert any(cadence.due(after + number * 2.5 / fps) for number in range(2))


def test_an_infinite_rate_takes_every_picture() -> None:
    times = [0.0, 0.04, 0.04, 0.08, 0.05, 1e9]
    assert chosen(math.inf, times) == times


@pytest.mark.parametrize("fps", [0, -1, math.nan])
def test_a_rate_must_be_above_zero(fps: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Cadence(fps)
