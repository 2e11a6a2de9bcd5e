"""A plane in a picture: there and back, and what is beyond its horizon, in a row or seen from below."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.terrain.homography import View, mirrored, placed, seen
from inference.terrain.points import GroundRefused, Marks
from inference.terrain.posed import PosedCamera, turned

Floats = NDArray[np.float64]

MAST = PosedCamera((3.0, -5.0, 24.0), turned(20, -14, 1.0), 55.0)
SPOTS = np.array(
    [[0.1, 0.9], [0.9, 0.85], [0.2, 0.35], [0.85, 0.3], [0.5, 0.5], [0.45, 0.75], [0.65, 0.4], [0.3, 0.6]]
)
ASPECT = 16 / 9


def marked(pixels: Floats, metres: Floats) -> Marks:
    """Measured to a centimetre, clicked to a twentieth of a pixel."""
    noise = 0.05 / 1920 * np.array([1, ASPECT])
    points = np.c_[metres, np.zeros(len(metres))]
    return Marks(pixels, points, np.full(len(metres), 0.01), noise, ASPECT)


def view(camera: PosedCamera = MAST, lens: float = 0.0, origin: tuple[float, float] = (0.0, 0.0)) -> View:
    found = seen(marked(SPOTS, camera.places(SPOTS, np.zeros(8)) + origin), lens)
    assert found is not None
    return found.model


@settings(deadline=None, max_examples=30)
@given(pan=st.floats(-180, 180), tilt=st.floats(-80, -15), roll=st.floats(-5, 5), height=st.floats(3, 100))
def test_exact_points_of_any_camera_give_every_other_point_of_its_ground(
    pan: float, tilt: float, roll: float, height: float
) -> None:
    camera = PosedCamera((3.0, -5.0, height), turned(pan, tilt, roll), 30.0)
    found = view(camera)
    others = np.array([[0.15, 0.7], [0.6, 0.55], [0.5, 0.95]])
    metres = camera.places(others, np.zeros(3))
    assert found.places(others, np.zeros(3)) == pytest.approx(metres, rel=1e-3, abs=0.01)
    assert found.pixels(np.c_[metres, np.zeros(3)]) == pytest.approx(others, abs=1e-4)
    assert not mirrored(found)


def test_a_bent_lens_that_is_known_is_taken_in() -> None:
    bent = PosedCamera(MAST.place, MAST.turn, MAST.hfov, lens=-0.06)
    found = view(bent, lens=-0.06)
    others = np.array([[0.02, 0.98], [0.97, 0.6]])
    assert found.places(others, np.zeros(2)) == pytest.approx(bent.places(others, np.zeros(2)), abs=0.05)
    assert found.lens == pytest.approx(-0.06, abs=1e-3)


def test_a_site_far_from_its_origin_is_placed_as_exactly() -> None:
    far = view(origin=(513_000.0, 3_845_000.0))
    near = MAST.places(SPOTS, np.zeros(8))
    assert far.places(SPOTS, np.zeros(8)) - [513_000.0, 3_845_000.0] == pytest.approx(near, abs=0.01)


def test_beyond_the_horizon_there_is_no_place_and_behind_the_camera_no_pixel() -> None:
    found = view()
    sky = found.places(np.array([[0.5, 0.01], [0.5, 0.9]]), np.zeros(2))
    assert np.isnan(sky).tolist() == [[True, True], [False, False]]
    behind = np.array([[3.0 - 50 * np.sin(np.radians(20)), -5.0 - 50 * np.cos(np.radians(20)), 0.0]])
    assert np.isnan(found.pixels(behind)).all()
    assert np.isfinite(found.pixels(behind * [0, 0, 0] + [20, 40, 0])).all()


def test_a_ground_seen_from_below_is_mirrored() -> None:
    metres = MAST.places(SPOTS, np.zeros(8))
    found = seen(marked(SPOTS * [-1, 1] + [1, 0], metres))
    assert found is not None
    assert mirrored(found.model)


def test_a_point_beyond_the_horizon_of_the_others_shows_no_plane() -> None:
    metres = MAST.places(SPOTS, np.zeros(8))
    pixels = SPOTS.copy()
    pixels[4] = 0.5, -1.5
    assert seen(marked(pixels, metres)) is None


@pytest.mark.parametrize("bow", [0.0, 1e-9])
def test_points_in_a_row_fix_no_plane(bow: float) -> None:
    along = np.linspace(0.1, 0.9, 8)
    pixels = np.c_[along, 0.5 + bow * (along - 0.5) ** 2]
    with pytest.raises(GroundRefused, match="lie on a line"):
        seen(marked(pixels, MAST.places(pixels, np.zeros(8))))


def test_four_corners_of_a_small_square_do_fix_one() -> None:
    corners = np.array([[0.50, 0.50], [0.52, 0.50], [0.52, 0.53], [0.50, 0.53]])
    assert seen(marked(corners, MAST.places(corners, np.zeros(4)))) is not None


def test_every_step_moves_what_is_seen_and_none_stays_none() -> None:
    """Nine ways for it to be wrong, none twice: 8 of a homography, 1 of a lens."""
    found = view(lens=0.01)
    points = np.c_[MAST.places(SPOTS, np.zeros(8)), np.zeros(8)]
    here = found.pixels(points)
    assert found.moved(np.zeros(9)).pixels(points) == pytest.approx(here, abs=1e-12)
    moves = [(found.moved(1e-5 * way).pixels(points) - here).ravel() / 1e-5 for way in np.eye(9)]
    strength = np.linalg.svd(np.array(moves))[1]
    assert strength[-1] > 1e-4 * strength[0]
    lens = found.moved(0.02 * np.eye(9)[8])
    assert lens.lens == pytest.approx(found.lens + 0.02)
    far = found.moved(100 * np.eye(9)[0])
    assert np.linalg.norm(far.view) == pytest.approx(1)


def test_many_equally_likely_planes_are_placed_at_once() -> None:
    planes = np.stack([view().plane, view(PosedCamera((0.0, 0.0, 30.0), turned(0, -30, 0), 55.0)).plane])
    pixels = np.array([[0.4, 0.6], [0.6, 0.8], [0.5, 0.01]])
    together = placed(planes, pixels)
    assert together.shape == (2, 3, 2)
    for plane, alone in zip(planes, together, strict=True):
        assert np.array_equal(placed(plane, pixels), alone, equal_nan=True)
        assert np.linalg.norm(plane) == pytest.approx(1)


@pytest.mark.parametrize("lens", [0.0, -0.06])
def test_four_points_say_nothing_of_the_lens_which_is_as_unsure_as_lenses_are(lens: float) -> None:
    """5 % at the picture's side, whatever else is known exactly."""
    bent = PosedCamera(MAST.place, MAST.turn, MAST.hfov, lens=lens)
    found = seen(marked(SPOTS[:4], bent.places(SPOTS[:4], np.zeros(4))), lens)
    assert found is not None
    assert found.model.lens == pytest.approx(lens, abs=1e-3)
    assert np.sqrt(found.covariance[8, 8]) == pytest.approx(0.05, rel=0.05)
