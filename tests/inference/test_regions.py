"""Regions of interest: inside the picture, around what was asked for, never more than allowed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.regions import regions

boxes = st.lists(
    st.tuples(st.floats(-50, 2000), st.floats(-50, 1100), st.floats(1, 900), st.floats(1, 900)).map(
        lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
    ),
    max_size=12,
)
sizes = st.sampled_from([(640, 360), (1920, 1080), (321, 241), (96, 64)])


@given(boxes, sizes, st.integers(1, 5))
def test_views_are_few_even_and_inside(
    wanted: list[tuple[float, float, float, float]], size: tuple[int, int], most: int
) -> None:
    views = regions(np.array(wanted, np.float32).reshape(-1, 4), size, most)
    assert len(views) <= most
    for view in views:
        assert all(number % 2 == 0 for number in (view.left, view.top, view.width, view.height))
        assert view.left >= 0 <= view.top
        assert view.left + view.width <= size[0]
        assert view.top + view.height <= size[1]


@given(st.floats(0, 500), st.floats(0, 250), st.floats(4, 100), st.floats(4, 100))
def test_the_first_box_is_seen_whole(left: float, top: float, width: float, height: float) -> None:
    box = np.array([[left, top, left + width, top + height]], np.float32)
    (view,) = regions(box, (640, 360), 3)
    assert view.left <= left + 1
    assert view.top <= top + 1
    assert view.left + view.width >= min(left + width, 640) - 1
    assert view.top + view.height >= min(top + height, 360) - 1


def test_neighbours_share_a_view() -> None:
    near = np.array([[300, 150, 340, 180], [310, 155, 335, 178]], np.float32)
    assert len(regions(near, (640, 360), 3)) == 1
    far = np.array([[10, 10, 40, 40], [600, 320, 630, 350]], np.float32)
    assert len(regions(far, (640, 360), 3)) == 2


def test_a_box_that_is_no_number_is_ignored() -> None:
    assert regions(np.array([[np.nan, 0, 10, 10]], np.float32), (640, 360), 3) == ()
