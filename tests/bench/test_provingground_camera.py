"""The proving ground's camera: what a truth file says about it is what the picture shows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.provingground.camera import Camera, look

SIZE = (640, 360)
MAST = np.array([-14.0, -66.0, 17.0])
places = st.tuples(st.floats(-40, 60), st.floats(-20, 80), st.floats(-2, 8))


def mast() -> Camera:
    return look(MAST, np.array([8.0, 27.0, 0.0]), math.radians(37), SIZE)


def seen(camera: Camera, *point: float) -> tuple[float, float]:
    pixels, _ = camera.project(np.array([point]))
    return float(pixels[0, 0]), float(pixels[0, 1])


def test_what_it_looks_at_is_in_the_middle() -> None:
    assert seen(mast(), 8, 27, 0) == pytest.approx((320, 180), abs=1e-6)


def test_east_is_right_and_up_is_up_when_it_looks_north() -> None:
    camera = look(np.array([0.0, -50.0, 10.0]), np.zeros(3), 0.7, SIZE)
    assert seen(camera, 5, 0, 0)[0] > 320
    assert seen(camera, 0, 0, 5)[1] < 180
    assert camera.project(np.array([[0.0, -60.0, 10.0]]))[1][0] < 0  # behind it


def test_straight_down_north_is_at_the_top() -> None:
    camera = look(np.array([0.0, 0.0, 50.0]), np.zeros(3), 0.7, SIZE)
    assert seen(camera, 0, 5, 0)[1] < 180
    assert seen(camera, 5, 0, 0)[0] > 320


def test_the_field_of_view_ends_at_the_picture_s_edge() -> None:
    camera = look(np.array([0.0, -100.0, 0.0]), np.zeros(3), math.radians(40), SIZE)
    assert seen(camera, 100 * math.tan(math.radians(20)), 0, 0)[0] == pytest.approx(640)


@given(places)
def test_k_r_and_t_of_the_truth_say_where_a_point_is_seen(place: tuple[float, float, float]) -> None:
    camera = mast()
    truth = camera.truth()
    k, r, t = (np.array(truth[key], float) for key in ("K", "R", "t"))
    x, y, z = k @ (r @ np.array(place) + t)
    assert (x / z, y / z) == pytest.approx(seen(camera, *place), abs=0.05)


@given(places)
def test_a_pixel_and_its_depth_lead_back_to_the_point(place: tuple[float, float, float]) -> None:
    camera = mast()
    (x, y), depth = seen(camera, *place), float(camera.project(np.array([place]))[1][0])
    if 0 <= x < SIZE[0] and 0 <= y < SIZE[1]:
        world = camera.world(np.full((SIZE[1], SIZE[0]), depth))[int(y), int(x)]
        # The pixel's middle is at most 0.71 px away.
        assert np.linalg.norm(world - place) < 0.75 * depth / camera.focal
