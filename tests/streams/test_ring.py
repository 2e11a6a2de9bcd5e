import itertools
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.packet import Packet
from streams.ring import Kept, Ring
from streams.source import StreamInfo
from tests.support.encoded import content
from tests.support.sinks import PATIENCE, eventually

INFO = StreamInfo("h264", 160, 120, 10.0)
SECONDS, LIMIT = 5.0, 1000

# Size in bytes, time since the one before in s, key frame, and whether a new opening begins with it.
Sent = tuple[int, float, bool, bool]
SENT = st.tuples(st.integers(1, 400), st.floats(0, 3), st.booleans(), st.integers(0, 9).map(lambda n: n == 0))


def packet(time: float, *, key: bool = False, size: int = 10) -> Packet:
    return Packet(b"\1" * size, time, time, key)


def gops(count: int, length: int, *, size: int = 10, fps: float = 10, start: float = 0.0) -> list[Packet]:
    return [
        packet(start + number / fps, key=number % length == 0, size=size) for number in range(count * length)
    ]


def ring(packets: list[Packet], seconds: float = SECONDS, limit: int = LIMIT) -> Ring:
    made = Ring(seconds, limit)
    made.open(INFO)
    for one in packets:
        made.put(one)
    return made


def numbers(kept: list[Kept]) -> list[int]:
    return [one.number for one in kept]


@given(st.lists(SENT, max_size=120))
def test_its_bounds_hold_and_it_begins_with_a_key_frame_whatever_comes(sequence: list[Sent]) -> None:
    made, now = Ring(SECONDS, LIMIT), 0.0
    made.open(INFO)
    for size, step, key, opens in sequence:
        now += step
        if opens:
            made.open(INFO)
        made.put(packet(now, key=key, size=size))
        kept = content(made)
        assert numbers(kept) == list(range(made.last_number - len(kept) + 1, made.last_number + 1))
        assert sum(one.packet.size for one in kept) == made.statistics().bytes <= LIMIT
        openings = [one.opening for one in kept]
        assert openings == sorted(openings)
        for before, one in zip([None, *kept], kept, strict=False):
            if before is None or before.opening != one.opening:
                assert one.packet.key
        second = next((one for one in kept[1:] if one.packet.key), None)
        assert second is None or kept[-1].packet.dts - second.packet.dts < SECONDS
    statistics = made.statistics()
    assert statistics.put == len(sequence)
    assert statistics.headless + made.last_number + 1 == len(sequence)


