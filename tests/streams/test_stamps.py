from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stamps import LiveClock

NOW = 1_700_000_000.0
DAY = 86_400.0

STAMP = st.none() | st.floats(-1e6, 1e6) | st.sampled_from([0.0, 0.04, 0.08, DAY, -DAY])


def run(stamps: list[tuple[float | None, float | None]], arrivals: list[float]) -> list[tuple[float, float]]:
    clock = LiveClock()
    return [clock.times(*stamp, arrived) for stamp, arrived in zip(stamps, arrivals, strict=True)]


@given(st.lists(st.tuples(STAMP, STAMP, st.floats(0, 5)), max_size=80))
def test_whatever_a_camera_stamps_decoding_times_never_step_back_and_stay_near_the_arrival(
    sent: list[tuple[float | None, float | None, float]],
) -> None:
    clock, arrived, last = LiveClock(), NOW, float("-inf")
    for pts, dts, step in sent:
        arrived += step
        shown, decoded = clock.times(pts, dts, arrived)
        assert decoded >= last
        assert abs(decoded - arrived) < 2.001
        assert 0 <= shown - decoded < 2.001
        last = decoded


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.4), st.sampled_from([5, 10, 25, 50]))
def test_the_camera_s_spacing_survives_a_jittery_network(seed: int, jitter: float, fps: int) -> None:
    random = Random(seed)
    stamps = [number / fps for number in range(400)]
    arrivals = sorted(NOW + stamp + random.uniform(0, jitter) for stamp in stamps)
    times = run([(stamp, stamp) for stamp in stamps], arrivals)
    steps = [after - before for (_, before), (_, after) in pairwise(times)]
    assert all(abs(step - 1 / fps) <= 0.1 * jitter + 0.01 for step in steps)
    assert sum(steps) == pytest.approx(399 / fps, abs=jitter + 0.01)


@pytest.mark.parametrize("ppm", [100, -100])
def test_it_follows_a_camera_clock_that_drifts_for_a_day(ppm: float) -> None:
    clock = LiveClock()
    for number in range(0, int(DAY) * 2):
        true = number / 2
        _, decoded = clock.times(true * (1 + ppm / 1e6), true * (1 + ppm / 1e6), NOW + true)
        assert abs(decoded - NOW - true) < 0.1


def test_without_stamps_the_arrival_counts() -> None:
    arrivals = [NOW, NOW + 0.03, NOW + 0.2]
    assert run([(None, None)] * 3, arrivals) == [(arrived, arrived) for arrived in arrivals]


def test_a_missing_stamp_among_others_is_no_jump() -> None:
    stamps: list[tuple[float | None, float | None]] = [(n / 10, n / 10) for n in range(30)]
    stamps[15] = (None, None)
    times = [decoded for _, decoded in run(stamps, [NOW + n / 10 for n in range(30)])]
    assert times == pytest.approx([NOW + n / 10 for n in range(30)], abs=1e-3)


@pytest.mark.parametrize("jump", [DAY, -DAY, 5.0, -5.0])
def test_a_jump_of_the_camera_s_clock_leaves_no_trace(jump: float) -> None:
    stamps = [n / 10 + (jump if n >= 20 else 0) for n in range(40)]
    times = run([(stamp, stamp) for stamp in stamps], [NOW + n / 10 for n in range(40)])
    assert [decoded for _, decoded in times] == pytest.approx([NOW + n / 10 for n in range(40)], abs=1e-3)


def test_the_box_s_clock_set_back_begins_again_there() -> None:
    arrivals = [NOW + n / 10 - (3600 if n >= 20 else 0) for n in range(40)]
    times = run([(n / 10, n / 10) for n in range(40)], arrivals)
    assert [decoded for _, decoded in times] == pytest.approx(arrivals, abs=1e-3)


def test_the_box_s_clock_set_back_a_little_is_caught_up_with() -> None:
    arrivals = [NOW + n / 10 - (1 if n >= 20 else 0) for n in range(100)]
    times = [decoded for _, decoded in run([(n / 10, n / 10) for n in range(100)], arrivals)]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(arrivals[-1], abs=0.1)


def test_pictures_sent_out_of_order_are_shown_in_order() -> None:
    """B-frames as FFmpeg hands them out: the key frame is decoded two pictures before it is shown."""
    shown = [2, 6, 4, 3, 5, 10, 8, 7, 9]
    stamps = [(place / 10, number / 10) for number, place in enumerate(shown)]
    times = run([(pts, dts) for pts, dts in stamps], [NOW + n / 10 for n in range(9)])
    assert [time for time, _ in times] == pytest.approx([NOW + place / 10 for place in shown], abs=1e-3)
    assert all(time >= decoded for time, decoded in times)


def test_b_frames_whose_decoding_times_are_known_only_later() -> None:
    """The first pictures of a connection, as FFmpeg gave them: pts, dts in 1/90,000 s; the first come at once."""
    stamps: list[tuple[int, int | None]] = [
        (0, None),
        (36000, None),
        (18000, None),
        (9000, 9000),
        (27000, 18000),
    ]
    stamps += [(72000, 27000), (54000, 36000), (45000, 45000), (63000, 54000)]
    arrivals = [NOW, NOW, NOW, NOW, NOW + 0.1, NOW + 0.2, NOW + 0.3, NOW + 0.4, NOW + 0.5]
    seconds = [(pts / 90_000, None if dts is None else dts / 90_000) for pts, dts in stamps]
    times = run(list(seconds), arrivals)
    in_order = [time for _, (time, _) in sorted(zip(stamps, times, strict=True), key=lambda one: one[0][0])]
    assert in_order == sorted(in_order)
    assert all(0.02 < after - before < 0.2 for before, after in pairwise(in_order))


def test_a_lead_that_cannot_be_is_ignored() -> None:
    assert all(shown == decoded for shown, decoded in run([(50.0, 0.0), (-3.0, 0.1)], [NOW, NOW + 0.1]))


def lateness(arrivals: list[tuple[float, float]]) -> list[float]:
    """(stamp, arrival) in s -> how far behind the line is said to be after each."""
    clock, found = LiveClock(), []
    for stamp, arrival in arrivals:
        clock.times(stamp, stamp, arrival)
        found.append(clock.behind)
    return found


def test_a_line_at_half_the_needed_rate_falls_behind_as_long_as_it_lasts() -> None:
    slow = [(number / 25, 1e9 + number / 12.5) for number in range(1000)]
    assert lateness(slow)[-1] == pytest.approx(40, abs=5)


def test_a_handover_that_is_made_up_for_leaves_no_delay() -> None:
    held = [
        (number / 25, 1e9 + max(number / 25, 8.0 if 4 <= number / 25 < 8 else 0)) for number in range(1000)
    ]
    assert max(lateness(held)) < 5
    assert lateness(held)[-1] < 0.5


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0, 3600.0])
def test_a_clock_that_was_set_is_no_delay(jump: float) -> None:
    told = [(number / 25 + (jump if number > 500 else 0), 1e9 + number / 25) for number in range(1000)]
    assert max(lateness(told)) < 0.5


@pytest.mark.parametrize("ppm", [100, -100])
def test_a_cheap_clock_over_a_day_is_no_delay(ppm: int) -> None:
    told = [(second * (1 - ppm / 1e6), 1e9 + second) for second in range(86_400)]
    assert max(lateness(told)) < 1


def test_a_camera_that_stamps_25_hz_and_sends_a_little_less_is_not_late() -> None:
    told = [(number / 25, 1e9 + number / 24.6) for number in range(100_000)]
    assert max(lateness(told)) < 1
