import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.tracker import _judged, _naive_update, _our_update
from bench.traffic import Traffic
from inference.detections import Detections
from inference.tracker import Tracker, TrackerSettings
from inference.tracks import Tracks

CLASSES = ("truck", "bus", "person", "excavator")
TRUCK, BUS, PERSON = 0, 1, 2
STEP = 0.2

Box = tuple[float, float, float, float]
Found = tuple[Box, float, int]


def found(*objects: Found) -> Detections:
    return Detections(
        np.array([box for box, _, _ in objects], np.float32).reshape(-1, 4),
        np.array([score for _, score, _ in objects], np.float32),
        np.array([label for _, _, label in objects], np.int32),
    )


def truck(x: float, y: float = 100, score: float = 0.8, label: int = TRUCK, wide: float = 40) -> Found:
    return (x, y, x + wide, y + 30), score, label


def tracker() -> Tracker:
    return Tracker(TrackerSettings(CLASSES))


def follow(one: Tracker, pictures: Iterable[Detections], start: float = 100.0) -> list[Tracks]:
    return [one.update(picture, start + STEP * number) for number, picture in enumerate(pictures)]


def ids(tracks: Tracks) -> list[int]:
    return [int(number) for number in tracks.ids]


def test_is_confirmed_by_the_second_sighting_and_keeps_its_id() -> None:
    history = follow(tracker(), [found(truck(100 + 5 * n)) for n in range(20)])
    assert len(history[0]) == 0
    assert {tuple(ids(tracks)) for tracks in history[1:]} == {(1,)}
    last = history[-1]
    assert last.seen.all()
    assert (last.first[0], last.last[0]) == pytest.approx((100.0, 100.0 + 19 * STEP))
    assert last.boxes[0] == pytest.approx([195, 100, 235, 130], abs=2)


@pytest.mark.parametrize("stride", [30, 50, 60])
def test_a_small_fast_truck_may_jump_more_than_its_width(stride: float) -> None:
    history = follow(tracker(), [found(truck(100 + stride * n)) for n in range(10)])
    assert {tuple(ids(tracks)) for tracks in history[2:]} == {(1,)}


def test_two_sightings_a_jump_apart_are_no_track_yet() -> None:
    history = follow(tracker(), [found(truck(100)), found(truck(160)), found(truck(100))])
    assert all(len(tracks) == 0 for tracks in history)


def test_two_that_pass_each_other_stay_themselves() -> None:
    pictures = [found(truck(100 + 20 * n, 100), truck(500 - 20 * n, 110)) for n in range(20)]
    history = follow(tracker(), pictures)
    last = history[-1]
    places = dict(zip(ids(last), last.boxes[:, 0].tolist(), strict=True))
    assert places == {1: pytest.approx(480, abs=10), 2: pytest.approx(120, abs=10)}


def test_a_weak_detection_keeps_a_track_alive_but_begins_none() -> None:
    one = tracker()
    follow(one, [found(truck(100))] * 3)
    tracks = follow(one, [found(truck(100, score=0.15), truck(800, score=0.15))] * 30, start=101)[-1]
    assert ids(tracks) == [1]
    assert tracks.seen.all()


def test_a_weak_detection_beside_a_track_is_not_its_own() -> None:
    one = tracker()
    follow(one, [found(truck(100))] * 10)
    assert not one.update(found(truck(135, score=0.15)), 102.0).seen.any()


def test_a_lost_track_moves_on_and_is_found_again() -> None:
    one = tracker()
    follow(one, [found(truck(100 + 20 * n)) for n in range(10)])
    hidden = follow(one, [found()] * 5, start=102.0)
    assert [tracks.seen.tolist() for tracks in hidden] == [[False]] * 5
    assert hidden[-1].boxes[0, 0] == pytest.approx(100 + 20 * 14, abs=15)
    assert hidden[-1].last[0] == pytest.approx(101.8)
    again = one.update(found(truck(100 + 20 * 15)), 103.0)
    assert (ids(again), again.seen.tolist()) == ([1], [True])


