"""When packets go out: evenly, however they came in, and never much later than they were spoken."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.loudspeaker.playout import HOLD, MOST, Frame, Playout, Sent
from relay.loudspeaker.rtp import Stream, access_unit

TIME = 0.02


def frame(number: int, quiet: bool = False) -> Frame:
    return Frame(str(number).encode(), quiet)


def played(arrivals: list[float], quiet: bool = False) -> list[tuple[float, Sent]]:
    """When each was sent, if the box looked at exactly the times it was told to."""
    playout, sent = Playout(TIME), []
    for number, now in enumerate([*arrivals, float("inf")]):
        while (due := playout.due) is not None and due <= now:
            taken = playout.take(due)
            assert taken is not None
            sent.append((due, taken))
        if now < float("inf"):
            playout.put(frame(number, quiet), now)
    return sent


def test_evenly_after_a_short_wait() -> None:
    sent = played([0.0, 0.02, 0.045, 0.06, 0.11])
    assert [at for at, _ in sent] == pytest.approx([0.06, 0.08, 0.1, 0.12, 0.14])
    assert [each.first for _, each in sent] == [True, False, False, False, False]
    assert [each.passed for _, each in sent] == pytest.approx([TIME] * 5)


def test_a_pause_is_a_new_speech_with_the_time_that_passed() -> None:
    (_, _), (at, second) = played([0.0, 5.0])
    assert at == pytest.approx(5.0 + HOLD)
    assert second.first
    assert second.passed == pytest.approx(5.0)


def test_what_the_network_held_up_is_left_out() -> None:
    spoken = [number * TIME for number in range(10)]
    burst = [2.0] * 40
    after = [2.0 + number * TIME for number in range(1, 50)]
    sent = played(spoken + burst + after)
    last_at, last = sent[-1]
    assert last.payload == str(len(spoken + burst + after) - 1).encode()
    assert last_at - after[-1] <= HOLD + MOST
    assert len(sent) < len(spoken + burst + after)


def test_silence_between_words_brings_it_back_to_its_usual_lag() -> None:
    arrivals = [0.0] * 12 + [number * TIME for number in range(1, 100)]
    playout = Playout(TIME)
    for number, now in enumerate(arrivals):
        while playout.take(now) is not None:
            pass
        playout.put(frame(number, quiet=number > 20), now)
    due = playout.due
    assert due is not None
    lag = 0.0
    while (due := playout.due) is not None:
        lag = due - arrivals[-1]
        playout.take(due)
    assert lag <= HOLD + 2 * TIME
    assert playout.dropped == 0


@given(st.lists(st.floats(0, 0.5), max_size=80), st.booleans())
def test_never_faster_than_spoken_never_too_late_never_out_of_order(gaps: list[float], quiet: bool) -> None:
    arrivals, now = [], 0.0
    for gap in gaps:
        now += gap
        arrivals.append(now)
    sent = played(arrivals, quiet)
    numbers = [int(each.payload) for _, each in sent]
    assert numbers == sorted(numbers)
    for (before, _), (at, each) in pairwise(sent):
        assert at - before >= TIME - 1e-6
        assert each.passed == pytest.approx(at - before)
    for at, each in sent:
        assert at - arrivals[int(each.payload)] <= HOLD + MOST + 2 * TIME


def test_packets_on_the_wire() -> None:
    stream = Stream(8, ssrc=0xCAFE, sequence=65535, timestamp=(1 << 32) - 100)
    first = stream.packet(b"abc", passed=160, marker=True)
    second = stream.packet(b"d", passed=160, marker=False)
    assert struct.unpack("!BBHII", first[:12]) == (0x80, 0x88, 65535, 60, 0xCAFE)
    assert struct.unpack("!BBHII", second[:12]) == (0x80, 0x08, 0, 220, 0xCAFE)
    assert (first[12:], second[12:]) == (b"abc", b"d")
    assert access_unit(b"x" * 300) == bytes([0, 16, 300 << 3 >> 8, 300 << 3 & 0xFF]) + b"x" * 300
