"""Areas on the ellipsoid."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from inference.geodesy.frame import LocalFrame
from inference.geodesy.overlap import area, shared

FRAME = LocalFrame(39.9, 116.4)


def ground(corners: list[tuple[float, float]]) -> Polygon:
    """metres about the site."""
    return Polygon(FRAME.degrees(np.array(corners, np.float64)))


@st.composite
def blobs(draw: st.DrawFn) -> Polygon:
    """Star-shaped, 3 to 12 corners, up to 200 m about a place within 300 m."""
    count = draw(st.integers(3, 12))
    radii = np.array(draw(st.lists(st.floats(5, 200), min_size=count, max_size=count)))
    x, y = draw(st.floats(-300, 300)), draw(st.floats(-300, 300))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    shape = Polygon(FRAME.degrees(np.column_stack([x + radii * np.cos(angles), y + radii * np.sin(angles)])))
    assume(shape.is_valid)
    return shape


def test_a_field_has_the_metres_it_was_measured_with() -> None:
    field = [(0.0, 0.0), (120.0, 0.0), (120.0, 80.0), (0.0, 80.0)]
    assert abs(area(ground(field)) - 9600.0) < 0.01
    assert abs(area(ground(field[::-1])) - 9600.0) < 0.01, "whichever way it was drawn"


def test_a_pond_is_not_of_the_field() -> None:
    field, pond = (
        ground([(0, 0), (120, 0), (120, 80), (0, 80)]),
        ground([(10, 10), (30, 10), (30, 20), (10, 20)]),
    )
    ring = Polygon(field.exterior, [pond.exterior])
    assert abs(area(ring) - 9400.0) < 0.01
    assert shared(ring, pond) < 0.01
    assert abs(shared(MultiPolygon([ring, pond]), field) - 9600.0) < 0.01


def test_neighbours_share_nothing() -> None:
    left, right = box(116.4, 39.9, 116.401, 39.901), box(116.401, 39.9, 116.402, 39.901)
    assert shared(left, right) == 0.0
    corners = [(1.0, 0), (2.0, 0), (2.0, 1.0), (0.5, 1.0), (0.5, 0.5), (1.0, 0.5)]
    touching = Polygon([(116.4 + x / 1000, 39.9 + y / 1000) for x, y in corners])
    assert 0 < shared(left, touching) < area(left), "along a line here and over ground there"


@given(blobs(), blobs())
def test_what_two_share_is_the_same_from_both_sides_and_of_both(one: Polygon, other: Polygon) -> None:
    common = shared(one, other)
    assert abs(common - shared(other, one)) < 1e-3
    assert 0 <= common <= min(area(one), area(other)) + 1e-3
    assert abs(shared(one, one) - area(one)) < 1e-3


@given(blobs())
def test_areas_are_those_of_the_local_frame(shape: Polygon) -> None:
    flat = Polygon(FRAME.metres(np.array(shape.exterior.coords))).area
    assert abs(area(shape) - flat) < 1e-4 * flat
