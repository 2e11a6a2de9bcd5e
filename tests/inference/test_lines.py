from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inference.lines import LineSpec, crossings, distance
from streams.problem import Text

ACROSS = np.array([[0.0, 50.0], [100.0, 50.0]])  # from left to right: in is downwards
BENT = np.array([[10.0, 10.0], [50.0, 50.0], [90.0, 10.0]])  # a V


def net(line: np.ndarray, *way: tuple[float, float]) -> int:
    feet = [np.array(point, np.float64) for point in way]
    return sum(crossings(line, start, end) for start, end in pairwise(feet))


def test_downwards_over_a_line_drawn_to_the_right_is_in() -> None:
    assert net(ACROSS, (30, 40), (30, 60)) == 1
    assert net(ACROSS, (30, 60), (30, 40)) == -1
    assert net(ACROSS[::-1], (30, 40), (30, 60)) == -1


def test_round_its_end_is_not_over_it() -> None:
    short = np.array([[40.0, 50.0], [60.0, 50.0]])
    assert net(short, (30, 40), (30, 60)) == 0
    assert net(short, (50, 40), (50, 60)) == 1


def test_through_a_corner_counts_once() -> None:
    assert net(BENT, (50, 40), (50, 60)) == 1
    assert net(BENT, (50, 40), (50, 50), (50, 60)) == 1


def test_into_a_bend_and_out_again_on_the_other_side_is_not_across() -> None:
    assert net(BENT, (5, 30), (95, 30)) == 0


def test_far_is_counted_from_the_nearest_part_of_the_line() -> None:
    assert distance(BENT, np.array([50.0, 60.0])) == pytest.approx(10)
    assert distance(ACROSS, np.array([110.0, 50.0])) == pytest.approx(10)


points = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(
    lambda point: (float(point[0]), float(point[1]))
)


@given(line=st.lists(points, min_size=2, max_size=6), way=st.lists(points, min_size=2, max_size=12))
def test_there_and_back_the_same_way_is_nothing(
    line: list[tuple[float, float]], way: list[tuple[float, float]]
) -> None:
    """On a coarse grid, where ways run through corners and along the line all the time."""
    assert net(np.array(line), *way, *way[-2::-1]) == 0


@given(
    line=st.lists(points, min_size=2, max_size=6),
    start=points,
    end=points,
    cuts=st.lists(st.integers(1, 7), max_size=4),
)
def test_a_way_cut_into_pieces_is_the_same_way(
    line: list[tuple[float, float]],
    start: tuple[float, float],
    end: tuple[float, float],
    cuts: list[int],
) -> None:
    """Eighths of whole numbers are exact, so every piece lies on the way to the last bit."""
    a, b = np.array(start), np.array(end)
    pieces = [tuple(a + (b - a) * cut / 8) for cut in sorted({0, *cuts, 8})]
    assert net(np.array(line), *pieces) == net(np.array(line), start, end)


@given(ring=st.lists(points, min_size=3, max_size=8), line=st.lists(points, min_size=2, max_size=2))
def test_a_way_that_comes_home_crosses_an_endless_line_as_often_in_as_out(
    ring: list[tuple[float, float]], line: list[tuple[float, float]]
) -> None:
    a, b = (np.array(point) for point in line)
    if (a != b).any():
        assert net(np.array([a - 100 * (b - a), b + 100 * (b - a)]), *ring, ring[0]) == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([[0.1, 0.5]], "2 or more points"),
        ([[0.1, 0.5], [0.9, 0.5, 0.5]], "point 2 needs two numbers"),
        ([[0.1, 0.5], [900, 500]], "point 2 needs two numbers"),
        ([[0.1, 0.5], ["a", 0.5]], "point 2 needs two numbers"),
        ([[0.1, 0.5], [0.1, 0.5]], "point 2 is the same"),
        (5, "2 or more points"),
    ],
)
def test_what_is_no_line_is_said_in_both_languages(line: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        LineSpec.model_validate({"line": line})
    (error,) = caught.value.errors()
    (said,) = error["ctx"]["error"].args
    assert isinstance(said, Text)
    assert words in said.en
    assert said.zh != said.en


def test_a_line_is_named_or_drawn() -> None:
    assert LineSpec.model_validate({"line": "bank"}).line == "bank"
    assert LineSpec.model_validate({"line": [[0, 0.5], [1, 0.5]]}).line == ((0, 0.5), (1, 0.5))


def test_a_line_ends_where_it_is_drawn_to_a_hundredth_of_a_pixel() -> None:
    level = np.array([[40.0, 50.0], [60.0, 50.0]])
    upright = level[:, ::-1]
    for off, crossed in ((-0.01, 0), (0.01, 1), (19.99, 1), (20.01, 0)):
        assert net(level, (40 + off, 40), (40 + off, 60)) == crossed
        assert net(upright, (60, 40 + off), (40, 40 + off)) == crossed


@pytest.mark.parametrize("wrong", [[-0.01, 0.5], [1.01, 0.5], [0.5, -0.01], [0.5, 1.01]])
def test_a_point_just_beside_the_picture_is_none_of_it(wrong: list[float]) -> None:
    with pytest.raises(ValidationError, match="point 2 needs two numbers"):
        LineSpec.model_validate({"line": [[0.5, 0.5], wrong]})


def test_points_a_millionth_apart_have_no_direction_and_a_thousandth_apart_have() -> None:
    with pytest.raises(ValidationError, match="point 2 is the same"):
        LineSpec.model_validate({"line": [[0.5, 0.5], [0.5 + 5e-7, 0.5]]})
    assert LineSpec.model_validate({"line": [[0.5, 0.5], [0.501, 0.5]]}).line


def test_a_foot_is_over_the_line_a_hundredth_of_a_pixel_beyond_it() -> None:
    assert net(ACROSS, (30, 40), (30, 49.995)) == 0
    assert net(ACROSS, (30, 40), (30, 50.005)) == 1


@given(line=st.lists(points, min_size=2, max_size=5), point=points)
def test_no_part_of_the_line_is_nearer_than_its_distance_and_one_is_as_near(
    line: list[tuple[float, float]], point: tuple[float, float]
) -> None:
    """Also where two of its points are one, and where a piece of it is shorter than a pixel."""
    shares = np.linspace(0, 1, 1001)[:, None]
    for corners in (np.array(line), np.array(line) / 32):
        parts = np.concatenate([a + (b - a) * shares for a, b in pairwise(corners)])
        nearest = np.linalg.norm(parts - point, axis=1).min()
        assert distance(corners, np.array(point)) == pytest.approx(nearest, abs=0.02)
        assert distance(corners, np.array(point)) <= nearest + 1e-9
