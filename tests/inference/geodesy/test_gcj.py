"""Shifted degrees, against published values and their own inverse."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from inference.geodesy import gcj

# Inside the box that is shifted, by more than the largest shift (0.02 degrees).
PLACES = st.lists(st.tuples(st.floats(72.1, 137.7), st.floats(0.9, 55.7)), min_size=1, max_size=8)
TENTH = 0.1 / 111_320  # of a metre, in degrees of latitude


def test_values_that_others_publish() -> None:
    """The examples of coordtransform (https://github.com/wandergis/coordtransform)."""
    place = np.array([[116.404, 39.915]])
    assert np.allclose(gcj.to_gcj(place), [[116.41024449916938, 39.91640428150164]], atol=1e-9)
    to_bd = gcj.to_bd(gcj.from_gcj(place))
    assert np.allclose(to_bd, [[116.41036949371029, 39.92133699351021]], atol=1e-9)
    from_bd = gcj.to_gcj(gcj.from_bd(place))
    # Its closed form of the inverse is an approximation; ours is nearer.
    assert np.allclose(from_bd, [[116.39762729119315, 39.90865673957631]], atol=1e-6)


@given(PLACES)
def test_there_and_back_is_a_tenth_of_a_metre_at_most(places: list[tuple[float, float]]) -> None:
    points = np.array(places)
    assert np.abs(gcj.from_gcj(gcj.to_gcj(points)) - points).max() < TENTH
    assert np.abs(gcj.from_bd(gcj.to_bd(points)) - points).max() < TENTH


def test_undeclared_it_would_cost_hundreds_of_metres() -> None:
    """Beijing, Shanghai, Chengdu, Dongguan."""
    points = np.array([[116.4, 39.9], [121.5, 31.2], [104.1, 30.7], [113.75, 23.05]])
    for lon, lat, moved in zip(*points.T, gcj.to_gcj(points), strict=True):
        _, _, metres = Geod(ellps="WGS84").inv(lon, lat, *moved)
        assert 200 < metres < 1000


def test_abroad_nothing_is_shifted() -> None:
    abroad = np.array([[2.35, 48.85], [151.2, -33.9]])
    assert (gcj.to_gcj(abroad) == abroad).all()
    assert (gcj.from_gcj(abroad) == abroad).all()
