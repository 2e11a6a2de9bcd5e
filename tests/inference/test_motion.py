"""Motion at thumbnail size: a moving truck is found where it is; weather, light and noise are not motion."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.decoders import intersection
from inference.motion import Motion
from tests.support import truth, weather


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


Scene = Callable[[int, float], weather.Luma]
NIGHT = weather.darkened(weather.ground(), 0.25)
TREE = (0, 0, 220, 200)
QUIET: dict[str, Scene] = {
    "rain": lambda number, _: weather.grainy(weather.rainy(weather.ground(), 40, number), 2, number),
    "downpour": lambda number, _: weather.grainy(weather.rainy(weather.ground(), 200, number), 2, number),
    "tree": lambda number, time: weather.grainy(weather.windy(weather.ground(), time, TREE), 2, number),
    "cloud": lambda number, time: weather.grainy(
        weather.clouded(weather.ground(), time % 20 / 16 - 0.1), 2, number
    ),
    "headlights": lambda number, time: weather.grainy(weather.lit(NIGHT, time % 6 / 4 - 0.2, 0.6), 4, number),
    "grain": lambda number, _: weather.grainy(NIGHT, 8, number),
    "exposure": lambda number, time: weather.grainy(
        weather.clipped(weather.ground() * (1.15 if time % 10 < 5 else 0.85)), 2, number
    ),
}


@pytest.mark.parametrize("step", [0.2, 2.0, 10.0])
@pytest.mark.parametrize("name", QUIET)
def test_after_half_a_minute_the_weather_wakes_nobody(name: str, step: float) -> None:
    """Of the next pictures at most one in six shows motion, whether they come five a second or one per GOP."""
    motion, woken, pictures = Motion(), 0, 60
    learning = max(10, round(30 / step))
    for number in range(learning + pictures):
        time = number * step * 1.0137  # no multiple of the wind's own pace
        boxes = motion.update(QUIET[name](number, time), time)
        motion.judged(boxes[:0], time)
        woken += number >= learning and len(boxes) > 0
    assert woken <= pictures / 6


def seen(change: Callable[[weather.Luma, int], weather.Luma]) -> float:
    """Share of the pictures of a driving truck (5 per second) in which motion is found on it."""
    motion, hits, total = Motion(), 0, 0
    for number, picture in enumerate(weather.clip()):
        boxes = motion.update(change(picture, number), number / 5)
        before = {each.name: each.box for each in truth.frames()[max(0, 2 * number - 2)]}
        for each in truth.frames()[2 * number]:
            drove = np.abs(np.subtract(each.box, before.get(each.name, each.box))).max()
            if each.label == "dump_truck" and drove >= 1.5:
                total += 1
                hits += bool(intersection(truth.boxes((each,)), boxes).any())
    assert total > 100
    return hits / total


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda picture, _: picture, 0.98),
        (lambda picture, number: weather.grainy(picture, 8, number), 0.95),
        (lambda picture, number: weather.grainy(weather.darkened(picture, 0.25), 4, number), 0.93),
        (lambda picture, number: weather.clouded(picture, number * 0.2 % 20 / 16 - 0.1), 0.93),
        (lambda picture, _: weather.foggy(picture, 0.6), 0.95),
        (lambda picture, number: weather.rainy(picture, 40, number), 0.7),
    ],
    ids=["clear", "noise", "night", "cloud", "fog", "rain"],
)
def test_trucks_are_seen_all_the_same(
    change: Callable[[weather.Luma, int], weather.Luma], least: float
) -> None:
    assert seen(change) >= least


def test_a_glimpse_that_shows_motion_teaches_nothing() -> None:
    """Its picture comes again with all those before it, and the truck is new in them as well."""
    motion = Motion()
    empty, truck = scene(0), scene(0)
    truck[200:240, 300:380] = 250
    for time in (0.0, 10.0):
        motion.glimpse(empty, time)
    for _ in range(5):
        assert len(motion.glimpse(truck, 20.0)) == 1
    assert len(motion.update(truck, 15.0)) == 1


def test_a_still_camera_looked_at_twice_in_the_same_moment_stays_still() -> None:
    motion = Motion()
    for time in (0.0, 10.0, 10.0, 20.0, 20.0):
        assert len(motion.update(scene(0), time)) == 0


def test_nothing_is_seen_in_what_is_to_be_ignored() -> None:
    left_half = np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]])
    motion = Motion(ignore=[left_half])
    motion.update(scene(0), 0)
    picture = scene(0)
    picture[100:140, 100:160] = picture[100:140, 500:560] = 250
    boxes = motion.update(picture, 0.2)
    assert len(boxes) == 1
    assert boxes[0, 0] > 480


def flag(time: float, extra: tuple[slice, slice] | None = None) -> NDArray[np.uint8]:
    """Something that jumps between two places for ever, in one corner; and a lorry somewhere."""
    picture = scene(0)
    left = 40 if time % 2 < 1 else 80
    picture[40:80, left : left + 30] = 160
    if extra is not None:
        picture[extra] = 250
    return picture


def waving(motion: Motion, seconds: float, *, found: bool, start: float = 0.0) -> list[int]:
    counts = []
    for number in range(round(seconds * 5)):
        time = start + number / 5
        boxes = motion.update(flag(time), time)
        motion.judged(boxes if found else boxes[:0], time)
        counts.append(len(boxes))
    return counts


def test_what_waves_and_is_never_anything_is_left_alone_after_a_while() -> None:
    counts = waving(Motion(), 60, found=False)
    assert sum(counts[:25]) > 0
    assert sum(counts[150:]) == 0


def test_what_the_detector_finds_is_never_left_alone() -> None:
    assert sum(waving(Motion(), 60, found=True)[200:]) > 0


def test_a_lorry_before_the_waving_flag_gets_through() -> None:
    motion = Motion()
    waving(motion, 60, found=False)
    boxes = motion.update(flag(60.0, np.s_[20:140, 20:220]), 60.0)
    assert len(boxes) == 1
    assert boxes[0, 2] - boxes[0, 0] > 150


def test_a_lorry_elsewhere_gets_through() -> None:
    motion = Motion()
    waving(motion, 60, found=False)
    boxes = motion.update(flag(60.0, np.s_[300:330, 400:450]), 60.0)
    assert len(boxes) == 1
    assert boxes[0, 0] > 350


@given(
    steps=st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=12),
    size=st.sampled_from([(360, 640), (90, 160), (9, 17), (1, 1), (720, 1280)]),
)
def test_any_clock_and_any_size_gives_boxes_inside_the_picture(
    steps: list[float], size: tuple[int, int]
) -> None:
    motion, time = Motion(), 1e9
    noise = np.random.default_rng(1)
    for step in steps:
        time += step
        boxes = motion.update(noise.integers(0, 255, size, np.uint8), time)
        motion.judged(boxes, time)
        assert boxes.shape[1] == 4
        assert np.isfinite(boxes).all()
        assert (boxes >= 0).all()
        assert (boxes[:, [0, 2]] <= size[1] * 1.02 + 1).all()
