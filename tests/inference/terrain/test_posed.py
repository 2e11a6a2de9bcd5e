"""Posed cameras: north is up, right is right, and what is struck first is what is seen."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.provingground.camera import look
from inference.terrain.dem import Elevation
from inference.terrain.lens import bent, straight, stretch
from inference.terrain.posed import DRAWS, PosedCamera, PosedSight, PoseSigmas, normals, turned
from inference.terrain.surface import Flat, struck

Floats = NDArray[np.float64]
MIDDLE = np.array([[0.5, 0.5]])


def test_angles_are_an_aircrafts() -> None:
    level = PosedCamera((0, 0, 10), turned(90, 0, 0), 60)
    assert level.rays(MIDDLE)[0] == pytest.approx([1, 0, 0], abs=1e-12)
    down = PosedCamera((0, 0, 10), turned(0, -30, 0), 60)
    assert down.rays(MIDDLE)[0] == pytest.approx([0, math.cos(math.pi / 6), -0.5])
    rolled = PosedCamera((0, 0, 10), turned(0, 0, 20), 60)
    assert rolled.rays(np.array([[1.0, 0.5]]))[0, 2] < 0, "the right side is down"
    nadir = PosedCamera((0, 0, 10), turned(45, -90, 0), 60)
    top = nadir.rays(np.array([[0.5, 0.0]]))[0]
    assert math.atan2(top[0], top[1]) == pytest.approx(math.radians(45)), (
        "the top of the picture heads north-east"
    )


@given(yaw=st.floats(-180, 180), pitch=st.floats(-90, 20), roll=st.floats(-30, 30), lens=st.floats(-0.2, 0.1))
def test_pixels_and_rays_are_each_others_inverse(yaw: float, pitch: float, roll: float, lens: float) -> None:
    camera = PosedCamera((5.0, -3.0, 40.0), turned(yaw, pitch, roll), 70, lens=lens)
    pixels = np.array([[0.1, 0.2], [0.9, 0.8], [0.5, 0.5], [0.3, 0.95]])
    points = np.array(camera.place) + 80 * camera.rays(pixels)
    assert camera.pixels(points) == pytest.approx(pixels, abs=1e-9)
    assert np.isnan(camera.pixels(np.array(camera.place) - 80 * camera.rays(pixels))).all()


def test_it_sees_what_the_proving_grounds_camera_sees() -> None:
    eye = look(np.array([-14.0, -66.0, 17.0]), np.array([8.0, 27.0, 0.0]), math.radians(37), (1920, 1080))
    camera = PosedCamera((-14.0, -66.0, 17.0), eye.rotation.T, 37.0)
    points = np.array([[8.0, 27, 0], [15, 20, 2], [-10, 60, 0]])
    assert camera.pixels(points) * [1920, 1080] == pytest.approx(eye.project(points)[0], abs=1e-6)


@given(lens=st.floats(-0.2, 0.1), x=st.floats(0, 1), y=st.floats(0, 1))
def test_a_lens_is_undone_and_its_stretch_is_what_a_small_step_makes(lens: float, x: float, y: float) -> None:
    pixel, step = np.array([[x, y]]), 1e-6
    assert bent(straight(pixel, lens, 16 / 9), lens, 16 / 9) == pytest.approx(pixel, abs=1e-9)
    moved = np.array([[x + step, y], [x, y + step]])
    numeric = (straight(moved, lens, 16 / 9) - straight(pixel, lens, 16 / 9)).T / step
    assert stretch(pixel, lens, 16 / 9)[0] == pytest.approx(numeric, abs=1e-4)


def test_the_plane_of_a_camera_is_where_its_rays_meet_it() -> None:
    camera = PosedCamera((5.0, -3.0, 40.0), turned(120, -35, 4), 70)
    pixels = np.array([[0.1, 0.3], [0.9, 0.8], [0.5, 0.5]])
    spot = np.c_[pixels, np.ones(3)] @ camera.plane(7.0).T
    assert (spot[:, 2] > 0).all()
    assert spot[:, :2] / spot[:, 2:] == pytest.approx(camera.places(pixels, np.full(3, 7.0)))


def test_the_draws_errors_have_no_mean_and_unit_spread() -> None:
    table = normals()
    assert table.mean(axis=0) == pytest.approx(np.zeros(9), abs=1e-12)
    assert np.cov(table.T) == pytest.approx(np.eye(9), abs=1e-9)


def test_draws_spread_as_a_tilt_error_spreads_the_ground() -> None:
    """H d / sin^2 of the depression along the line of sight, seen from H."""
    camera, tilt = PosedCamera((0, 0, 40), turned(0, -20, 0), 50), 0.1
    sight = PosedSight(camera, Flat(), PoseSigmas(0, 0, 0, tilt, 0, 0).covariance())
    drawn = sight.draws(MIDDLE)
    assert drawn.shape == (DRAWS, 1, 2)
    expected = 40 * math.radians(tilt) / math.sin(math.radians(20)) ** 2
    assert drawn[:, 0, 1].std(ddof=1) == pytest.approx(expected, rel=0.01)
    assert drawn[:, 0, 0].std() < 1e-6


def test_straight_down_each_angle_errs_its_own_way() -> None:
    camera = PosedCamera((0, 0, 100), turned(0, -90, 0), 50)
    one = math.radians(1)
    east = 100 * math.tan(one)
    pitch, roll = (camera.moved(np.eye(9)[index] * one).places(MIDDLE, np.zeros(1))[0] for index in (4, 5))
    assert pitch == pytest.approx([0, east], abs=1e-6)
    assert roll == pytest.approx([-east, 0], abs=1e-6), "right side down looks left"


def test_the_sky_and_beyond_reach_are_nowhere() -> None:
    camera = PosedCamera((0, 0, 30), turned(0, -5, 0), 50)
    sight = PosedSight(camera, Flat(), np.zeros((9, 9)), reach=400)
    found = sight.metres(np.array([[0.5, 0.0], [0.5, 0.45], [0.5, 0.9]]))
    assert np.isnan(found[:2]).all()
    assert np.isfinite(found[2]).all()


def ridge() -> Elevation:
    """Flat at 10 m, with a wall of 30 m that runs east and west 95 to 105 m north; unknown beyond 200 m north."""
    line = np.arange(-300.0, 300.1, 5.0)
    heights = np.full((len(line), len(line)), 10, np.float32)
    heights[(line >= 95) & (line <= 105)] = 30
    heights[line > 200] = np.nan
    return Elevation(heights, (-300.0, -300.0), 5.0)


def test_a_ray_ends_at_the_first_ground_it_meets() -> None:
    eyes = np.repeat([[0.0, 0.0, 40.0]], 3, axis=0)
    targets = np.array([[0.0, 60, 10], [0, 150, 10], [20, 180, 10]])
    rays = (targets - eyes) / np.linalg.norm(targets - eyes, axis=1, keepdims=True)
    found = struck(eyes, rays, ridge(), 1000)
    assert found[0] == pytest.approx([0, 60], abs=0.05)
    assert 90 <= found[1, 1] <= 100, "the wall hides what lies behind it"
    assert 90 <= found[2, 1] <= 100


def test_where_no_height_is_known_nothing_is_told() -> None:
    eyes = np.array([[0.0, 0.0, 140.0]])
    targets = np.array([[0.0, 250.0, 10.0]])
    ray = (targets - eyes) / np.linalg.norm(targets - eyes)
    assert np.isnan(struck(eyes, ray, ridge(), 1000)).all()
    assert np.isnan(struck(np.array([[0.0, 0.0, 5.0]]), np.array([[0.0, 1, 0]]), ridge(), 1000)).all(), (
        "from below"
    )


@settings(deadline=None, max_examples=30)
@given(slope=st.floats(-0.2, 0.2), x=st.floats(0.05, 0.95), y=st.floats(0.4, 0.95))
def test_on_an_even_slope_marching_finds_the_exact_place(slope: float, x: float, y: float) -> None:
    line = np.arange(-400.0, 400.1, 10.0)
    hill = Elevation(
        np.broadcast_to((slope * line)[:, None], (81, 81)).astype(np.float32), (-400.0, -400.0), 10.0
    )
    camera = PosedCamera((0, 0, 120), turned(0, -40, 0), 60)
    found = PosedSight(camera, hill, np.zeros((9, 9))).metres(np.array([[x, y]]))[0]
    ray = camera.rays(np.array([[x, y]]))[0]
    away = 120 / (slope * ray[1] - ray[2])
    assert found == pytest.approx(away * ray[:2], abs=0.05)
