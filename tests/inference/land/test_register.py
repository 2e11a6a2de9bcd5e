"""Pictures are laid over the reference, or it is said that they cannot be."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.land.register import Frame, Laid, Miss
from tests.support.landscape import SIZE, Landscape, Picture, swayed

PLACE = Landscape()
PICTURE = PLACE.seen()


def grey(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


FRAME = Frame(grey(PICTURE))


def astray(laid: Laid, across: float, down: float, turn: float, zoom: float) -> float:
    """px that the farthest of the four corners is laid wrongly by."""
    truth = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), turn, zoom)
    truth[:, 2] += np.array([across, down])
    corners = np.array([[20, 20], [460, 20], [20, 250], [460, 250]], np.float64)
    there = cv2.perspectiveTransform(corners[:, None], laid.warp)[:, 0]
    return float(np.linalg.norm(there - (corners @ truth[:, :2].T + truth[:, 2]), axis=1).max())


@settings(max_examples=25, deadline=None)
@given(st.floats(-6, 6), st.floats(-4, 4), st.floats(-0.4, 0.4), st.floats(0.99, 1.01))
def test_a_swaying_mast_is_followed_to_less_than_a_pixel(
    across: float, down: float, turn: float, zoom: float
) -> None:
    moved = swayed(PLACE.seen(chance=5), across, down, turn, zoom)
    laid = FRAME.lay(grey(moved))
    assert isinstance(laid, Laid)
    assert astray(laid, across, down, turn, zoom) < 0.8


@pytest.mark.parametrize(
    ("sun", "shadow", "gain", "haze"), [(0, 0, 2, 0), (1, -40, 1, 0), (1, 45, 0.4, 0), (0.6, 30, 1, 0.25)]
)
def test_another_light_is_no_other_place(sun: float, shadow: float, gain: float, haze: float) -> None:
    laid = FRAME.lay(grey(PLACE.seen(sun=sun, shadow=shadow, gain=gain, haze=haze, chance=3)))
    assert isinstance(laid, Laid)
    assert astray(laid, 0, 0, 0, 1) < 0.8


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 10_000), st.floats(0.3, 2))
def test_another_place_is_never_laid_over_this_one(seed: int, gain: float) -> None:
    assert FRAME.lay(grey(Landscape(seed).seen(gain=gain))) is Miss.LOST


def test_noise_is_never_laid_over_a_place() -> None:
    noise = np.random.default_rng(1).integers(0, 255, SIZE[::-1], dtype=np.uint8)
    assert FRAME.lay(noise) is Miss.LOST


def test_a_turned_preset_is_told_from_a_swaying_mast() -> None:
    assert FRAME.lay(grey(swayed(PICTURE, 45, 0))) in {Miss.MOVED, Miss.LOST}
    assert FRAME.lay(grey(swayed(PICTURE, 26, 3))) is Miss.MOVED


def test_another_size_is_another_camera() -> None:
    assert FRAME.lay(grey(PICTURE)[:, 60:-60]) is Miss.RESIZED


def test_boxes_follow_the_picture_into_the_reference() -> None:
    laid = FRAME.lay(grey(swayed(PICTURE, 5, -3)))
    assert isinstance(laid, Laid)
    box = np.array([[0.5, 0.5, 0.6, 0.7]], np.float32)
    shift = np.array([5 / SIZE[0], -3 / SIZE[1]] * 2)
    assert np.allclose(laid.boxes(box, SIZE[::-1]), box - shift, atol=0.004)
    reach = laid.reach(SIZE[::-1])
    assert not reach[:3].any()
    assert reach[20:-20, 20:-20].all()  # there the picture ends
