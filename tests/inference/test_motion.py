"""Motion at thumbnail size: a moving truck is found where it is; noise and a switched-on lamp are not motion."""

import numpy as np
from numpy.typing import NDArray

from inference.motion import Motion


def scene(seed: int, noise: float = 0.0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    ground = rng.integers(60, 140, (45, 80)).repeat(8, axis=0).repeat(8, axis=1)
    grain = np.random.default_rng(seed).normal(0, noise, ground.shape)
    return np.clip(ground + grain, 0, 255).astype(np.uint8)


def test_the_first_picture_has_no_motion() -> None:
    assert len(Motion().update(scene(0))) == 0


def test_a_still_scene_has_no_motion_even_with_night_noise() -> None:
    motion = Motion()
    found = [len(motion.update(scene(seed, noise=18))) for seed in range(20)]
    assert sum(found) == 0


def test_what_moves_is_boxed_where_it_is() -> None:
    motion = Motion()
    motion.update(scene(0, noise=2))
    picture = scene(1, noise=2)
    picture[200:240, 300:380] = 250
    boxes = motion.update(picture)
    assert len(boxes) >= 1
    left, top, right, bottom = boxes[0]
    assert abs(left - 300) <= 8
    assert abs(top - 200) <= 8
    assert abs(right - 380) <= 8
    assert abs(bottom - 240) <= 8


def test_a_lamp_switched_on_is_not_motion_and_what_moves_after_it_is() -> None:
    motion = Motion()
    motion.update(scene(0))
    bright = np.clip(scene(0).astype(int) + 80, 0, 255).astype(np.uint8)
    assert len(motion.update(bright)) == 0
    moved = bright.copy()
    moved[100:140, 100:160] = 20
    assert len(motion.update(moved)) == 1


def test_a_change_of_resolution_starts_afresh() -> None:
    motion = Motion()
    motion.update(scene(0))
    assert len(motion.update(scene(0)[:240, :480])) == 0