def test_a_moving_track_unseen_for_three_seconds_is_dropped_and_its_id_with_it() -> None:
    one = tracker()
    follow(one, [found(truck(100 + 10 * n)) for n in range(5)])  # last seen at 100.8
    history = follow(one, [found()] * 20, start=101.0)
    assert [len(tracks) for tracks in history] == [1] * 15 + [0] * 5
    assert ids(follow(one, [found(truck(140))] * 2, start=105.0)[-1]) == [2]


def test_a_standing_track_is_waited_for_longer_and_is_the_same_when_found_again() -> None:
    one = tracker()
    follow(one, [found(truck(100))] * 5)  # last seen at 100.8
    history = follow(one, [found()] * 60, start=101.0)
    assert {tuple(ids(tracks)) for tracks in history} == {(1,)}
    assert ids(one.update(found(truck(102)), 113.0)) == [1]
    history = follow(one, [found()] * 80, start=113.2)  # last seen at 113.0
    assert [len(tracks) for tracks in history] == [1] * 75 + [0] * 5


def test_a_flicker_is_never_confirmed() -> None:
    pictures = [found(truck(100, score=0.99))] + [found()] * 6
    history = follow(tracker(), pictures * 3)
    assert all(len(tracks) == 0 for tracks in history)


def test_the_label_is_voted_for() -> None:
    names = [TRUCK, BUS, BUS, TRUCK, TRUCK, BUS, TRUCK, TRUCK]
    last = follow(tracker(), [found(truck(100, label=name)) for name in names])[-1]
    assert (ids(last), last.labels.tolist()) == ([1], [TRUCK])


def test_a_sure_sighting_outvotes_two_doubtful_ones() -> None:
    sightings = [(TRUCK, 0.9), (BUS, 0.35), (BUS, 0.35)]
    last = follow(tracker(), [found(truck(100, score=score, label=name)) for name, score in sightings])[-1]
    assert last.labels.tolist() == [TRUCK]


def test_a_person_does_not_take_over_a_truck() -> None:
    one = tracker()
    follow(one, [found(truck(100))] * 5)
    walker: Found = ((112, 100, 132, 130), 0.9, PERSON)
    tracks = follow(one, [found(walker)] * 3, start=101.0)[-1]
    kinds = dict(zip(ids(tracks), tracks.labels.tolist(), strict=True))
    assert kinds == {1: TRUCK, 2: PERSON}
    assert tracks.seen.tolist() == [False, True]


def test_one_truck_found_twice_is_one_track() -> None:
    twice = found(truck(100, score=0.9), truck(103, score=0.8, label=BUS), truck(98, score=0.5))
    assert ids(follow(tracker(), [twice] * 5)[-1]) == [1]


def test_the_order_of_detections_does_not_matter() -> None:
    pictures = [[truck(100 + 10 * n), truck(300, 200, score=0.4), truck(600)] for n in range(6)]
    forth = follow(tracker(), [found(*picture) for picture in pictures])[-1]
    back = follow(tracker(), [found(*reversed(picture)) for picture in pictures])[-1]
    assert sorted(forth.boxes.tolist()) == sorted(back.boxes.tolist())


def test_the_clock_is_set_back_an_hour_and_nothing_happens() -> None:
    one = tracker()
    follow(one, [found(truck(100 + 5 * n)) for n in range(5)], start=10_000)
    history = follow(one, [found(truck(125 + 5 * n)) for n in range(5)], start=6_400)
    assert {tuple(ids(tracks)) for tracks in history} == {(1,)}
    assert history[-1].first[0] == pytest.approx(6_400 - 4 * STEP)
    assert history[-1].last[0] == pytest.approx(6_400 + 4 * STEP)


def test_a_fast_truck_is_not_lost_when_the_clock_is_set_back() -> None:
    one = tracker()
    follow(one, [found(truck(100 + 50 * n)) for n in range(5)])
    tracks = one.update(found(truck(350)), 50.0)
    assert (ids(tracks), tracks.seen.tolist()) == ([1], [True])


def test_an_established_track_chooses_before_one_seen_once() -> None:
    one = tracker()
    follow(one, [found(truck(100))] * 5)
    one.update(found(truck(100), truck(160)), 101.0)
    # The young one, of unknown speed, might have got there as well.
    assert one.update(found(truck(118)), 101.2).seen.tolist() == [True]


