import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference import motion_model
from inference.motion_model import Motion

Floats = NDArray[np.float64]


def boxes(*rows: tuple[float, float, float, float]) -> Floats:
    return np.array(rows, np.float64)


class Textbook:
    """The same filter for one axis, written with matrices."""

    def __init__(self, centre: float, size: float) -> None:
        self.size = size
        self.noise = (motion_model._JITTER * size + motion_model._JITTER_PX) ** 2
        self.state = np.array([centre, 0.0])
        self.cov = np.diag([self.noise, (motion_model._FIRST_SPEED * size) ** 2])

    def predict(self, t: float) -> None:
        forward = np.array([[1, t], [0, 1]])
        power = (motion_model._ACCELERATION * self.size) ** 2
        added = power * np.array([[t**3 / 3, t**2 / 2], [t**2 / 2, t]])
        self.state = forward @ self.state
        self.cov = forward @ self.cov @ forward.T + added

    def correct(self, centre: float) -> None:
        look = np.array([[1.0, 0.0]])
        gain = self.cov @ look.T @ np.linalg.inv(look @ self.cov @ look.T + self.noise)
        self.state = self.state + gain @ (centre - look @ self.state)
        self.cov = (np.eye(2) - gain @ look) @ self.cov


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(-500, 500)), min_size=1, max_size=20))
def test_agrees_with_the_matrix_form(steps: list[tuple[float, float]]) -> None:
    motion, book = Motion.born(boxes((-20, -20, 20, 20))), Textbook(0, 40)
    for step, place in steps:
        motion.predict(step)
        book.predict(step)
        motion.correct(np.array([0]), boxes((place - 20, -20, place + 20, 20)))
        book.correct(place)
    assert motion.centre[0, 0] == pytest.approx(book.state[0], abs=1e-6)
    assert motion.velocity[0, 0] == pytest.approx(book.state[1], abs=1e-6)
    assert motion.spread[0] == pytest.approx(book.cov[[0, 0, 1], [0, 1, 1]], rel=1e-6)


def test_two_short_steps_are_one_long_one() -> None:
    one, two = (Motion.born(boxes((0, 0, 40, 30), (100, 0, 200, 100))) for _ in range(2))
    for motion in (one, two):
        motion.velocity[:] = (30, -5)
    one.predict(0.5)
    two.predict(0.1)
    two.predict(0.4)
    assert two.boxes() == pytest.approx(one.boxes())
    assert two.spread == pytest.approx(one.spread)


def test_learns_a_steady_speed_and_keeps_going() -> None:
    motion = Motion.born(boxes((0, 0, 40, 20)))
    for number in range(1, 15):
        motion.predict(0.2)
        motion.correct(np.array([0]), boxes((60 * number, 0, 60 * number + 40, 20)))
    motion.predict(1.0)
    assert motion.velocity[0] == pytest.approx([300, 0], abs=5)
    assert motion.boxes()[0] == pytest.approx([60 * 14 + 300, 0, 60 * 14 + 340, 20], abs=8)


def test_reach_is_wide_for_the_young_and_narrow_for_the_known() -> None:
    motion = Motion.born(boxes((0, 0, 40, 40), (500, 0, 540, 40)))
    for _ in range(10):
        motion.predict(0.2)
        motion.correct(np.array([0]), boxes((0, 0, 40, 40)))
    motion.predict(0.2)
    known, young = motion.reach
    assert known < 20
    assert 40 < young <= motion_model._REACH_SIZES * 40


def test_halt_forgets_where_it_was_going() -> None:
    motion = Motion.born(boxes((0, 0, 40, 40)))
    motion.velocity[:] = 100
    motion.halt()
    motion.predict(1.0)
    assert motion.boxes()[0] == pytest.approx([0, 0, 40, 40])
