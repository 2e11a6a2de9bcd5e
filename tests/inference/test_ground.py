"""The ground: what a known camera sees is measured back, bad points are refused, and speeds are as sure as they say."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.ground import Course, Courses, Ground, GroundRefused, Pair

Floats = NDArray[np.float64]
FIELD = np.array([[-20.0, 40], [25, 45], [-40, 120], [50, 130], [5, 80], [0, 60]])  # m east, north


def camera(height: float, tilt: float, turn: float = 0.0, focal: float = 1.4) -> Floats:
    """Ground (m, homogeneous) to relative pixels: a mast at the origin. tilt: degrees below the horizon; turn: from
    north, clockwise."""
    down, right = math.radians(tilt), math.radians(turn)
    ahead = np.array([math.sin(right) * math.cos(down), math.cos(right) * math.cos(down), -math.sin(down)])
    beside = np.array([math.cos(right), -math.sin(right), 0.0])
    axes = np.stack([beside, np.cross(ahead, beside), ahead])
    inside = np.array([[focal, 0, 0.5], [0, focal * 16 / 9, 0.5], [0, 0, 1]])
    return np.asarray(inside @ axes @ np.array([[1, 0, 0], [0, 1, 0], [0, 0, -height]]), np.float64)


def seen(eye: Floats, metres: Floats) -> Floats:
    spot = np.c_[metres, np.ones(len(metres))] @ eye.T
    assert (spot[:, 2] > 0).all()
    return np.asarray(spot[:, :2] / spot[:, 2:], np.float64)


def pairs(pixels: Floats, metres: Floats) -> list[Pair]:
    return [
        Pair((float(x), float(y)), (float(e), float(n)))
        for (x, y), (e, n) in zip(pixels, metres, strict=True)
    ]


def measured(eye: Floats, metres: Floats = FIELD) -> Ground:
    return Ground.fitted(pairs(seen(eye, metres), metres))


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
    [(FIELD[:3], "at least 4"), (LINE, "line"), (T_SHAPED, "line"), (FIELD[[0, 0, 1, 2]], "line")],
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


NOISE = np.array([[1 / 640, 1 / 360]])


def driven(
    courses: Courses, eye: Floats, velocity: Floats, rng: np.random.Generator | None = None, rate: float = 5
) -> Course:
    """Two seconds of a thing that is at (0, 70) in the end."""
    course: dict[int, Course] = {}
    for time in np.arange(0, 2 + 1e-9, 1 / rate):
        feet = seen(eye, np.array([[0.0, 70.0]]) + velocity * (time - 2))
        if rng is not None:
            feet = feet + rng.normal(0, NOISE)
        course = courses.update([7], feet, NOISE, [True], float(time))
    return course[7]


@given(speed=st.floats(3, 25), heading=st.floats(0, 359.9), rate=st.sampled_from([2.0, 5.0, 10.0, 25.0]))
@settings(deadline=None)
def test_speed_and_heading_of_what_drives_straight(speed: float, heading: float, rate: float) -> None:
    eye = camera(20, 15)
    velocity = speed * np.array([math.sin(math.radians(heading)), math.cos(math.radians(heading))])
    course = driven(Courses(measured(eye)), eye, velocity, rate=rate)
    assert course.speed == pytest.approx(speed, rel=1e-3)
    assert course.place == pytest.approx((0, 70), abs=0.01)
    assume(course.heading is not None)  # seen head-on from afar, 3 m/s may be noise
    assert course.heading is not None
    assert (course.heading - heading + 180) % 360 - 180 == pytest.approx(0, abs=0.1)


def test_a_lorry_that_drives_east_heads_for_ninety_degrees() -> None:
    eye = camera(20, 15)
    course = driven(Courses(measured(eye)), eye, np.array([8.0, 0]))
    assert course.speed == pytest.approx(8, abs=0.01)
    assert course.heading == pytest.approx(90, abs=0.1)
    assert course.heading_sigma is not None
    assert course.heading_sigma < 10


def test_the_errors_are_as_large_as_they_are_said_to_be() -> None:
    eye, rng = camera(20, 15), np.random.default_rng(5)
    ground, velocity = measured(eye), np.array([6.0, -3.0])
    found = [driven(Courses(ground), eye, velocity, rng) for _ in range(300)]
    speed = float(np.hypot(*velocity))
    score = np.array([(course.speed - speed) / course.speed_sigma for course in found])
    assert 0.85 < float(np.sqrt((score**2).mean())) < 1.15


def test_what_stands_has_no_heading() -> None:
    eye, rng = camera(20, 15), np.random.default_rng(1)
    found = [driven(Courses(measured(eye)), eye, np.zeros(2), rng) for _ in range(50)]
    assert sum(course.heading is None for course in found) >= 40
    assert max(course.speed for course in found) < 4


def test_a_course_needs_half_a_second_and_forgets_what_is_gone() -> None:
    eye = camera(20, 15)
    courses = Courses(measured(eye))
    feet = seen(eye, np.array([[0.0, 70.0]]))
    history = [courses.update([1], feet, NOISE, [True], time / 5) for time in range(6)]
    assert [1 in each for each in history] == [False, False, False, True, True, True]
    assert courses.update([1], feet, NOISE, [False], 2.6) == {}, "unseen for more than the window"
    assert courses.update([], np.zeros((0, 2)), np.zeros((0, 2)), [], 2.8) == {}
    assert courses.update([1], feet, NOISE, [True], 3.0) == {}, "an id that comes again is new"


def test_a_clock_set_back_begins_anew() -> None:
    eye = camera(20, 15)
    courses = Courses(measured(eye))
    feet = seen(eye, np.array([[0.0, 70.0]]))
    for time in range(6):
        courses.update([1], feet, NOISE, [True], 1000 + time / 5)
    assert courses.update([1], feet, NOISE, [True], 10.0) == {}


def test_feet_above_the_horizon_are_left_out() -> None:
    eye = camera(20, 10)
    courses = Courses(measured(eye))
    for time in range(6):
        assert courses.update([1], np.array([[0.5, 0.0]]), NOISE, [True], time / 5) == {}
