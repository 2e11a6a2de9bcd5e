"""Speech for the tests: tones as Opus, as a browser would send them, and what comes out of a loudspeaker measured."""

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from relay.media.stream import Packet

FRAME = 960  # samples of an Opus packet of 20 ms at 48 kHz


def tone(frequency: float, seconds: float, level: float = -6.0) -> NDArray[np.int16]:
    """48 kHz, mono. level: of its peaks, dBFS."""
    at = np.arange(round(seconds * 48000)) / 48000
    return (10 ** (level / 20) * 32767 * np.sin(2 * np.pi * frequency * at)).astype(np.int16)


def packets(
    sound: NDArray[np.int16], *, sequence: int = 0, timestamp: int = 0, ssrc: int = 1
) -> list[Packet]:
    """One per 20 ms."""
    return [
        Packet((sequence + place) % (1 << 16), (timestamp + place * FRAME) % (1 << 32), data, ssrc=ssrc)
        for place, data in enumerate(_encoded(sound))
    ]


def _encoded(sound: NDArray[np.int16]) -> Iterator[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "mono", "s16"
    encoder.time_base, encoder.options = Fraction(1, 48000), {"application": "voip"}
    for start in range(0, sound.size - FRAME + 1, FRAME):
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis, start : start + FRAME], "s16", "mono")
        frame.sample_rate, frame.pts = 48000, start
        yield from (bytes(packet) for packet in encoder.encode(frame))


def pitch(sound: NDArray[np.int16], rate: int) -> float:
    """The loudest frequency, Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return float(np.argmax(spectrum) * rate / sound.size)


def level(sound: NDArray[np.int16]) -> float:
    """RMS, dBFS: a sine with peaks of -6 has -9."""
    power = float(np.mean(np.square(sound.astype(np.float64))))
    return float(10 * np.log10(max(power, 1e-9) / 32768**2))
