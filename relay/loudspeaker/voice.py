"""Opus as it was received, to what loudspeakers take: decoded once, packed once per form.

Opus: RFC 6716, 7587; G.711: ITU-T; AAC-LC: ISO/IEC 14496-3 in RFC 3640. FFmpeg's libopus decodes: unlike FFmpeg's
own decoder it conceals what is lost. Not for two threads; takes 2.5 ms per second of speech, so it is
kept off the event loop by whoever uses it.
"""

from collections.abc import Collection, Iterator
from fractions import Fraction

import av
import numpy as np
from av import error as av_error
from numpy.typing import NDArray

from relay.loudspeaker.offer import Encoding, Form
from relay.loudspeaker.order import Order
from relay.loudspeaker.playout import Frame
from relay.loudspeaker.rtp import access_unit
from relay.media.stream import Packet, stamp_step

RATE = 48000  # samples per s and ticks per s of Opus' time stamps, whatever is in it (RFC 7587, 4.1)

_CONCEALED = RATE // 10  # 100 ms: libopus fades out what it makes up within that time; more is a pause
_LONGEST = RATE * 120 // 1000  # an Opus packet holds at most 120 ms (RFC 6716, 2.1.4)
_QUIET = 10 ** (-50 / 20) * 32768  # -50 dBFS (RMS): between the words, on a microphone in the field
# Samples of silence before a speech: as much as the resampler's filter holds back (32 taps at 8 kHz, 2 ms to each
# side). Without it each packet would wait for the next one to be filled.
_LEAD = RATE * 3 // 1000
_AAC_RATE = 32000  # bit/s: speech on a horn loudspeaker has nothing above 8 kHz

_CODECS = {
    Encoding.PCMA: ("pcm_alaw", "s16"),
    Encoding.PCMU: ("pcm_mulaw", "s16"),
    Encoding.AAC: ("aac", "fltp"),
}

Spoken = tuple[Form, Frame]


class Voice:
    """Of one talk group: whoever speaks in turn. garbled: packets that were no Opus."""

    def __init__(self) -> None:
        self.garbled = 0
        self._order = Order()
        self._ears: _Ears | None = None
        self._packers: dict[Form, _Packer] = {}

    def hear(self, packet: Packet, forms: Collection[Form]) -> list[Spoken]:
        """The next packet of a speaker; frames for every form, in order."""
        said: list[Spoken] = []
        for ready in self._order.put(packet):
            said += self._heard(ready, forms)
        return said

    def finish(self, forms: Collection[Form]) -> list[Spoken]:
        """Nothing came for a while: what is held back is said, the last packet filled up with silence."""
        said: list[Spoken] = []
        for packet in self._order.flush():
            said += self._heard(packet, forms)
        return said + self._end(forms)

    def _heard(self, packet: Packet, forms: Collection[Form]) -> list[Spoken]:
        said: list[Spoken] = []
        if self._ears is None or not self._ears.follows(packet):
            said += self._end(forms)
            self._ears = _Ears(packet)
        try:
            for sound in self._ears.hear(packet):
                said += self._said(sound, forms)
        except av_error.FFmpegError:
            self.garbled += 1
        return said

    def _said(self, sound: NDArray[np.int16], forms: Collection[Form]) -> list[Spoken]:
        for gone in self._packers.keys() - set(forms):
            del self._packers[gone]
        said: list[Spoken] = []
        for form in forms:
            if form not in self._packers:
                self._packers[form] = _Packer(form)
            said += [(form, frame) for frame in self._packers[form].pack(sound)]
        return said

    def _end(self, forms: Collection[Form]) -> list[Spoken]:
        """A packer is of one speech: its filters and encoders hold a little of what was said last."""
        said = [
            (form, frame) for form in forms if form in self._packers for frame in self._packers[form].finish()
        ]
        self._packers.clear()
        self._ears = None
        return said


class _Ears:
    """Decodes one speech. A hole is concealed as long as it is short."""

    def __init__(self, first: Packet) -> None:
        self._decoder = av.CodecContext.create("libopus", "r")
        assert isinstance(self._decoder, av.AudioCodecContext)
        self._decoder.sample_rate, self._decoder.layout = RATE, "mono"
        self._source, self._next = first.ssrc, first.timestamp
        self._kind = b""

    def follows(self, packet: Packet) -> bool:
        """Whether it belongs to the same speech."""
        missing = stamp_step(packet.timestamp, self._next)
        return packet.ssrc == self._source and -_LONGEST <= missing <= _CONCEALED

    def hear(self, packet: Packet) -> Iterator[NDArray[np.int16]]:
        """Its samples, after what makes up for those that are missing before it. Raises av.FFmpegError."""
        yield from self._concealed(stamp_step(packet.timestamp, self._next))
        for sound in self._decoded(packet.payload):
            self._kind = bytes([packet.payload[0] & 0xFC])
            self._next = packet.timestamp + sound.size
            yield sound

    def _concealed(self, missing: int) -> Iterator[NDArray[np.int16]]:
        """A packet of the same kind with nothing in it stands for a lost one (RFC 6716, 3.2.1): libopus makes up
        for it."""
        while missing > 0 and self._kind:
            for sound in self._decoded(self._kind):
                missing -= sound.size
                yield sound

    def _decoded(self, payload: bytes) -> Iterator[NDArray[np.int16]]:
        for frame in self._decoder.decode(av.Packet(payload)) if payload else ():
            yield frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


class _Packer:
    """One speech in one form."""

    def __init__(self, form: Form) -> None:
        name, samples = _CODECS[form.encoding]
        layout = "mono" if form.channels == 1 else "stereo"
        self._form, self._at = form, 0
        self._resampler = av.AudioResampler(samples, layout, form.rate, form.samples)
        encoder = av.CodecContext.create(name, "w")
        assert isinstance(encoder, av.AudioCodecContext)
        encoder.sample_rate, encoder.layout, encoder.format = form.rate, layout, samples
        encoder.time_base = Fraction(1, form.rate)
        if form.encoding is Encoding.AAC:
            encoder.bit_rate = _AAC_RATE * form.channels
        self._encoder = encoder
        for _ in self.pack(np.zeros(_LEAD, np.int16)):
            raise AssertionError("a lead as long as a packet")

    def pack(self, sound: NDArray[np.int16]) -> Iterator[Frame]:
        """sound: int16 (N,), mono, 48 kHz."""
        for piece in self._resampler.resample(self._framed(sound)):
            quiet = _level(piece.to_ndarray()) < _QUIET
            for packet in self._encoder.encode(piece):
                data = bytes(packet)
                yield Frame(access_unit(data) if self._form.encoding is Encoding.AAC else data, quiet)

    def finish(self) -> Iterator[Frame]:
        """Silence pushes the last words out: one packet's length, and two for an encoder that looks ahead."""
        length = 3 if self._form.encoding is Encoding.AAC else 1
        silence = np.zeros(round(length * self._form.seconds * RATE), np.int16)
        yield from self.pack(silence)

    def _framed(self, sound: NDArray[np.int16]) -> av.AudioFrame:
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += sound.size
        return frame


def _level(sound: NDArray[np.generic]) -> float:
    """RMS on the scale of int16."""
    scale = 1.0 if sound.dtype == np.int16 else 32768.0
    return float(np.sqrt(np.mean(np.square(sound.astype(np.float64))))) * scale
