"""One listener's stream stays one stream, whoever speaks and whatever the network does to the packets."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from relay.media.stream import Packet, Rewriter, sequence_step, stamp_step

RATE = 48000
FRAME = 960
_SEQUENCES, _STAMPS = 1 << 16, 1 << 32

starts = st.tuples(st.integers(0, _SEQUENCES - 1), st.integers(0, _STAMPS - 1), st.integers(0, _STAMPS - 1))


def talk(start: tuple[int, int, int], count: int) -> list[Packet]:
    """Twenty milliseconds each, numbered from any number on."""
    sequence, stamp, ssrc = start
    return [
        Packet((sequence + n) % _SEQUENCES, (stamp + n * FRAME) % _STAMPS, bytes([n % 256]), ssrc=ssrc)
        for n in range(count)
    ]


def rewriter(*, spurts: bool = True, sequence: int = 7, timestamp: int = 99) -> Rewriter:
    return Rewriter(RATE, spurts=spurts, sequence=sequence, timestamp=timestamp)


def passed(listener: Rewriter, packets: list[Packet], now: float = 0.0) -> list[Packet]:
    """In the order they come, 20 ms apart."""
    given = [listener.rewrite(packet, now + n * 0.02) for n, packet in enumerate(packets)]
    return [packet for packet in given if packet is not None]


@given(starts, starts, st.integers(1, 60), st.integers(1, 60), st.floats(0, 3600))
def test_two_speakers_make_one_stream(
    first: tuple[int, int, int], second: tuple[int, int, int], one: int, two: int, pause: float
) -> None:
    listener = rewriter(sequence=first[0], timestamp=first[1])
    before = passed(listener, talk(first, one))
    ended = (one - 1) * 0.02
    listener.fresh()
    after = passed(listener, talk(second, two), ended + pause)
    got = [*before, *after]
    assert [sequence_step(b.sequence, a.sequence) for a, b in pairwise(got)] == [1] * (one + two - 1)
    assert got[0].sequence == first[0]
    assert [packet.marker for packet in got] == [n in (0, one) for n in range(one + two)]
    jump = stamp_step(after[0].timestamp, before[-1].timestamp)
    assert abs(jump - max(pause * RATE, FRAME)) <= 1  # the pause keeps its length
    assert [packet.payload for packet in got] == [p.payload for p in talk(first, one) + talk(second, two)]


@given(starts, st.integers(1, 100), st.sets(st.integers(1, 99)))
def test_what_was_lost_stays_a_hole(start: tuple[int, int, int], count: int, lost: set[int]) -> None:
    packets = talk(start, count)
    kept = [packet for n, packet in enumerate(packets) if n not in lost]
    whole = passed(rewriter(), packets)
    assert passed(rewriter(), kept) == [packet for n, packet in enumerate(whole) if n not in lost]


@given(starts, st.permutations(range(1, 30)))
def test_what_comes_late_keeps_its_place(start: tuple[int, int, int], order: list[int]) -> None:
    packets = talk(start, 30)
    whole = passed(rewriter(), packets)
    listener = rewriter()
    assert passed(listener, [packets[0]]) == whole[:1]
    assert passed(listener, [packets[n] for n in order]) == [whole[n] for n in order]


@given(starts, st.integers(1, 20), st.integers(0, 19))
def test_the_first_to_come_is_the_first(start: tuple[int, int, int], count: int, first: int) -> None:
    """An earlier one that comes later would take a number of the speaker before."""
    packets = talk(start, count)
    first = min(first, count - 1)
    listener = rewriter()
    begun = listener.rewrite(packets[first], 0.0)
    assert begun is not None
    assert (begun.sequence, begun.marker) == (7, True)
    assert all(listener.rewrite(packet, 0.1) is None for packet in packets[:first])


@given(starts, st.integers(3005, 32000))
def test_a_sender_that_starts_over_goes_on(start: tuple[int, int, int], jump: int) -> None:
    listener = rewriter()
    before = passed(listener, talk(start, 5))
    again = talk(((start[0] + jump) % _SEQUENCES, start[1], start[2]), 4)
    after = passed(listener, again, 1.0)
    assert len(after) == 3  # one alone is not believed (RFC 3550, A.1)
    assert sequence_step(after[0].sequence, before[-1].sequence) == 1


def test_one_stray_packet_changes_nothing() -> None:
    listener, packets = rewriter(), talk((100, 0, 1), 20)
    stray = replace(packets[0], sequence=40000)
    whole = passed(rewriter(), packets)
    assert passed(listener, [*packets[:10], stray, *packets[10:]]) == whole


def test_another_ssrc_is_another_run() -> None:
    """A browser that takes another microphone."""
    listener = rewriter()
    got = passed(listener, [*talk((5, 0, 1), 3), *talk((60000, 12345, 2), 3)])
    assert [packet.sequence for packet in got] == [7, 8, 9, 10, 11, 12]
    assert [packet.marker for packet in got] == [True, False, False, True, False, False]


def test_the_marker_of_a_picture_is_its_own() -> None:
    packets = [replace(packet, marker=n % 3 == 2) for n, packet in enumerate(talk((1, 1, 1), 9))]
    got = passed(rewriter(spurts=False), packets)
    assert [packet.marker for packet in got] == [packet.marker for packet in packets]


@given(st.integers(0, 65535), st.integers(-32767, 32767))
def test_steps_wrap_around(sequence: int, step: int) -> None:
    assert sequence_step((sequence + step) % _SEQUENCES, sequence) == step
