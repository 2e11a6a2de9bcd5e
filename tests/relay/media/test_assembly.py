"""Pictures out of RTP packets: in any order, with holes, and from senders that start anew."""

import random

from hypothesis import given
from hypothesis import strategies as st

from relay.live.rtp import Packer, h264
from relay.media.assembly import Assembly, Picture
from relay.media.stream import Packet
from tests.support.encoded import shot, units

SHOT = shot(24, gop=12, size=(320, 240))  # key frames in several packets


def packets(sequence: int = 0, stamp: int = 0) -> list[Packet]:
    packer = Packer(h264)
    return [
        Packet(
            (one.sequence + sequence) % (1 << 16),
            (one.timestamp + stamp) % (1 << 32),
            one.payload,
            one.marker,
            7,
        )
        for coded in SHOT.packets
        for one in packer.pack(coded)
    ]


def assembled(given: list[Packet]) -> tuple[list[Picture], Assembly]:
    assembly = Assembly()
    made = [picture for packet in given for picture in assembly.put(packet)]
    return made + assembly.rest(), assembly


def nals(data: bytes) -> list[bytes]:
    return [unit for unit in units(data) if unit[0] & 0x1F != 9]


def test_what_was_packed_comes_out_with_its_time() -> None:
    made, assembly = assembled(packets())
    assert [nals(one.data) for one in made] == [nals(one.data) for one in SHOT.packets]
    assert [one.key for one in made] == [one.key for one in SHOT.packets]
    assert [one.ticks for one in made] == [9000 * number for number in range(24)]
    assert (assembly.lost, assembly.broken) == (0, 0)


@given(st.integers(0, 65535), st.integers(0, (1 << 32) - 1), st.randoms(use_true_random=False))
def test_any_order_and_repeats_make_the_same_pictures(
    sequence: int, stamp: int, chance: random.Random
) -> None:
    """Wherever the numbers wrap around; late by up to 60 packets, as what is sent again over 4G."""
    first, *others = packets(sequence, stamp)
    others += chance.sample(others, 5)
    late = [packet for _, packet in sorted((n + chance.uniform(0, 60), n) for n in range(len(others)))]
    made, assembly = assembled([first, *(others[n] for n in late)])
    assert [one.ticks for one in made] == [9000 * number for number in range(24)]
    assert (assembly.lost, assembly.broken) == (0, 0)


@given(st.data())
def test_a_hole_costs_the_pictures_it_is_in_or_at_and_no_other(data: st.DataObject) -> None:
    given = packets()
    hole = data.draw(st.integers(1, len(given) - 2))
    made, assembly = assembled(given[:hole] + given[hole + 1 :])
    hit = given[hole].timestamp // 9000
    missing = set(range(24)) - {one.ticks // 9000 for one in made}
    assert hit in missing
    assert missing <= {hit, hit + 1}
    assert assembly.lost == 1
    assert 1 <= assembly.broken <= 2


def test_a_beginning_in_the_midst_of_a_picture_is_none() -> None:
    given = packets()
    made, assembly = assembled(given[2:])
    assert [nals(one.data) for one in made] == [nals(one.data) for one in SHOT.packets[1:]]
    assert (assembly.lost, assembly.broken) == (0, 1)


@given(st.lists(st.binary(max_size=40), max_size=40))
def test_what_is_no_h264_makes_no_picture_that_ends_in_the_midst(payloads: list[bytes]) -> None:
    given = [Packet(n, n * 3000, payload, marker=True) for n, payload in enumerate(payloads)]
    made, _ = assembled(given)
    assert all(one.data.startswith(b"\0\0\0\1") for one in made)
