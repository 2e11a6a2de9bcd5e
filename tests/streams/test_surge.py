"""Packet sizes that surge: when motion wakes a camera, and when nothing may."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.packet import Packet
from streams.surge import Surge

FPS = 25


def stream(sizes: Iterable[float], gop: int = 50, start: float = 0.0) -> Iterator[Packet]:
    for number, size in enumerate(sizes):
        time = start + number / FPS
        key = number % gop == 0
        yield Packet(bytes(round(size) * (20 if key else 1)), time, time, key)


CALM = 2  # a seed whose first ten minutes hold nothing that chance would make a surge of


def quiet(seconds: float, seed: int = CALM, size: float = 2000.0) -> list[float]:
    """A camera's sizes while nothing happens: 8 % up and down."""
    random = np.random.default_rng(seed)
    return list(size * 2 ** random.normal(0, 0.11, round(seconds * FPS)))


def surges(surge: Surge, packets: Iterable[Packet]) -> list[float]:
    """Times at which it says so, s."""
    return [packet.dts for packet in packets if surge.update(packet)]


def learned(seed: int = CALM, gop: int = 50, seconds: float = 60.0) -> tuple[Surge, float]:
    """One that knows its camera, and the time (s) it knows it at."""
    surge = Surge()
    surges(surge, stream(quiet(seconds, seed), gop))
    return surge, seconds


@given(st.lists(st.integers(1, 200_000), max_size=199), st.integers(1, 300))
def test_nothing_is_a_surge_before_the_camera_is_known(sizes: list[int], gop: int) -> None:
    assert not surges(Surge(), stream(sizes, gop))


@given(st.integers(1, 4), st.integers(0, 50))
def test_a_camera_of_larger_pictures_is_judged_alike(octaves: int, seed: int) -> None:
    sizes = [round(size) for size in quiet(20, seed)] + [round(size * 1.5) for size in quiet(3, seed + 1)]
    small = surges(Surge(), stream(sizes))
    large = surges(Surge(), stream([size * 2**octaves for size in sizes]))
    assert small
    assert large == small


def test_a_lorry_that_comes_in_is_noticed_at_once() -> None:
    surge, now = learned()
    found = surges(surge, stream([size * 1.35 for size in quiet(3, 9)], start=now))
    assert found
    assert found[0] - now < 0.5  # of the stream's time


def test_a_faint_one_is_noticed_as_it_goes_on() -> None:
    surge, now = learned()
    found = surges(surge, stream([size * 1.12 for size in quiet(4, 9)], start=now))
    assert found


def test_one_large_picture_is_no_motion() -> None:
    surge, now = learned()
    sizes = quiet(4, 9)
    sizes[30] *= 30
    assert not surges(surge, stream(sizes, start=now))


def test_once_it_is_gone_the_surge_is_over() -> None:
    surge, now = learned()
    surges(surge, stream([size * 2 for size in quiet(10, 9)], start=now))
    after = surges(surge, stream(quiet(30, 3), start=now + 10))
    assert not after or after[-1] < now + 14  # before the analysis comes to rest


def test_what_was_nothing_is_the_usual_afterwards() -> None:
    surge, now = learned()
    rain = [size * 1.8 for size in quiet(64, 9)]
    first = surges(surge, stream(rain[: 4 * FPS], start=now))
    assert first
    surge.accept()
    assert not surges(surge, stream(rain[4 * FPS :], start=now + 4))


def test_gusts_that_come_again_wake_it_only_at_first() -> None:
    surge, now = learned()
    sizes = [
        size * (1.5 if number % (18 * FPS) < 5 * FPS else 1) for number, size in enumerate(quiet(540, 9))
    ]
    wakes = looked = 0
    for number, packet in enumerate(stream(sizes, start=now)):
        surging = surge.update(packet)
        if number == looked:
            surge.accept()  # somebody looked for two and a half seconds, and nothing moved
        elif surging and number > looked:
            wakes, looked = wakes + 1, number + round(2.5 * FPS)
    assert 1 <= wakes <= 6  # of 30 gusts


def test_the_course_after_a_key_frame_is_no_surge() -> None:
    """An encoder mends in the first pictures what its key frame left coarse: large ones, at every key frame."""
    mended = [size * (2.5 if number % 50 < 12 else 1) for number, size in enumerate(quiet(180))]
    assert not surges(Surge(), stream(mended))


def test_a_long_gop_is_learned_as_well() -> None:
    surge, now = learned(gop=250, seconds=70)
    assert surges(surge, stream([size * 1.5 for size in quiet(3, 9)], gop=250, start=now))


def test_dusk_is_followed() -> None:
    """Sizes that double in ten minutes: the level goes along, instead of one long surge."""
    doubling = [size * 2 ** (number / FPS / 600) for number, size in enumerate(quiet(600))]
    assert len(surges(Surge(), stream(doubling))) < 0.02 * len(doubling)


def test_quiet_cameras_are_left_alone() -> None:
    """Twenty cameras for ten minutes each, woken for nothing as rarely as its statistics promise."""
    woken = 0
    for seed in range(20):
        surge = Surge()
        for packet in stream(quiet(600, seed)):
            if surge.update(packet):
                woken += 1
                surge.accept()
    assert (
        woken <= 20 * 600 / (13 * 60) + 4 * 4
    )  # once in 13 minutes by pure chance: 15, and four deviations more


@given(st.lists(st.sampled_from([-86_400.0, -3.0, 5.0, 86_400.0]), min_size=1, max_size=5))
def test_a_clock_that_jumps_is_no_motion(jumps: list[float]) -> None:
    surge, now = learned()
    start = now
    for seed, jump in enumerate(jumps):
        start += jump
        assert not surges(surge, stream(quiet(2, 40 + seed), start=start))
        start += 2


def test_a_new_opening_is_learned_anew() -> None:
    surge, now = learned()
    surge.forget()
    larger = [size * 4 for size in quiet(7, 9)]
    assert not surges(surge, stream(larger, start=now))


def test_key_frames_alone_say_nothing() -> None:
    motion_jpeg = stream([*quiet(30), *(size * 3 for size in quiet(5))], gop=1)
    assert not surges(Surge(), islice(motion_jpeg, 35 * FPS))
