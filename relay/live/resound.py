"""Sound that browsers do not play (AAC mostly) to Opus, which every one does (RFC 7874, 3).

Not for two threads, and kept off the event loop by whoever uses it.
"""

from collections.abc import Iterator
from fractions import Fraction

import av
from av import error as av_error
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame

from relay.live.sound import OPUS_RATE
from streams.errors import UnsupportedCodec
from streams.sound import Sound, SoundInfo

_FRAME = 960  # samples: 20 ms
_BIT_RATE = 32_000  # bit/s: speech and engines in full width (RFC 7587, 3.1.1)
_EFFORT = "5"  # of 10; libopus takes half the time of its best, and a camera's microphone is the limit
_OPTIONS = {"application": "audio", "frame_duration": "20", "compression_level": _EFFORT}


class Resounding:
    """Of one camera. garbled: packets that could not be decoded."""

    def __init__(self, info: SoundInfo) -> None:
        """Raises UnsupportedCodec."""
        self.garbled = 0
        self._decoder = _decoder(info)
        self._resampler = av.AudioResampler("s16", "mono", OPUS_RATE, _FRAME)
        self._encoder = _encoder()
        self._taken = self._given = 0  # samples at 48 kHz

    def take(self, sound: Sound) -> list[Sound]:
        """What it completes."""
        try:
            frames = self._decoder.decode(av.Packet(sound.data))
        except av_error.FFmpegError:
            self.garbled += 1
            return []
        begun = sound.time - self._taken / OPUS_RATE  # where all that was given out is counted from
        self._taken += sum(frame.samples * OPUS_RATE // frame.sample_rate for frame in frames)
        return [made for frame in frames for made in self._encoded(frame, begun)]

    def _encoded(self, frame: AudioFrame, begun: float) -> Iterator[Sound]:
        frame.pts = None  # the resampler counts by itself
        for piece in self._resampler.resample(frame):
            for packet in self._encoder.encode(piece):
                yield Sound(bytes(packet), begun + self._given / OPUS_RATE)
                self._given += _FRAME


def _decoder(info: SoundInfo) -> AudioCodecContext:
    try:
        context = av.CodecContext.create(info.codec, "r")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = info.rate or OPUS_RATE
        context.layout = "stereo" if info.channels == 2 else "mono"
        if info.extradata:
            context.extradata = info.extradata
        context.open(strict=False)
    except (av_error.FFmpegError, ValueError) as error:
        raise UnsupportedCodec(info.codec) from error
    return context


def _encoder() -> AudioCodecContext:
    context = av.CodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout, context.format = OPUS_RATE, "mono", "s16"
    context.time_base, context.bit_rate = Fraction(1, OPUS_RATE), _BIT_RATE
    context.options = dict(_OPTIONS)
    return context
