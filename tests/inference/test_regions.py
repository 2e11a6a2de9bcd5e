"""Regions of interest: inside the picture, around what was asked for, large enough, never more than allowed."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.regions import Manner, Wanted, closer, tiles
from inference.views import Cut, View

boxes = st.lists(
    st.tuples(st.floats(-50, 2000), st.floats(-50, 1100), st.floats(1, 900), st.floats(1, 900)).map(
        lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
    ),
    max_size=12,
)
sizes = st.sampled_from([(640, 360), (1920, 1080), (321, 241), (96, 64)])
USUAL = Manner(shown=128.0, room=1.2)

limits = st.sampled_from([(416, 416), (640, 384), (320, 320)])


def wanted(*given: tuple[float, float, float, float], extent: float | None = None) -> Wanted:
    found = np.array(given, np.float32).reshape(-1, 4)
    longer = (found[:, 2:] - found[:, :2]).max(axis=1, initial=0)
    return Wanted(found, longer if extent is None else np.full(len(found), extent, np.float32))


@given(boxes, sizes, limits, st.integers(1, 5), st.floats(4, 400))
def test_cuts_are_few_even_inside_and_no_larger_than_the_input(
    places: list[tuple[float, float, float, float]],
    size: tuple[int, int],
    limit: tuple[int, int],
    most: int,
    extent: float,
) -> None:
    cuts = closer(wanted(*places, extent=extent), size, limit, most, (), USUAL)
    assert len(cuts) <= most
    for cut in cuts:
        view = cut.view
        assert all(number % 2 == 0 for number in (view.left, view.top, view.width, view.height))
        assert view.left >= 0 <= view.top
        assert view.left + view.width <= size[0]
        assert view.top + view.height <= size[1]
        assert 1 <= cut.width <= limit[0]
        assert 1 <= cut.height <= limit[1]


@given(st.floats(0, 500), st.floats(0, 250), st.floats(4, 100), st.floats(4, 100))
def test_the_first_box_is_seen_whole(left: float, top: float, width: float, height: float) -> None:
    (cut,) = closer(wanted((left, top, left + width, top + height)), (640, 360), (416, 416), 3, (), USUAL)
    view = cut.view
    assert view.left <= left + 1
    assert view.top <= top + 1
    assert view.left + view.width >= min(left + width, 640) - 1
    assert view.top + view.height >= min(top + height, 360) - 1


def test_a_small_lorry_is_enlarged_and_a_large_one_is_not() -> None:
    far, near = (
        closer(wanted((300, 100, 300 + side, 100 + side / 2)), (1280, 720), (416, 416), 3, (), USUAL)[0]
        for side in (15, 300)
    )
    assert 3 <= far.zoom <= 4
    assert near.zoom < 0.6
    assert max(near.width, near.height) < 416, "no more of the input than it takes to recognise it"


def test_neighbours_share_a_view() -> None:
    near = wanted((300, 150, 340, 180), (310, 155, 335, 178))
    assert len(closer(near, (640, 360), (416, 416), 3, (), USUAL)) == 1
    far = wanted((10, 10, 40, 40), (600, 320, 630, 350))
    assert len(closer(far, (640, 360), (416, 416), 3, (), USUAL)) == 2


def test_a_small_thing_in_a_large_view_gets_its_own_and_a_large_one_in_the_whole_picture_none() -> None:
    both = wanted((100, 100, 400, 300), (240, 190, 260, 205))
    assert len(closer(both, (640, 360), (416, 416), 3, (), USUAL)) == 2
    whole = Cut.filling(View.whole((640, 360)), (416, 416), "letterbox")
    (small,) = closer(both, (640, 360), (416, 416), 3, [whole], USUAL)
    assert small.zoom > 2


def test_what_is_no_number_is_ignored() -> None:
    for odd in (
        wanted((np.nan, 0, 10, 10)),
        wanted((0, 0, 10, 10), extent=np.nan),
        wanted((0, 0, 10, 10), extent=0),
    ):
        assert closer(odd, (640, 360), (416, 416), 3, (), USUAL) == ()


@given(st.integers(640, 4000), st.integers(360, 3000), limits)
def test_tiles_cover_the_picture_and_share_their_seams(
    width: int, height: int, limit: tuple[int, int]
) -> None:
    views = tiles((width, height), limit)
    if max(width / limit[0], height / limit[1]) <= 2:
        assert views == ()
        return
    seen = np.zeros((height, width), np.uint8)
    for view in views:
        assert view.left + view.width <= width
        assert view.top + view.height <= height
        seen[view.top : view.top + view.height, view.left : view.left + view.width] = 1
    assert seen[: height - height % 2, : width - width % 2].all()
    lefts = sorted({view.left for view in views})
    assert all(b - a <= views[0].width * 0.86 for a, b in pairwise(lefts))


def test_a_1080p_picture_is_gone_through_in_few_tiles() -> None:
    assert tiles((640, 360), (416, 416)) == ()
    assert len(tiles((1920, 1080), (640, 384))) == 9
    assert tiles((1280, 720), (640, 384)) == ()
