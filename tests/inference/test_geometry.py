from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inference.geometry import Anchor, anchor_points, area, inside, overlap, polygon_trouble

Point = tuple[float, float]
SQUARE = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]])

# On a coarse grid points fall on corners and sides all the time, and every product is exact.
grid = st.tuples(*[st.integers(0, 8).map(lambda n: n / 8)] * 2)
polygons = st.lists(grid, min_size=3, max_size=7)


def turn(a: Point, b: Point, c: Point) -> Fraction:
    (ax, ay), (bx, by), (cx, cy) = (tuple(map(Fraction, p)) for p in (a, b, c))
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


def between(a: Point, b: Point, p: Point) -> bool:
    """p on the segment a-b, exactly."""
    return (
        turn(a, b, p) == 0
        and min(a[0], b[0]) <= p[0] <= max(a[0], b[0])
        and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    )


def sides(polygon: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(polygon, polygon[1:] + polygon[:1], strict=True))


def contains(polygon: list[Point], p: Point) -> bool:
    if any(between(a, b, p) for a, b in sides(polygon)):
        return True
    crossings = 0
    for a, b in sides(polygon):
        low, high = sorted((a, b), key=lambda end: end[1])
        crossings += low[1] <= p[1] < high[1] and turn(low, high, p) > 0
    return crossings % 2 == 1


