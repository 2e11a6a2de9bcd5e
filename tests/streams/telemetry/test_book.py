import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.telemetry.book import PoseBook, Reason, Refusal
from streams.telemetry.pose import Attitude, Fov, Gimbal, Heights, Pose, Position
from tests.support.telemetry import about

BEGAN = 1_700_000_000.0
SECONDS = st.lists(st.integers(0, 100_000), min_size=1, max_size=40, unique=True)


def pose(after: float, lat: float = 31.0, lon: float = 121.0, source: str = "uav", **told: object) -> Pose:
    return Pose(time=BEGAN + after, source=source, position=Position(lat, lon), **told)  # type: ignore[arg-type]


def live(device: float, arrival: float, lat: float = 31.0) -> Pose:
    return replace(pose(device, lat), device_time=BEGAN + device, arrival=BEGAN + arrival)


def test_an_empty_book_says_so() -> None:
    fix = PoseBook().at(BEGAN)
    assert (fix.pose, fix.age, fix.fresh, fix.reason) == (None, None, False, Reason.NO_POSE)


def test_between_two_poses_it_interpolates() -> None:
    book = PoseBook()
    book.add(pose(0, 31.0, 121.0, heights=Heights(msl=100)))
    book.add(pose(2, 31.2, 121.4, heights=Heights(msl=110)))
    fix = book.at(BEGAN + 0.5)
    assert (fix.fresh, fix.reason, fix.age) == (True, Reason.INTERPOLATED, 0.5)
    assert fix.pose is not None
    assert fix.pose.time == BEGAN + 0.5
    assert fix.pose.position == about((31.05, 121.1))
    assert (fix.pose.altitude, fix.pose.datum) == (about(102.5), "msl")


def test_after_the_last_pose_it_holds_and_then_calls_it_stale_and_never_moves_it() -> None:
    book = PoseBook(max_age=2.0)
    book.add(pose(0, 31.0))
    book.add(pose(1, 31.1))
    held, stale = book.at(BEGAN + 3.0), book.at(BEGAN + 3.01)
    assert (held.fresh, held.reason, held.age) == (True, Reason.HELD, 2.0)
    assert (stale.fresh, stale.reason) == (False, Reason.STALE)
    for fix in (held, stale):
        assert fix.pose is not None
        assert (fix.pose.position, fix.pose.time) == ((31.1, 121.0), BEGAN + 1)
    assert stale.pose is not None
    assert stale.pose.age(BEGAN + 60) == 59


def test_a_gap_too_wide_is_not_bridged() -> None:
    book = PoseBook(max_age=2.0, max_gap=3.0)
    book.add(pose(0, 31.0))
    book.add(pose(3.5, 31.7))
    assert (book.at(BEGAN + 1.5).reason, book.at(BEGAN + 3).reason) == (Reason.HELD, Reason.STALE)


def test_before_the_first_pose_nothing_is_known() -> None:
    book = PoseBook()
    book.add(pose(10))
    assert (book.at(BEGAN + 9.9).pose, book.at(BEGAN + 9.9).reason) == (None, Reason.TOO_EARLY)


@pytest.mark.parametrize(("a", "b", "middle"), [(350, 20, 5), (20, 350, 5), (10, 30, 20), (180, 182, 181)])
def test_directions_turn_the_shorter_way(a: float, b: float, middle: float) -> None:
    book = PoseBook()
    for after, yaw in ((0, a), (2, b)):
        book.add(
            pose(
                after,
                attitude=Attitude(yaw, -5, after),
                gimbal=Gimbal("earth", yaw, -90, 0),
                course=yaw,
                fov=Fov(60),
            )
        )
    got = book.at(BEGAN + 1).pose
    assert got is not None
    assert got.attitude == Attitude(about(middle), -5, 1)
    assert got.gimbal == Gimbal("earth", about(middle), -90, 0)
    assert (got.course, got.fov) == (about(middle), Fov(60))


def test_across_the_date_line() -> None:
    book = PoseBook()
    book.add(pose(0, 0.5, 179.9))
    book.add(pose(1, 0.5, -179.9))
    got = book.at(BEGAN + 0.75).pose
    assert got is not None
    assert got.position == about((0.5, -179.95))


def test_what_only_one_side_tells_is_not_made_up() -> None:
    book = PoseBook()
    book.add(
        pose(0, heights=Heights(msl=5, takeoff=1), gimbal=Gimbal("earth", 1, 2, 3), attitude=Attitude(yaw=1))
    )
    book.add(pose(1, heights=Heights(takeoff=3), gimbal=Gimbal("airframe", 1, 2, 3)))
    got = book.at(BEGAN + 0.5).pose
    assert got is not None
    assert (got.altitude, got.datum, got.gimbal, got.attitude) == (2, "takeoff", None, None)


def test_a_lost_fix_is_told_at_once() -> None:
    book = PoseBook()
    book.add(pose(0))
    book.add(replace(pose(1), position=None))
    assert book.at(BEGAN + 0.5).reason is Reason.HELD
    lost = book.at(BEGAN + 1.1)
    assert (lost.fresh, lost.reason) == (False, Reason.NO_FIX)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (pose(0, 91), Refusal.OUT_OF_RANGE),
        (pose(0, 31, 180.1), Refusal.OUT_OF_RANGE),
        (pose(0, math.nan), Refusal.OUT_OF_RANGE),
        (pose(math.nan), Refusal.BAD_TIME),
        (replace(pose(0), device_time=math.inf, arrival=BEGAN), Refusal.BAD_TIME),
    ],
)
def test_impossible_poses_are_refused_and_counted(bad: Pose, why: Refusal) -> None:
    book = PoseBook()
    assert book.add(bad) is why
    assert (book.statistics().taken, book.statistics().refused) == (0, {why: 1})


