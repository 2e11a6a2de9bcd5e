"""The clock that rules count by, and their sleep."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.rule import Scene
from inference.rules.zone import Spec, build
from inference.steady import SteadyClock

moments = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=20)


@given(moments)
def test_it_goes_on_as_the_frame_clock_does_and_stands_still_where_that_is_set_back(
    seen: list[float],
) -> None:
    clock = SteadyClock()
    steady = [clock.at(now) for now in seen]
    assert steady[0] == seen[0]
    for (before, now), (earlier, later) in zip(pairwise(seen), pairwise(steady), strict=True):
        assert later - earlier == max(now - before, 0)


@given(moments, st.integers(0, 100).map(float))
def test_what_was_so_long_ago_is_told_as_so_long_before_now(seen: list[float], ago: float) -> None:
    clock = SteadyClock()
    now = [clock.at(moment) for moment in seen][-1]
    assert clock.back(now - ago) == seen[-1] - ago


def test_nothing_is_told_as_later_than_now_and_before_the_first_picture_everything_as_it_is() -> None:
    clock = SteadyClock()
    assert clock.back(7.0) == 7.0
    clock.at(10.0)
    assert clock.back(11.0) == 10.0


def test_a_schedule_by_the_sun_needs_to_know_where() -> None:
    scene = Scene(zones={"gate": np.eye(3, 2)}, classes=("truck",), time_zone="Asia/Shanghai")
    with pytest.raises(ValueError, match="position"):
        build(Spec.model_validate({"schedule": "sunset-sunrise"}), scene)
