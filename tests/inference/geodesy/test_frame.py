"""Metres about a site, against geodesics on the ellipsoid."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from inference.geodesy.frame import LocalFrame

EARTH = Geod(ellps="WGS84")
LATITUDES = st.floats(-70, 70)
LONGITUDES = st.floats(-179, 179)
NEAR = st.floats(-3000, 3000)


@given(LATITUDES, LONGITUDES, NEAR, NEAR, NEAR, NEAR)
def test_lengths_within_3_km_are_those_of_geodesics_to_a_centimetre(
    lat: float, lon: float, x1: float, y1: float, x2: float, y2: float
) -> None:
    frame = LocalFrame(lat, lon)
    (lon1, lat1), (lon2, lat2) = frame.degrees(np.array([[x1, y1], [x2, y2]]))
    _, _, metres = EARTH.inv(lon1, lat1, lon2, lat2)
    assert abs(np.hypot(x2 - x1, y2 - y1) - metres) < 0.01


@given(LATITUDES, LONGITUDES, st.floats(0, 360), st.floats(1, 3000))
def test_a_place_lies_where_a_walk_from_the_site_ends(
    lat: float, lon: float, azimuth: float, far: float
) -> None:
    end_lon, end_lat, _ = EARTH.fwd(lon, lat, azimuth, far)
    east, north = LocalFrame(lat, lon).metres(np.array([[end_lon, end_lat]]))[0]
    angle = np.radians(azimuth)
    assert np.hypot(east - far * np.sin(angle), north - far * np.cos(angle)) < 0.01


@given(LATITUDES, LONGITUDES, st.lists(st.tuples(NEAR, NEAR), min_size=1, max_size=8))
def test_there_and_back_is_the_same_place(lat: float, lon: float, places: list[tuple[float, float]]) -> None:
    frame = LocalFrame(lat, lon)
    metres = np.array(places)
    assert np.abs(frame.metres(frame.degrees(metres)) - metres).max() < 1e-4


def test_what_is_no_place_stays_none() -> None:
    frame = LocalFrame(39.9, 116.4)
    places = np.array([[np.nan, 1.0], [np.inf, 0.0], [0.0, 0.0]])
    for found in (frame.metres(places), frame.degrees(places)):
        assert np.isnan(found[:2]).all()
        assert np.isfinite(found[2]).all()
    assert frame.metres(np.zeros((0, 2))).shape == (0, 2)