def test_zeros_are_no_fix() -> None:
    book = PoseBook()
    book.add(pose(0, 0.0, 0.0))
    assert book.at(BEGAN).reason is Reason.NO_FIX


@given(SECONDS, st.integers(0, 2**32), st.floats(-10, 1100))
def test_the_order_of_arrival_does_not_matter(times: list[int], seed: int, asked: float) -> None:
    shuffled = list(times)
    Random(seed).shuffle(shuffled)
    books = PoseBook(), PoseBook()
    for book, order in zip(books, (sorted(times), shuffled), strict=True):
        for t in order:
            book.add(pose(t / 100, 20 + t / 10_000))
    assert books[0].at(BEGAN + asked) == books[1].at(BEGAN + asked)


@given(SECONDS, st.floats(-10, 1100))
def test_a_position_is_always_within_what_was_told(times: list[int], asked: float) -> None:
    book = PoseBook(max_age=2.0, max_gap=3.0)
    lats = {t / 100: 20 + (t * 7919 % 1000) / 100 for t in times}
    for after, lat in lats.items():
        book.add(pose(after, lat))
    fix = book.at(BEGAN + asked)
    moment = BEGAN + asked
    earlier = [t for t in lats if BEGAN + t <= moment]
    if not earlier:
        assert fix.pose is None
        return
    last = max(earlier)
    assert fix.pose is not None
    assert fix.pose.position is not None
    assert fix.age == about(moment - BEGAN - last, abs=1e-5)
    if fix.reason is Reason.INTERPOLATED:
        following = min(t for t in lats if BEGAN + t > moment)
        assert following - last <= 3.0 + 1e-6
        low, high = sorted((lats[last], lats[following]))
        assert low - 1e-9 <= fix.pose.position.lat <= high + 1e-9
    else:
        assert fix.pose.position.lat == lats[last]
        assert fix.fresh == (fix.age is not None and fix.age <= 2.0)


def test_of_two_poses_of_one_moment_the_fuller_stays() -> None:
    for order in (0, 1), (1, 0):
        book = PoseBook()
        told = pose(0), pose(0, 31.0, 121.0, heights=Heights(msl=100))
        for index in order:
            book.add(told[index])
        got = book.at(BEGAN).pose
        assert got is not None
        assert got.altitude == 100
    assert book.add(pose(0)) is Refusal.DUPLICATE


def test_the_oldest_go_first() -> None:
    book = PoseBook(capacity=3, sources=1)
    for after in range(5):
        book.add(pose(after))
    assert book.add(pose(0.5)) is Refusal.OLDER_THAN_KEPT
    assert book.at(BEGAN + 1).reason is Reason.TOO_EARLY
    assert book.add(pose(9, source="another")) is Refusal.TOO_MANY_SOURCES


def test_the_source_that_knows_best_answers() -> None:
    book = PoseBook()
    book.add(pose(0, 30.0, source="osd"))
    book.add(pose(5, 31.0, source="klv"))
    book.add(pose(6, 31.0, source="klv"))
    got = book.at(BEGAN + 5.5).pose
    assert got is not None
    assert got.source == "klv"
    assert (latest := book.latest()) is not None
    assert latest.time == BEGAN + 6


def test_a_links_delay_is_not_taken_for_a_wrong_clock() -> None:
    book = PoseBook()
    for n in range(10):
        book.add(live(n, n + 0.3 + (n % 3) / 10))
    fix = book.at(BEGAN + 9)
    assert fix.pose is not None
    assert (fix.pose.time, fix.pose.device_time) == (BEGAN + 9, BEGAN + 9)
    assert book.statistics().offsets["uav"] == about(0.3)


def test_a_wrong_clock_is_corrected_and_both_times_are_told() -> None:
    book = PoseBook()
    for n in range(10):  # the drone's clock is an hour behind
        book.add(live(n, 3600 + n + (0.2 if n == 4 else 0.9), 31 + n / 10))
    fix = book.at(BEGAN + 3600 + 5.7)
    assert (fix.reason, fix.fresh) == (Reason.INTERPOLATED, True)
    assert fix.pose is not None
    assert fix.pose.position == about((31.55, 121))
    last = book.latest()
    assert last is not None
    assert (last.time, last.device_time, last.arrival) == about((BEGAN + 3609.2, BEGAN + 9, BEGAN + 3609.9))


def test_a_clock_that_is_set_begins_a_new_page() -> None:
    book = PoseBook()
    for n in range(5):
        book.add(live(n - 1e9, n))  # the receiver has no time yet
    book.add(live(5, 5.1))
    assert book.statistics().clock_set == 1
    assert book.at(BEGAN + 5).reason is Reason.EXACT
    assert book.at(BEGAN + 4).reason is Reason.TOO_EARLY


def test_a_clock_set_back_needs_witnesses() -> None:
    book = PoseBook()
    for n in range(5):
        book.add(live(n, n))
    assert [book.add(live(n - 5000, n)) for n in (5, 6)] == [Refusal.LATE] * 2
    assert book.at(BEGAN + 5).reason is Reason.HELD
    assert book.add(live(7 - 5000, 7)) is None
    assert book.at(BEGAN + 7).fresh


def test_a_burst_after_a_dead_link_is_put_where_it_belongs() -> None:
    book = PoseBook()
    for n in range(10):
        book.add(live(n, n + 0.1, 31 + n / 100))
    for n in range(10, 30):  # 4G was gone for 20 s and delivers what it kept
        book.add(live(n, 30.1, 31 + n / 100))
    fix = book.at(BEGAN + 20.5)
    assert fix.pose is not None
    assert fix.pose.position == about((31.205, 121))
    assert book.statistics().refused == {}
