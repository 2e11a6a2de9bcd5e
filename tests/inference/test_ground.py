"""The ground: what a known camera sees is measured back, and bad points are refused and named."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.ground import Ground, GroundRefused
from tests.support.masts import FIELD, camera, measured, pairs, seen

Floats = NDArray[np.float64]


@settings(deadline=None)
@given(
    height=st.floats(5, 60),
    tilt=st.floats(5, 60),
    turn=st.floats(-30, 30),
    count=st.integers(4, 6),
    offset=st.floats(-5e5, 5e5),
)
def test_four_points_or_more_give_the_camera_back(
    height: float, tilt: float, turn: float, count: int, offset: float
) -> None:
    eye = camera(height, tilt, turn)
    pixels, moved = seen(eye, FIELD), FIELD + offset  # some sites count metres from the corner of a province
    ground = Ground.fitted(pairs(pixels[:count], moved[:count]))
    assert ground.residuals.max() < 1e-3
    elsewhere = np.array([[10.0, 70], [-15, 100], [30, 55]])
    found = ground.metres(seen(eye, elsewhere))
    assert np.abs(found - elsewhere - offset).max() < 1e-2
    assert np.abs(ground.pixels(found) - seen(eye, elsewhere)).max() < 1e-6


def test_a_slip_of_the_finger_shows_in_the_residuals() -> None:
    eye = camera(20, 15)
    pixels = seen(eye, FIELD)
    pixels[4] += [0.004, 0.0]  # 2.5 px of 640
    ground = Ground.fitted(pairs(pixels, FIELD))
    assert 0.05 < ground.residuals.max() < 2.0


LINE = np.stack([np.linspace(-20, 20, 6), np.linspace(40, 90, 6)], axis=1)
T_SHAPED = np.array([[-20.0, 40], [0, 60], [20, 80], [30, 40]])


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (FIELD[:3], "at least 4"),
        (LINE, "line"),
        (T_SHAPED, "line"),
        (FIELD[[0, 0, 1, 2]], "pairs 1 and 2 are the same"),
    ],
)
def test_points_that_fix_no_plane_are_refused(metres: Floats, words: str) -> None:
    with pytest.raises(GroundRefused, match=words) as refused:
        measured(camera(20, 15), metres)
    assert refused.value.text.zh


def test_mixed_up_pairs_are_refused_and_named() -> None:
    pixels = seen(camera(20, 15), FIELD)
    with pytest.raises(GroundRefused, match=r"mixed up|fit one plane"):
        Ground.fitted(pairs(pixels, FIELD[[1, 0, 2, 3, 4, 5]]))
    with pytest.raises(GroundRefused, match="not a number"):
        Ground.fitted(pairs(pixels, np.full_like(FIELD, math.nan)))
    moved = FIELD.copy()
    moved[5] += [25.0, 0]
    with pytest.raises(GroundRefused, match="pair 6 is"):
        Ground.fitted(pairs(pixels, moved))


def test_there_is_no_ground_at_the_horizon_or_above() -> None:
    found = measured(camera(20, 10)).metres(np.array([[0.5, 0.5], [0.5, 0.06], [0.5, 0.0]]))
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1:]).all()


@given(x=st.floats(0.1, 0.9), y=st.floats(0.4, 0.95))
def test_slopes_are_what_a_small_step_makes(x: float, y: float) -> None:
    ground, step = measured(camera(20, 15)), 1e-6
    at = np.array([[x, y], [x + step, y], [x, y + step]])
    place = ground.metres(at)
    numeric = np.stack([place[1] - place[0], place[2] - place[0]], axis=1) / step
    assert ground.slopes(at[:1])[0] == pytest.approx(numeric, rel=1e-3, abs=1e-2)
