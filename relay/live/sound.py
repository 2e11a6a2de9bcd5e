"""A camera's sound to RTP: G.711 (RFC 3551, 4.5.14) and Opus (RFC 7587) as it is. Pure."""

from collections.abc import Iterator
from enum import StrEnum

from relay.media.stream import Packet as RtpPacket
from streams.sound import Sound, SoundInfo

OPUS_RATE = 48_000  # ticks per s whatever is in it (RFC 7587, 4.1)
_G711_RATE = 8_000
_G711 = {"pcm_alaw": "PCMA", "pcm_mulaw": "PCMU"}
_LONGEST = (
    480  # bytes of a G.711 packet, 60 ms: cameras and FLV send up to a second in one, which no packet holds
)
# s that stamps may differ from counted samples: jitter of the camera's clock below, packets that are missing above
_GAP = 0.1


class Silence(StrEnum):
    """Why a viewer hears nothing."""

    NONE = "none"  # the camera sends no sound
    OFF = "off"  # the site wants none
    CODEC = "codec"  # nothing here understands it, or nothing there
    BUSY = "busy"  # as many cameras' sound as may be is converted already


def passes(info: SoundInfo) -> str | None:
    """The codec's name in SDP where every browser plays it as it is (RFC 7874, 3); None: it has to be converted."""
    if info.codec == "opus":
        return "opus"
    return _G711.get(info.codec) if (info.rate, info.channels) == (_G711_RATE, 1) else None


class SoundPacker:
    """One stream of RTP. Stamps count samples, so that a clock's jitter is not heard; packets that are missing are a
    step in them, and the box's time of each tells a sender report where it belongs."""

    def __init__(self, codec: str) -> None:
        """codec: as of `passes`."""
        self._opus = codec == "opus"
        self.rate = OPUS_RATE if self._opus else _G711_RATE
        self._sequence = self._stamp = 0
        self._next: float | None = None  # when the next sample sounds, if nothing is missing

    def pack(self, sound: Sound) -> Iterator[RtpPacket]:
        gap = 0.0 if self._next is None else sound.time - self._next
        if gap > _GAP:
            self._stamp += round(gap * self.rate)
        for time, piece, samples in self._pieces(sound):
            self._sequence = (self._sequence + 1) % (1 << 16)
            yield RtpPacket(self._sequence, self._stamp % (1 << 32), piece, marker=gap > _GAP, time=time)
            self._stamp += samples
            self._next = time + samples / self.rate

    def _pieces(self, sound: Sound) -> Iterator[tuple[float, bytes, int]]:
        """Time, payload, samples."""
        if self._opus:
            yield sound.time, sound.data, opus_samples(sound.data)
            return
        for start in range(0, len(sound.data), _LONGEST):
            piece = sound.data[start : start + _LONGEST]
            yield sound.time + start / _G711_RATE, piece, len(piece)


def opus_samples(packet: bytes) -> int:
    """Length at 48 kHz (RFC 6716, 3.1); of what is no Opus, that of the usual 20 ms."""
    if not packet:
        return 960
    configuration, code = packet[0] >> 3, packet[0] & 3
    if configuration < 12:  # SILK
        frame = (480, 960, 1920, 2880)[configuration % 4]
    elif configuration < 16:  # hybrid
        frame = (480, 960)[configuration % 2]
    else:  # CELT
        frame = (120, 240, 480, 960)[configuration % 4]
    frames = packet[1] & 0x3F if code == 3 and len(packet) > 1 else 1 if code == 0 else 2
    return frame * max(1, frames)
