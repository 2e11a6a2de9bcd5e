"""One video stream's packets to pictures, whatever state the packets are in."""

import av.logging
from av import error as av_error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streams.errors import NoVideo, UnsupportedCodec
from streams.source import StreamInfo

# FFmpeg's log would fill the journal with every lost packet and quote addresses with their passwords, and
# PyAV's Python callback for it takes the GIL in FFmpeg's own threads, which can deadlock. Errors reach us as
# exceptions.
av.logging.set_level(None)

# Above this a declared rate is a clock (90 kHz is usual), not a rate. Hz.
_MAX_RATE = 240

_SPOILT = (
    av_error.InvalidDataError,
    av_error.PatchWelcomeError,
    av_error.UndefinedError,
    av_error.UnknownError,
    av_error.ExternalError,
)


def video_of(container: InputContainer, where: str) -> VideoStream:
    """The stream to decode. Raises NoVideo, UnsupportedCodec."""
    videos = [stream for stream in container.streams if stream.type == "video"]
    if not videos:
        raise NoVideo(where)
    if not isinstance(videos[0], VideoStream) or videos[0].codec_context is None:
        raise UnsupportedCodec(where)
    return videos[0]


class Decoder:
    """Counts and skips packets that do not decode: one lost packet is not the end of a stream.

    threads: 1 for a live stream (each further one costs a picture of delay), 0 for one per core.
    """

    def __init__(self, stream: VideoStream, threads: int) -> None:
        self._stream = stream
        self.spoilt = 0
        self.unsupported = False
        stream.codec_context.thread_count = threads
        stream.thread_type = "SLICE" if threads == 1 else "AUTO"

    def pictures(self, packet: "Packet[Stream] | Packet[VideoStream]") -> list[VideoFrame]:
        """What this packet completes; nothing if it belongs to another stream or is spoilt."""
        if packet.stream_index != self._stream.index:
            return []
        try:
            return self._stream.decode(packet)
        except av_error.EOFError:  # flushed before: what an empty packet in the middle of a broken file does
            return []
        except _SPOILT as error:
            self.spoilt += 1
            self.unsupported = isinstance(error, av_error.PatchWelcomeError)
            return []

    def info(self, picture: VideoFrame) -> StreamInfo:
        """As found in a decoded picture: what the container declares may be missing or wrong."""
        rate = self._stream.average_rate
        sane = float(rate) if rate is not None and 0 < rate <= _MAX_RATE else None
        return StreamInfo(self._stream.codec_context.name, picture.width, picture.height, sane)