@given(st.lists(SENT, max_size=60), st.lists(st.floats(-7200, 7200), max_size=3))
def test_a_clock_that_jumps_either_way_breaks_no_bound(sequence: list[Sent], jumps: list[float]) -> None:
    made, now = Ring(SECONDS, LIMIT), 0.0
    made.open(INFO)
    for place, (size, step, key, _) in enumerate(sequence):
        now += step + (jumps[place // 20] if place % 20 == 19 and place // 20 < len(jumps) else 0)
        made.put(packet(now, key=key, size=size))
        kept = content(made)
        assert not kept or kept[0].packet.key
        assert made.statistics().bytes <= LIMIT
        second = next((one for one in kept[1:] if one.packet.key), None)
        assert second is None or 0 <= now - second.packet.dts < SECONDS


def test_it_keeps_at_least_its_seconds_and_at_most_one_gop_more() -> None:
    made = ring(gops(20, 10), limit=100_000)
    assert SECONDS <= made.statistics().seconds < SECONDS + 1.0
    assert content(made)[0].packet.key


def test_a_gop_longer_than_the_ring_is_kept_whole_until_the_next_has_its_seconds() -> None:
    made = ring(gops(1, 100), limit=100_000)
    assert made.statistics().seconds == pytest.approx(9.9)
    for one in gops(1, 50, start=10.0):
        made.put(one)
    assert numbers(content(made))[0] == 0
    made.put(packet(15.0))
    assert numbers(content(made))[0] == 100


def test_a_gop_over_the_limit_is_given_up_and_the_next_one_kept() -> None:
    made = ring(gops(1, 101))
    assert content(made) == []
    assert made.newest is None
    made.put(packet(10.2))
    statistics = made.statistics()
    assert (statistics.overflows, statistics.headless, statistics.bytes) == (1, 1, 0)
    made.put(packet(11.0, key=True))
    assert numbers(content(made)) == [101]


def test_whoever_waits_on_a_ring_that_gave_up_its_gop_is_not_sent_round_in_circles() -> None:
    made = ring(gops(1, 101))
    waited = threading.Event()
    found: list[Kept | None] = []

    def read() -> None:
        found.append(made.read(5, PATIENCE))
        waited.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert not waited.wait(0.2), "it waits for the next key frame"
    made.put(packet(20.0, key=True))
    thread.join(PATIENCE)
    assert found[0] is not None
    assert found[0].number == 101


def test_reading_goes_on_from_a_number_or_from_the_oldest_that_is_left() -> None:
    made = ring(gops(2, 10))
    assert [one.number for one in (made.read(n, 0.0) for n in (-1, 4, 18)) if one] == [0, 5, 19]
    assert made.read(19, 0.0) is None
    for one in gops(10, 10, start=2.0, size=50):
        made.put(one)
    oldest = made.read(4, 0.0)
    assert oldest is not None
    assert oldest.packet.key
    assert oldest.number == 100


def test_the_newest_key_frame_is_read_once() -> None:
    made = ring(gops(3, 10))
    newest = made.read_key(-1, 0.0)
    assert newest is not None
    assert newest.number == 20
    assert made.read_key(20, 0.0) is None
    assert made.read_key(19, 0.0) == newest


@pytest.mark.parametrize(
    ("time", "number"), [(-5, 0), (0, 0), (0.95, 0), (1.0, 10), (1.05, 10), (99, 20), (float("inf"), 20)]
)
def test_the_key_frame_before_a_moment(time: float, number: int) -> None:
    assert ring(gops(3, 10)).key_before(time) == number


def test_an_empty_ring() -> None:
    made = Ring()
    made.open(INFO)
    assert (made.read(-1, 0.0), made.read_key(-1, 0.0), made.key_before(0), made.newest) == (None,) * 4
    assert made.last_number == -1
    assert made.statistics().seconds == 0


def test_a_second_opening_waits_for_its_own_key_frame() -> None:
    made, other = ring(gops(1, 10)), replace(INFO, codec="hevc")
    made.open(other)
    made.put(packet(1.0))
    assert made.last_number == 9
    made.put(packet(1.1, key=True))
    kept = content(made)
    assert [(one.opening, one.info.codec) for one in (kept[9], kept[10])] == [(1, "h264"), (2, "hevc")]
    assert made.statistics().headless == 1


def test_the_end_of_a_recording_lets_readers_go() -> None:
    made = ring(gops(1, 10))
    found: list[Kept | None] = []
    thread = threading.Thread(target=lambda: found.append(made.read(9, 10 * PATIENCE)))
    thread.start()
    made.end()
    thread.join(PATIENCE)
    assert found == [None]
    assert made.ended
    made.open(INFO)
    assert not made.ended


def test_readers_on_other_threads_see_every_packet_in_order_or_a_key_frame_after_a_hole() -> None:
    made = Ring(seconds=2.0, limit=1 << 20)
    made.open(INFO)
    seen: list[list[Kept]] = [[], [], []]

    def follow(place: int) -> None:
        after = -1
        while not (made.ended and after == made.last_number):
            if (one := made.read(after, 0.2)) is not None:
                seen[place].append(one)
                after = one.number

    def glance() -> None:
        after = -1
        while not made.ended:
            if (one := made.read_key(after, 0.2)) is not None:
                seen[2].append(one)
                after = one.number

    threads = [threading.Thread(target=follow, args=(place,)) for place in (0, 1)]
    threads.append(threading.Thread(target=glance))
    for thread in threads:
        thread.start()
    for one in gops(300, 10):
        made.put(one)
    eventually(lambda: all(kept and kept[-1].number == 2999 for kept in seen[:2]))
    made.end()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    for kept in seen:
        assert numbers(kept) == sorted(set(numbers(kept)))
    for kept in seen[:2]:
        for before, after in itertools.pairwise(kept):
            assert after.number == before.number + 1 or after.packet.key
    assert all(one.packet.key for one in seen[2])
