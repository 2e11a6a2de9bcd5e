"""Encoded packets to pictures, whatever state the packets are in."""

from fractions import Fraction

import av
import av.logging
import structlog
from av import error as av_error
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.packet import Packet as AvPacket
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streams.annexb import prefixed
from streams.errors import NoVideo, UnsupportedCodec
from streams.hardware import Acceleration, hardware
from streams.packet import Packet
from streams.sound import SoundInfo
from streams.source import StreamInfo

log = structlog.get_logger()

# FFmpeg's log would fill the journal with every lost packet and quote addresses with their passwords, and
# PyAV's Python callback for it takes the GIL in FFmpeg's own threads, which can deadlock. Errors reach us as
# exceptions.
av.logging.set_level(None)

# Above this a declared rate is a clock (90 kHz is usual), not a rate. Hz.
_MAX_RATE = 240
# A larger picture is refused before memory is taken for it: 8K is 33 million, and a spoilt parameter set may ask
# for 4 billion.
_MAX_PIXELS = 40_000_000
_MICRO = Fraction(1, 1_000_000)  # frame times travel through the decoder as its time stamps

_DOUBTFUL = 3  # packets without one picture after which the device is to blame rather than the network

_SPOILT = (
    av_error.InvalidDataError,
    av_error.PatchWelcomeError,
    av_error.UndefinedError,
    av_error.UnknownError,
    av_error.ExternalError,
    av_error.ArgumentError,
    av_error.MemoryError,
)


def video_of(container: InputContainer, where: str) -> VideoStream:
    """The stream to decode. Raises NoVideo, UnsupportedCodec."""
    videos = [stream for stream in container.streams if stream.type == "video"]
    if not videos:
        raise NoVideo(where)
    if not isinstance(videos[0], VideoStream) or videos[0].codec_context is None:
        raise UnsupportedCodec(where)
    return videos[0]


def info_of(stream: VideoStream, sound: SoundInfo | None = None) -> StreamInfo:
    """What the container declares; what is missing or wrong in it, the first picture corrects."""
    context = stream.codec_context
    rate = stream.average_rate
    sane = float(rate) if rate is not None and 0 < rate <= _MAX_RATE else None
    extradata = b"" if prefixed(stream) else context.extradata or b""  # then they are in band, see AnnexB
    return StreamInfo(context.name, context.width, context.height, sane, extradata, sound)


def belongs(packet: "AvPacket[Stream]", stream: VideoStream) -> bool:
    return packet.stream_index == stream.index


class Decoder:
    """One opening's packets to pictures. Counts and skips what does not decode: one lost packet is not the
    end of a stream.

    threads: 1 for a live stream (each further one costs a picture of delay), 0 for one per core.
    """

    def __init__(self, info: StreamInfo, threads: int = 1, acceleration: Acceleration = "none") -> None:
        self._info = info
        self._threads = threads
        self.spoilt = 0
        self.unsupported = False
        self.device: str | None = None
        self._proven = False
        self._hidden = set[int]()  # times of pictures under way that are not to be shown
        self._context = self._opened(hardware(acceleration))

    def pictures(self, packet: Packet) -> list[VideoFrame]:
        """What this packet completes, each with its time (s since 1970 in 1/1,000,000) as `pts`."""
        coded = AvPacket(packet.data)
        coded.pts = round(packet.time * 1_000_000)
        coded.dts = round(packet.dts * 1_000_000)
        coded.time_base = _MICRO
        if not packet.shown:
            self._hidden.add(coded.pts)
        return self._decoded(coded)

    def alone(self, packet: Packet) -> VideoFrame | None:
        """A key frame by itself, at once; whatever was under way is forgotten."""
        self._context.flush_buffers()
        found = self.pictures(packet) or self.rest()
        self._context.flush_buffers()
        return found[0] if found else None

    def rest(self) -> list[VideoFrame]:
        """What is still held back for reordering; decoding begins anew after it."""
        found = self._decoded(None)
        self._context.flush_buffers()
        self._hidden.clear()
        return found

    def _decoded(self, coded: "AvPacket[Stream] | None") -> list[VideoFrame]:
        try:
            found = self._context.decode(coded)
        except av_error.EOFError:
            return []
        except _SPOILT as error:
            self.spoilt += 1
            self.unsupported = isinstance(error, av_error.PatchWelcomeError)
            self._doubt(error)
            return []
        self._proven = self._proven or bool(found)
        return [picture for picture in found if not self._hides(picture)] if self._hidden else found

    def _hides(self, picture: VideoFrame) -> bool:
        hidden = picture.pts in self._hidden
        self._hidden.discard(picture.pts or 0)
        return hidden

    def _doubt(self, error: Exception) -> None:
        """A device may open and then refuse every picture: this profile, this size, a driver without its half."""
        if self.device is not None and not self._proven and self.spoilt >= _DOUBTFUL:
            self._say_fallback(self.device, error)
            self._context = self._opened(())

    def _opened(self, devices: tuple[str, ...]) -> VideoCodecContext:
        """Raises UnsupportedCodec. A device that is there but will not open falls back to the CPU, and says so."""
        for device in (*devices, None):
            try:
                context = self._context_for(device)
            except (av_error.FFmpegError, RuntimeError, NotImplementedError, ValueError) as error:
                if device is None:
                    break
                self._say_fallback(device, error)
                continue
            self.device = device
            return context
        raise UnsupportedCodec(self._info.codec)

    def _say_fallback(self, device: str, error: Exception) -> None:
        log.warning("decoder.fallback", wanted=device, codec=self._info.codec, error=type(error).__name__)

    def _context_for(self, device: str | None) -> VideoCodecContext:
        name, accel = self._info.codec, None
        if device == "v4l2m2m":
            name = f"{name}_v4l2m2m"
        elif device is not None:
            accel = HWAccel(device, allow_software_fallback=False)
        context = av.CodecContext.create(name, "r", accel)
        if not isinstance(context, VideoCodecContext):
            raise NotImplementedError(name)
        if self._info.extradata:
            context.extradata = self._info.extradata
        context.thread_count = self._threads
        context.thread_type = "SLICE" if self._threads == 1 else "AUTO"
        context.options = {"max_pixels": str(_MAX_PIXELS)}
        if self._info.codec == "mjpeg":  # else the missing part of a cut-off JPEG is painted grey
            context.options |= {"err_detect": "explode"}
        context.open(strict=False)
        if accel is not None and not context.is_hwaccel:
            raise NotImplementedError(device)
        return context
