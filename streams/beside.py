"""What comes beside a live video: sound, and data (KLV of MISB ST 0601, subtitles with telemetry, ONVIF metadata)."""

import time

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet as AvPacket
from av.stream import Stream

from streams.sound import Sound, SoundInfo
from streams.source import Sink
from streams.stamps import LiveClock

_TYPES = frozenset({"data", "subtitle"})


class Beside:
    """Hands data packets to `sink.metadata` and those of the first sound to `sink.sound`, with times on the box's
    clock as the video's are."""

    def __init__(self, sink: Sink, container: InputContainer, pictures: LiveClock, *, joint: bool) -> None:
        """pictures: the clock of the video. joint: all stamps are of one clock from the beginning, as in FLV and
        MPEG-TS; over RTP they are once a sender report said how they belong together (RFC 3550, 6.4.1)."""
        self._sink, self._pictures, self._joint = sink, pictures, joint
        stream = _heard_of(container)
        self._voice = stream.index if stream is not None else None
        self._clocks: dict[int, LiveClock] = {}

    def put(self, packet: "AvPacket[Stream]") -> None:
        """Packets of pictures are left out."""
        stream = packet.stream
        if not packet.size or (stream.type not in _TYPES and stream.index != self._voice):
            return
        base = float(stream.time_base or 0)
        pts = None if packet.pts is None or not base else packet.pts * base
        arrived = time.time()
        moment, _ = self._clocks.setdefault(stream.index, LiveClock()).times(pts, None, arrived)
        if stream.index == self._voice:
            self._sink.sound(Sound(bytes(packet), self._in_step(packet, pts, moment, arrived)))
        else:
            self._sink.metadata(codec_name(stream), bytes(packet), moment)

    def _in_step(self, packet: "AvPacket[Stream]", pts: float | None, alone: float, arrived: float) -> float:
        """When it sounded, by the pictures' clock, which knows how long pictures are on their way; else `alone`."""
        self._joint = self._joint or packet.has_sidedata("prft")  # which FFmpeg adds after a sender report
        together = self._pictures.beside(pts, arrived) if self._joint else None
        return alone if together is None else together


def sound_of(container: InputContainer) -> SoundInfo | None:
    """The sound that Beside hands on; None: there is none, or of a codec that FFmpeg does not know."""
    stream = _heard_of(container)
    if stream is None:
        return None
    context = stream.codec_context
    return SoundInfo(context.name, context.sample_rate, context.channels, context.extradata or b"")


def codec_name(stream: Stream) -> str:
    """FFmpeg's name ("klv", "subrip"); data that it has no decoder for is "data"."""
    return str(getattr(stream, "name", None) or "data")


def _heard_of(container: InputContainer) -> AudioStream | None:
    streams = (stream for stream in container.streams if isinstance(stream, AudioStream))
    return next((stream for stream in streams if stream.codec_context is not None), None)
