"""How much of a box moves: what tells a machine at work from one that is parked."""

import numpy as np
import pytest

from inference.motion import Motion


def test_the_share_of_a_box_that_moved() -> None:
    rng = np.random.default_rng(1)
    ground = rng.integers(60, 120, (180, 320), np.uint8)
    motion, boxes = Motion(), np.array([[40, 40, 80, 80], [200, 40, 240, 80]], np.float32)
    motion.update(ground, 0.0)
    assert np.isnan(motion.stir(boxes)).all()  # nothing to compare with
    for number in range(1, 20):
        motion.update(ground, 0.2 * number)
    assert motion.stir(boxes).tolist() == [0, 0]
    moved = ground.copy()
    moved[40:80, 40:60] = 255
    motion.update(moved, 4.0)
    assert motion.stir(boxes) == pytest.approx([0.5, 0.0], abs=0.02)


def test_a_box_out_of_the_picture_cannot_be_told() -> None:
    motion, ground = Motion(), np.zeros((90, 160), np.uint8)
    for number in range(3):
        motion.update(ground, 0.2 * number)
    assert np.isnan(motion.stir(np.array([[500, 500, 600, 600]], np.float32))).all()
