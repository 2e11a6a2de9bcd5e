"""From Opus to what loudspeakers take: pitch and loudness survive, and so do losses."""

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from relay.loudspeaker.offer import Encoding, Form
from relay.loudspeaker.voice import Voice
from relay.media.stream import Packet
from tests.support.opus import level, packets, pitch, tone

PCMA, PCMU = Form(Encoding.PCMA, 8000, 1, 160), Form(Encoding.PCMU, 8000, 1, 480)
WIDE, AAC = Form(Encoding.PCMA, 16000, 1, 320), Form(Encoding.AAC, 16000, 1, 1024)
DECODERS = {Encoding.PCMA: "pcm_alaw", Encoding.PCMU: "pcm_mulaw", Encoding.AAC: "aac"}


def spoken(heard: list[Packet], *forms: Form) -> dict[Form, list[bytes]]:
    voice, said = Voice(), {form: list[bytes]() for form in forms}
    told = [each for packet in heard for each in voice.hear(packet, forms)] + voice.finish(forms)
    for form, frame in told:
        said[form].append(frame.payload)
    return said


def decoded(form: Form, payloads: list[bytes]) -> NDArray[np.int16]:
    decoder = av.CodecContext.create(DECODERS[form.encoding], "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = form.rate, "mono"
    if form.encoding is Encoding.AAC:
        decoder.extradata = bytes.fromhex("1408")
        payloads = [payload[4:] for payload in payloads]
    frames = [frame.to_ndarray() for payload in payloads for frame in decoder.decode(av.Packet(payload))]
    sound = np.concatenate([frame.reshape(-1) for frame in frames])
    return sound if sound.dtype == np.int16 else (sound * 32767).astype(np.int16)


@pytest.mark.parametrize("form", [PCMA, PCMU, WIDE, AAC])
def test_pitch_and_loudness(form: Form) -> None:
    said = spoken(packets(tone(1000, 2.0)), form)[form]
    sound = decoded(form, said)
    assert 2.0 * form.rate <= sound.size <= 2.0 * form.rate + 4 * form.samples
    assert pitch(sound, form.rate) == pytest.approx(1000, abs=2)
    assert level(sound[form.samples * 2 : -form.samples * 4]) == pytest.approx(-9.0, abs=0.5)
    if form.encoding is not Encoding.AAC:
        assert {len(payload) for payload in said} == {form.samples}


def test_each_packet_is_said_as_soon_as_it_is_heard() -> None:
    voice = Voice()
    assert [len(voice.hear(packet, {PCMA})) for packet in packets(tone(500, 0.2))] == [1] * 10


def test_decoded_once_for_all_and_only_for_those_that_listen() -> None:
    heard = packets(tone(700, 0.5))
    together, alone = spoken(heard, PCMA, AAC), spoken(heard, PCMA)
    assert together[PCMA] == alone[PCMA]
    assert spoken(heard) == {}


def test_lost_packets_are_concealed_in_their_place() -> None:
    heard = packets(tone(1000, 1.0), sequence=65530, timestamp=(1 << 32) - 960 * 3)
    del heard[25:27]
    sound = decoded(PCMA, spoken(heard, PCMA)[PCMA])
    assert sound.size == 8000 + 160  # the last packet's is silence
    assert level(sound[25 * 160 : 27 * 160]) > -16
    assert level(sound[30 * 160 : 40 * 160]) == pytest.approx(-9.0, abs=0.5)


def test_a_late_packet_takes_its_place() -> None:
    heard = packets(tone(1000, 1.0))
    late = heard.copy()
    late[20], late[21] = late[21], late[20]
    assert spoken(late, PCMA) == spoken(heard, PCMA)


def test_a_pause_is_no_sound() -> None:
    before, after = packets(tone(500, 0.4)), packets(tone(900, 0.4), sequence=20, timestamp=48000 * 60)
    sound = decoded(PCMA, spoken(before + after, PCMA)[PCMA])
    assert sound.size <= 8000 * 0.9


def test_the_next_speaker_starts_afresh() -> None:
    first, second = packets(tone(400, 0.5), ssrc=1), packets(tone(900, 0.5), ssrc=2, sequence=9000)
    said = spoken(first + second, PCMA)[PCMA]
    assert pitch(decoded(PCMA, said[:25]), 8000) == pytest.approx(400, abs=4)
    assert pitch(decoded(PCMA, said[-24:]), 8000) == pytest.approx(900, abs=4)


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xff\xff", b"\x03", bytes(2000)])
def test_what_is_no_opus_is_a_hole(rubbish: bytes) -> None:
    heard = packets(tone(1000, 1.0))
    heard[20] = Packet(heard[20].sequence, heard[20].timestamp, rubbish, ssrc=1)
    sound = decoded(PCMA, spoken(heard, PCMA)[PCMA])
    assert pitch(sound, 8000) == pytest.approx(1000, abs=2)
    assert sound.size == pytest.approx(8000, abs=800)
