"""What is kept for a late viewer: from the newest key frame on, in order, within its bound."""

import random

from hypothesis import given
from hypothesis import strategies as st

from relay.media.gop import Gop, squeezed
from relay.media.h264 import beginning, opens
from relay.media.stream import Packet
from tests.support.payloads import IDR_END, IDR_START, PICTURE, SLICE, SPS_PPS, video


def kept(packets: list[Packet], limit: int = 1 << 20) -> Gop:
    gop = Gop(limit)
    for packet in packets:
        gop.put(packet)
    return gop


def since_key(packets: list[Packet], keys: list[bool]) -> tuple[Packet, ...]:
    if True not in keys:
        return ()
    at = len(keys) - 1 - keys[::-1].index(True)
    return tuple(packets[sum(3 if key else 1 for key in keys[:at]) :])


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 65535), st.integers(0, (1 << 32) - 1))
def test_from_the_newest_key_frame(keys: list[bool], sequence: int, stamp: int) -> None:
    packets = video(keys, sequence, stamp)
    assert kept(packets).packets == since_key(packets, keys)


@given(st.integers(2, 30), st.randoms(use_true_random=False))
def test_late_packets_are_put_in_their_place(count: int, chance: random.Random) -> None:
    packets = video([True, *[False] * count], 65530)
    shuffled = packets[3:]
    chance.shuffle(shuffled)
    assert kept([*packets[:3], *shuffled, shuffled[0]]).packets == tuple(packets)


def test_a_group_too_large_is_given_up_until_the_next_key_frame() -> None:
    long = video([True, *[False] * 100])
    gop = kept(long, limit=200)
    assert gop.packets == ()
    assert gop.overflows == 1
    again = video([True, False], len(long), 101 * PICTURE)
    for packet in again:
        gop.put(packet)
    assert gop.packets == tuple(again)


def test_without_a_key_frame_next_to_nothing_is_kept() -> None:
    gop = kept(video([False] * 1000), limit=50)
    assert (gop.packets, gop.overflows) == ((), 0)


def test_another_camera_is_another_group() -> None:
    first = video([True, False])
    assert kept(first + video([False], 9, 5, ssrc=2)).packets == ()
    other = video([True], 9, 5, ssrc=2)
    assert kept(first + other).packets == tuple(other)


def test_what_is_older_than_the_key_frame_comes_too_late() -> None:
    before, after = video([False], 9), video([True, False], 10, PICTURE)
    assert kept(after + before).packets == tuple(after)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, (1 << 32) - 1))
def test_squeezed_pictures_end_where_they_ended(keys: list[bool], stamp: int) -> None:
    packets = video(keys, stamp=stamp)
    close = squeezed(packets, 90_000)
    assert close[-1] == packets[-1]
    assert [packet.payload for packet in close] == [packet.payload for packet in packets]
    pictures = [(packet.timestamp - stamp) % (1 << 32) // PICTURE for packet in packets]
    assert [(packets[-1].timestamp - packet.timestamp) % (1 << 32) for packet in close] == [
        90 * (len(keys) - 1 - picture) for picture in pictures
    ]


def test_nothing_squeezed_is_nothing() -> None:
    assert squeezed([], 90_000) == ()


@given(st.binary(max_size=60))
def test_any_payload_can_be_looked_at(payload: bytes) -> None:
    assert all(0 <= kind < 32 for kind in beginning(payload))


def test_where_a_decoder_may_begin() -> None:
    assert beginning(SPS_PPS) == (7, 8)
    assert beginning(IDR_START) == (5,)
    assert beginning(IDR_END) == ()
    assert [opens(each) for each in (SPS_PPS, IDR_START, IDR_END, SLICE)] == [True, True, False, False]