def meet(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = first, second
    if any((between(a, b, c), between(a, b, d), between(c, d, a), between(c, d, b))):
        return True
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def is_simple(polygon: list[Point]) -> bool:
    edges, count = sides(polygon), len(polygon)
    for i, j in combinations(range(count), 2):
        if j - i in (1, count - 1):
            first, second = (edges[i], edges[j]) if j - i == 1 else (edges[j], edges[i])
            if between(*first, second[1]) or between(*second, first[0]):
                return False
        elif meet(edges[i], edges[j]):
            return False
    return True


@settings(max_examples=300, deadline=None)
@given(polygons, st.lists(grid, min_size=1, max_size=20))
def test_inside_agrees_with_exact_arithmetic(polygon: list[Point], points: list[Point]) -> None:
    expected = [contains(polygon, point) for point in points]
    assert inside(np.array(points), np.array(polygon)).tolist() == expected


def test_the_boundary_is_inside() -> None:
    corners_and_middles = np.concatenate((SQUARE, (SQUARE + np.roll(SQUARE, 1, axis=0)) / 2))
    assert inside(corners_and_middles, SQUARE).all()
    triangle = np.array([[0.1, 0.1], [0.7, 0.3], [0.3, 0.9]])
    third = (triangle * 2 + np.roll(triangle, 1, axis=0)) / 3
    assert inside(third, triangle).all()


def test_just_outside_is_outside() -> None:
    assert not inside(np.array([[0.2 - 1e-6, 0.5], [0.5, 0.8 + 1e-6], [0.0, 0.2], [1.0, 0.8]]), SQUARE).any()


def test_no_points_no_answers() -> None:
    assert inside(np.zeros((0, 2)), SQUARE).shape == (0,)


@pytest.mark.parametrize(
    ("anchor", "point"),
    [
        (Anchor.BOTTOM_CENTER, (20, 60)),
        (Anchor.CENTER, (20, 40)),
        (Anchor.TOP_CENTER, (20, 20)),
        (Anchor.BOTTOM_LEFT, (10, 60)),
        (Anchor.BOTTOM_RIGHT, (30, 60)),
    ],
)
def test_anchors(anchor: Anchor, point: Point) -> None:
    found = anchor_points(np.array([[10, 20, 30, 60]], np.float32), anchor)
    assert found.dtype == np.float64
    assert found.tolist() == [list(point)]


def test_overlap_is_intersection_over_union() -> None:
    one = np.array([[0.0, 0, 10, 10]])
    others = np.array([[0.0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [30, 30, 40, 40]])
    assert overlap(one, others)[0].tolist() == pytest.approx([1, 1 / 3, 0, 0])


def test_a_buffer_lets_boxes_meet_that_do_not_touch() -> None:
    one, other = np.array([[0.0, 0, 10, 10]]), np.array([[15.0, 0, 25, 10]])
    assert overlap(one, other)[0, 0] == 0
    assert overlap(one, other, np.array([5.0]))[0, 0] == pytest.approx(5 * 20 / (2 * 400 - 100))


@pytest.mark.parametrize(
    ("points", "code", "words"),
    [
        ([[0.1, 0.1], [0.9, 0.9]], "few", "needs at least 3 points, has 2"),
        ([], "few", "has 0"),
        ([[0.1, 0.1], [0.9], [0.5, 0.5]], "shape", "point 2 needs x and y, has 1"),
        ([[0.1, 0.1], [0.9, float("nan")], [0.5, 0.5]], "number", "point 2"),
        ([[0.1, 0.1], [0.9, 0.1], [640, 360]], "range", "point 3 (640, 360)"),
        ([[0.1, 0.1], [0.9, 0.1], [0.5, -0.01]], "range", "point 3"),
        ([[0.1, 0.1], [0.9, 0.1], [0.5, 1.01]], "range", "point 3"),
        ([[0.1, 0.1], [-0.01, 0.1], [0.5, 0.5]], "range", "point 2"),
        ([[1.01, 0.1], [0.9, 0.1], [0.5, 0.5]], "range", "point 1"),
        ([[0.1, 0.1], [0.9, 0.1], [0.5, 0.5], [0.1, 0.1]], "repeated", "point 4 is the same as point 1"),
        ([[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]], "crossing", "side after point 1"),
        ([[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]], "crossing", "crosses itself"),
        (
            [[0.1, 0.1], [0.9, 0.1], [0.5, 0.1], [0.5, 0.5]],
            "crossing",
            "the side after point 1 and the side after point 2 meet",
        ),
        (
            [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.5, 0.1], [0.1, 0.9]],
            "crossing",
            "the side after point 1 and the side after point 3 meet",
        ),
        ([[0.1, 0.1], [0.1001, 0.1], [0.1, 0.1001]], "area", "no area"),
    ],
)
def test_what_is_wrong_with_a_polygon(points: list[list[float]], code: str, words: str) -> None:
    trouble = polygon_trouble(points)
    assert trouble is not None
    assert trouble.code == code
    assert words in trouble.text.en
    assert trouble.text.zh


# A merlon on either side: two of its sides lie on one line, apart from each other.
BATTLEMENT = [[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.6, 0.3], [0.6, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]


@pytest.mark.parametrize("points", [SQUARE, SQUARE[::-1], [[0, 0], [1, 0], [1, 1], [0, 1]], BATTLEMENT])
def test_a_good_polygon_has_no_trouble(points: list[list[float]]) -> None:
    assert polygon_trouble(points) is None


@settings(max_examples=500, deadline=None)
@given(polygons)
def test_crossings_agree_with_exact_arithmetic(polygon: list[Point]) -> None:
    assume(len(set(polygon)) == len(polygon))
    trouble = polygon_trouble(polygon)
    assert (trouble is None) == is_simple(polygon)


@given(st.integers(3, 40), st.floats(0.01, 0.4))
def test_area_of_a_regular_polygon(count: int, radius: float) -> None:
    angle = np.arange(count) * 2 * np.pi / count
    points = 0.5 + radius * np.stack((np.cos(angle), np.sin(angle)), axis=1)
    assert area(points) == pytest.approx(count / 2 * radius**2 * np.sin(2 * np.pi / count))


def test_the_boundary_is_a_billionth_of_the_picture_wide() -> None:
    away = np.array([5e-10, 5e-9])
    points = np.stack((0.2 - away, np.full(2, 0.5)), axis=1)
    assert inside(points, SQUARE).tolist() == [True, False]


boxes = st.builds(
    lambda x, y, width, height: (x, y, x + width, y + height),
    *(st.integers(-20, 20), st.integers(-20, 20), st.integers(1, 20), st.integers(1, 20)),
)


def share(first: tuple[int, ...], second: tuple[int, ...], buffer: int) -> Fraction:
    """Intersection over union, cell by cell."""
    (x1, y1, x2, y2), (u1, v1, u2, v2) = (
        (box[0] - buffer, box[1] - buffer, box[2] + buffer, box[3] + buffer) for box in (first, second)
    )
    ours = {(x, y) for x in range(x1, x2) for y in range(y1, y2)}
    theirs = {(x, y) for x in range(u1, u2) for y in range(v1, v2)}
    return Fraction(len(ours & theirs), len(ours | theirs))


@settings(max_examples=50, deadline=None)
@given(st.lists(boxes, min_size=1, max_size=3), st.lists(boxes, min_size=1, max_size=3), st.integers(0, 5))
def test_overlap_agrees_with_counting_cells(
    first: list[tuple[int, ...]], second: list[tuple[int, ...]], buffer: int
) -> None:
    found = overlap(np.array(first, float), np.array(second, float), np.full(len(first), float(buffer)))
    expected = [[float(share(one, other, buffer)) for other in second] for one in first]
    assert found.tolist() == [pytest.approx(row) for row in expected]


def test_area_is_as_exact_far_from_the_origin() -> None:
    """Metres of a map projection have seven digits before the point."""
    assert area(SQUARE + np.array([513_000.0, 3_845_000.0])) == pytest.approx(0.36, rel=1e-6)
