"""Speeds and headings are as sure as they say."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.courses import Course, Courses
from tests.support.masts import camera, measured, seen

Floats = NDArray[np.float64]
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
