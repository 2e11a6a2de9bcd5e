"""A speaker's packets in their order, whatever the network did."""

from hypothesis import given
from hypothesis import strategies as st

from relay.loudspeaker.order import Order
from relay.media.stream import Packet


def packet(sequence: int, ssrc: int = 1) -> Packet:
    return Packet(sequence % (1 << 16), 0, b"x", ssrc=ssrc)


def out(sequences: list[int]) -> list[int]:
    order = Order()
    return [each.sequence for sequence in sequences for each in order.put(packet(sequence))]


def test_in_order_nothing_waits() -> None:
    assert out([65534, 65535, 65536, 65537]) == [65534, 65535, 0, 1]


def test_a_late_one_is_waited_for_and_a_lost_one_for_two_packets_only() -> None:
    assert out([1, 3, 2, 4]) == [1, 2, 3, 4]
    assert out([1, 3, 4, 5]) == [1, 3, 4, 5]
    assert out([1, 3, 4]) == [1]
    assert out([1, 3, 4, 5, 2, 6]) == [1, 3, 4, 5, 6]


def test_another_speaker_and_one_who_starts_over() -> None:
    order = Order()
    order.put(packet(10))
    assert order.put(packet(12)) == []
    assert [each.sequence for each in order.put(packet(500, ssrc=2))] == [12, 500]
    assert [each.sequence for each in order.put(packet(30000, ssrc=2))] == [30000]
    assert order.put(packet(30002, ssrc=2)) == []
    assert [each.sequence for each in order.flush()] == [30002]


@given(st.integers(0, 65535), st.lists(st.integers(0, 40), max_size=60))
def test_never_out_of_order_and_never_twice(start: int, steps: list[int]) -> None:
    order = Order()
    came = [each for step in steps for each in order.put(packet(start + step))] + order.flush()
    places = [(each.sequence - start) % (1 << 16) for each in came]
    assert places == sorted(set(places))
    assert set(places) <= set(steps)