def test_a_day_later_nothing_is_the_same() -> None:
    one = tracker()
    follow(one, [found(truck(100))] * 5)
    history = follow(one, [found(truck(100))] * 2, start=100 + 86_400)
    assert [ids(tracks) for tracks in history] == [[], [2]]


def test_a_parked_truck_outlives_a_camera_that_reconnects() -> None:
    one = tracker()
    follow(one, [found(truck(100), truck(400 + 20 * n, 300)) for n in range(10)])
    after = follow(one, [found(truck(101), truck(700, 300))] * 2, start=110.0)
    assert [ids(tracks) for tracks in after] == [[1], [1, 3]]


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    "rubbish",
    [
        ((NAN, 0, 10, 10), 0.9, TRUCK),
        ((0, 0, INF, 10), 0.9, TRUCK),
        ((10, 10, 10, 40), 0.9, TRUCK),
        ((40, 10, 10, 40), 0.9, TRUCK),
        ((-50, 10, -10, 40), 0.9, TRUCK),
        ((700, 10, 740, 40), 0.9, TRUCK),
        ((0, 0, 1e30, 1e30), 0.9, TRUCK),
        ((0, 0, 40, 30), NAN, TRUCK),
        ((0, 0, 40, 30), 0.9, -1),
        ((0, 0, 40, 30), 0.9, len(CLASSES)),
    ],
)
def test_rubbish_is_ignored_and_counted(rubbish: Found) -> None:
    one = tracker()
    for number in range(3):
        tracks = one.update(found(rubbish, truck(100)), number * STEP, size=(640, 360))
    assert ids(tracks) == [1]
    assert one.ignored == 3


def test_only_so_many_are_followed() -> None:
    one = Tracker(TrackerSettings(CLASSES, most=3))
    crowd = found(*(truck(60 * n, score=0.4 + n / 100) for n in range(10)))
    last = follow(one, [crowd] * 4)[-1]
    assert sorted(last.boxes[:, 0].round().tolist()) == [420, 480, 540]
    assert one.ignored == 4 * 7


@pytest.mark.parametrize("time", [NAN, INF, -INF])
def test_refuses_a_time_that_is_none(time: float) -> None:
    with pytest.raises(ValueError, match="time"):
        tracker().update(found(), time)


wild = st.floats(width=32) | st.floats(-50, 700, width=32)
things = st.tuples(st.tuples(wild, wild, wild, wild), wild | st.floats(0, 1, width=32), st.integers(-2, 9))
sane = st.builds(truck, st.integers(0, 600), st.integers(0, 300), st.floats(0.05, 1), st.integers(0, 3))
steps = st.floats(0, 1) | st.sampled_from([-3600.0, -0.1, 5.0, 86_400.0, 1e9])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(steps, st.lists(things | sane, max_size=6)), min_size=1, max_size=25))
def test_whatever_comes_in_what_goes_out_is_sound(pictures: list[tuple[float, list[Found]]]) -> None:
    one, time = tracker(), 1e6
    shown, gone = set[int](), set[int]()
    for step, objects in pictures:
        time += step
        with np.errstate(all="raise", under="ignore"):
            tracks = one.update(found(*objects), time)
        now = ids(tracks)
        assert now == sorted(set(now))
        assert not gone & set(now), "an id came back"
        gone |= shown - set(now)
        shown |= set(now)
        assert np.isfinite(tracks.boxes).all()
        assert (tracks.boxes[:, 2:] >= tracks.boxes[:, :2]).all()
        assert (tracks.first <= tracks.last + 1e-3).all()
        assert (tracks.last <= time + 1e-3).all()
        assert ((tracks.labels >= 0) & (tracks.labels < len(CLASSES))).all()


def test_confuses_few_of_forty_and_fewer_than_the_naive_one() -> None:
    moments = list(Traffic(40, seed=3).moments(150, rate=5))
    ours, naive = _judged(moments, _our_update()), _judged(moments, _naive_update())
    assert float(ours["switches_per_1000_sightings"] or 0) < 15
    assert float(ours["id_switches"] or 0) < float(naive["id_switches"] or 0) / 3
    assert float(ours["followed_ratio"] or 0) > 0.8
