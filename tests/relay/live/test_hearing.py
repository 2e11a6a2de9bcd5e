"""What viewers hear of a camera: as it sends it, converted within a limit, or nothing and why."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from relay.live.hearing import Workshop
from relay.live.resound import Resounding
from relay.live.sound import Silence
from relay.media.stream import Packet
from streams.errors import UnsupportedCodec
from streams.sound import Sound, SoundInfo
from tests.support.callers import PATIENCE
from tests.support.encoded import START, shot
from tests.support.opus import tone

PCMA = SoundInfo("pcm_alaw", 8000, 1)


def spoken(codec: str, name: str, rate: int, seconds: float = 2.0) -> tuple[SoundInfo, list[Sound]]:
    """880 Hz as a camera encodes it."""
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.time_base = rate, "mono", Fraction(1, rate)
    encoder.format = "fltp" if codec == "aac" else "s16"
    frame = av.AudioFrame.from_ndarray(tone(880, seconds)[np.newaxis], "s16", "mono")
    frame.sample_rate, frame.pts = 48000, 0
    encoder.open()
    resampler = av.AudioResampler(encoder.format.name, "mono", rate, encoder.frame_size or rate // 50)
    coded = [packet for piece in resampler.resample(frame) for packet in encoder.encode(piece)]
    begin = coded[0].pts or 0
    sounds = [Sound(bytes(one), START + ((one.pts or 0) - begin) / rate) for one in coded]
    return SoundInfo(name, rate, 1, encoder.extradata or b""), sounds


def decoded(packets: list[Packet] | list[Sound]) -> NDArray[np.int16]:
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = 48000, "mono"
    data = [one.payload if isinstance(one, Packet) else one.data for one in packets]
    frames = [frame for one in data for frame in decoder.decode(av.Packet(one))]
    return np.concatenate([frame.to_ndarray().reshape(-1).astype(np.int16) for frame in frames])


def pitch(samples: NDArray[np.int16]) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples[4800:52800]))))


class Ear:
    def __init__(self) -> None:
        self.got: list[Packet] = []

    def put(self, packet: Packet) -> None:
        self.got.append(packet)


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    made = Workshop(1, wanted=True)
    yield made
    made.close()


@pytest.mark.parametrize(("codec", "name", "rate"), [("aac", "aac", 16000), ("g722", "adpcm_g722", 16000)])
def test_what_browsers_do_not_play_sounds_the_same_in_opus(codec: str, name: str, rate: int) -> None:
    info, sounds = spoken(codec, name, rate)
    resounding = Resounding(info)
    made = [one for sound in sounds for one in resounding.take(sound)]
    assert pitch(decoded(made)) == pytest.approx(880, abs=2)
    assert resounding.garbled == 0
    steps = np.diff([one.time for one in made])
    assert np.allclose(steps, 0.02, atol=0.002)
    assert abs(made[0].time - START) < 0.05


def test_packets_that_are_garbled_are_counted_and_the_rest_is_heard() -> None:
    info, sounds = spoken("aac", "aac", 16000)
    resounding = Resounding(info)
    sounds[10:10] = [Sound(b"\xff" * 50, START + 0.5)] * 3
    made = [one for sound in sounds for one in resounding.take(sound)]
    assert resounding.garbled > 0
    assert pitch(decoded(made)) == pytest.approx(880, abs=2)


def test_a_codec_nobody_knows_is_refused() -> None:
    with pytest.raises(UnsupportedCodec):
        Resounding(SoundInfo("no_such_codec", 8000, 1))


async def test_converted_sound_comes_in_order_without_the_loop_doing_it(workshop: Workshop) -> None:
    info, sounds = spoken("aac", "aac", 48000)
    with workshop.hearing("gate", info) as hearing:
        ear = Ear()
        hearing.source.attach(ear)
        async with asyncio.timeout(PATIENCE):
            for number, sound in enumerate(sounds):
                hearing.sound(sound)
                while len(ear.got) < number - 20:  # fewer wait for the thread than would be dropped
                    await asyncio.sleep(0.002)
            while len(ear.got) < 90:
                await asyncio.sleep(0.01)
    assert hearing.codec == "opus"
    assert [one.sequence for one in ear.got] == list(range(1, len(ear.got) + 1))
    assert pitch(decoded(ear.got)) == pytest.approx(880, abs=2)


async def test_only_so_many_are_converted_and_a_place_is_given_back(workshop: Workshop) -> None:
    info, _ = spoken("aac", "aac", 16000)
    with ExitStack() as stack:
        eight = [stack.enter_context(workshop.hearing("gate", info)) for _ in range(8)]
        assert all(one.silence is None for one in eight)
        with workshop.hearing("road", info) as ninth:
            assert (ninth.codec, ninth.silence) == (None, Silence.BUSY)
        with workshop.hearing("road", PCMA) as passed:
            assert (passed.codec, passed.silence) == ("PCMA", None)
    with workshop.hearing("road", info) as tenth:
        assert tenth.silence is None


@pytest.mark.parametrize(
    ("pictures", "wanted", "info", "why"),
    [
        (1, True, None, Silence.NONE),
        (1, False, PCMA, Silence.OFF),
        (0, True, SoundInfo("aac", 16000, 1), Silence.CODEC),
        (1, True, SoundInfo("no_such_codec", 16000, 1), Silence.CODEC),
    ],
)
async def test_silence_has_a_reason(
    pictures: int, wanted: bool, info: SoundInfo | None, why: Silence
) -> None:
    workshop = Workshop(pictures, wanted=wanted)
    with workshop.hearing("gate", info) as hearing:
        ear = Ear()
        hearing.source.attach(ear)
        hearing.sound(Sound(bytes(160), START))
        assert (hearing.codec, hearing.silence, ear.got) == (None, why, [])
    workshop.close()


async def test_other_sound_than_the_viewers_were_told_of_ends_what_they_hear(workshop: Workshop) -> None:
    with workshop.hearing("gate", PCMA) as hearing:
        ear = Ear()
        hearing.source.attach(ear)
        hearing.opened(replace(shot().info, sound=PCMA))
        hearing.sound(Sound(bytes(160), START))
        assert not hearing.changed.is_set()
        hearing.opened(replace(shot().info, sound=SoundInfo("aac", 16000, 1)))
        hearing.sound(Sound(bytes(160), START + 0.02))
        assert hearing.changed.is_set()
        assert len(ear.got) == 1
