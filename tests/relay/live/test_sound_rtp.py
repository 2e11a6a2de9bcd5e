"""A camera's sound as RTP: stamps that count samples, over jitter and holes."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.live.sound import SoundPacker, opus_samples, passes
from relay.media.stream import stamp_step
from streams.sound import Sound, SoundInfo
from tests.support.encoded import START
from tests.support.opus import packets, tone


@pytest.mark.parametrize(
    ("info", "codec"),
    [
        (SoundInfo("pcm_alaw", 8000, 1), "PCMA"),
        (SoundInfo("pcm_mulaw", 8000, 1), "PCMU"),
        (SoundInfo("opus", 48000, 2), "opus"),
        (SoundInfo("pcm_alaw", 16000, 1), None),
        (SoundInfo("pcm_alaw", 8000, 2), None),
        (SoundInfo("aac", 16000, 1), None),
        (SoundInfo("adpcm_g722", 16000, 1), None),
    ],
)
def test_what_every_browser_plays_passes(info: SoundInfo, codec: str | None) -> None:
    assert passes(info) == codec


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_g711_of_any_length_is_cut_and_counted_whatever_the_clock_does(
    sizes: list[int], chance: random.Random
) -> None:
    packer, samples, made = SoundPacker("PCMA"), 0, []
    for size in sizes:
        jitter = chance.uniform(-0.04, 0.04)
        made += list(packer.pack(Sound(bytes(size), START + samples / 8000 + jitter)))
        samples += size
    assert sum(len(one.payload) for one in made) == samples
    assert max(len(one.payload) for one in made) <= 480
    at = 0
    for number, one in enumerate(made):
        assert stamp_step(one.timestamp, made[0].timestamp) == at
        assert one.sequence == made[0].sequence + number
        at += len(one.payload)


def test_what_is_missing_is_a_step_of_its_length_and_the_next_one_begins_anew() -> None:
    packer = SoundPacker("PCMU")
    times = [0.0, 0.02, 0.04, 1.04, 1.06]
    made = [one for time in times for one in packer.pack(Sound(bytes(160), START + time))]
    assert [stamp_step(one.timestamp, made[0].timestamp) for one in made] == [0, 160, 320, 8320, 8480]
    assert [one.marker for one in made] == [False, False, False, True, False]


def test_each_packet_says_when_it_sounded() -> None:
    """By which a sender report tells a browser what belongs together."""
    made = list(SoundPacker("PCMA").pack(Sound(bytes(1000), START)))
    assert [one.time for one in made] == [START, START + 0.06, START + 0.12]


def test_opus_is_counted_by_its_own_word() -> None:
    spoken = packets(tone(440, 0.2))
    packer = SoundPacker("opus")
    made = [
        one for n, packet in enumerate(spoken) for one in packer.pack(Sound(packet.payload, START + n * 0.02))
    ]
    assert set(np.diff([one.timestamp for one in made])) == {960}


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (bytes([0b00000_0_00]), 480),  # SILK, 10 ms
        (bytes([0b00011_0_00]), 2880),  # SILK, 60 ms
        (bytes([0b01101_0_00]), 960),  # hybrid, 20 ms
        (bytes([0b10000_0_00]), 120),  # CELT, 2.5 ms
        (bytes([0b11111_0_01]), 1920),  # two of 20 ms
        (bytes([0b11111_0_11, 0x03]), 2880),  # three of 20 ms
        (b"", 960),
        (bytes([0b11111_0_11]), 1920),
    ],
)
def test_the_table_of_rfc_6716(packet: bytes, samples: int) -> None:
    assert opus_samples(packet) == samples


@given(st.binary(max_size=4))
def test_no_packet_stands_still(packet: bytes) -> None:
    assert opus_samples(packet) >= 120
