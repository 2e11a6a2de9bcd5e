"""python -m relay.live.transcode: a camera's packets in at standard input, VP8 out at standard output.

A process of its own, because no picture is decoded in the daemon. VP8, because every browser must decode it (RFC 7742,
5) and libvpx is free of the GPL, which x264, the only encoder of H.264 in PyAV's wheel that needs no graphics card, is
under.
"""

import os
import select
from collections.abc import Iterator
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from streams.crossing import HEAD, Content, content, head, packed
from streams.decoding import Decoder
from streams.errors import UnsupportedCodec
from streams.packet import Packet
from streams.source import StreamInfo

_IN, _OUT = 0, 1
_BLOCK = 1 << 20  # bytes read at once
_CLOCK = 90_000  # Hz
_WIDTH, _HEIGHT = 1280, 720  # px: a box has two cores, and they are there to look
_RATE = 25  # Hz; the encoder only plans its bits by it
_BITS_PER_PIXEL = 0.09  # 2 Mbit/s at 1280x720 and 25 Hz
_KEY_EVERY = 50  # pictures: 2 s
_NICE = 5  # watching for diggers comes before showing them
# Realtime, no look ahead, the fastest search that VP8 has; picture quality gives way, time does not.
_OPTIONS = {"deadline": "realtime", "cpu-used": "12", "lag-in-frames": "0", "auto-alt-ref": "0"}


def main() -> None:
    os.nice(_NICE)
    transcoding = Transcoding()
    for found, more in _intake():
        for picture in transcoding.take(found, late=more):
            _put(packed(0, picture))


class Transcoding:
    """Everything is decoded; of what has piled up only the first picture and the newest are encoded, so that a view
    that begins seconds back in the ring is live at once."""

    def __init__(self) -> None:
        self._decoder: Decoder | None = None
        self._encoder: _Encoder | None = None

    def take(self, found: Content, *, late: bool) -> Iterator[Packet]:
        """late: more is waiting already. Pictures in the order they are shown."""
        if isinstance(found, StreamInfo):
            self._open(found)
        elif isinstance(found, Packet) and self._decoder is not None:
            for picture in self._decoder.pictures(found):
                if self._encoder is None:
                    self._encoder = _Encoder(picture)
                elif late:
                    continue
                yield from self._encoder.encode(picture)

    def _open(self, info: StreamInfo) -> None:
        self._encoder = None
        try:
            self._decoder = Decoder(info)
        except UnsupportedCodec:
            self._decoder = None  # nothing comes out, and whoever waits for a picture says so


class _Encoder:
    """VP8 in one size."""

    def __init__(self, first: VideoFrame) -> None:
        self._size = fitted(first.width, first.height)
        self._reformat = VideoReformatter()
        self._context = _context(*self._size)
        self._start = first.pts or 0
        self._ticks = -1

    def encode(self, picture: VideoFrame) -> Iterator[Packet]:
        time = (picture.pts or 0) / 1_000_000
        frame = self._reformat.reformat(picture, *self._size, format="yuv420p", interpolation="FAST_BILINEAR")
        self._ticks = max(self._ticks + 1, ((picture.pts or 0) - self._start) * _CLOCK // 1_000_000)
        frame.pts, frame.time_base = self._ticks, Fraction(1, _CLOCK)
        frame.pict_type = av.video.frame.PictureType.NONE  # the camera's own key frames are not ours
        for coded in self._context.encode(frame):
            yield Packet(bytes(coded), time, time, coded.is_keyframe)


def fitted(width: int, height: int) -> tuple[int, int]:
    """px, even, within 1280x720, in the picture's own proportions; never enlarged."""
    scale = min(1.0, _WIDTH / width, _HEIGHT / height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _context(width: int, height: int) -> VideoCodecContext:
    context = av.CodecContext.create("libvpx", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, _CLOCK), Fraction(_RATE)
    context.gop_size = _KEY_EVERY
    context.bit_rate = round(width * height * _RATE * _BITS_PER_PIXEL)
    context.thread_count = 1
    context.options = dict(_OPTIONS)
    return context


def _intake() -> Iterator[tuple[Content, bool]]:
    """What comes, and whether more is waiting behind it. Ends with standard input: the daemon went away."""
    heard = bytearray()
    while block := os.read(_IN, _BLOCK):
        heard += block
        while (found := _first(heard)) is not None:
            yield found, len(heard) >= HEAD.size or _waiting()


def _first(heard: bytearray) -> Content | None:
    """Taken off the front; None: it is not whole yet."""
    if len(heard) < HEAD.size:
        return None
    start = head(bytes(heard[: HEAD.size]))
    end = HEAD.size + start.length
    if len(heard) < end:
        return None
    body = bytes(heard[HEAD.size : end])
    del heard[:end]
    return content(start, body)


def _waiting() -> bool:
    return bool(select.select([_IN], [], [], 0)[0])


def _put(data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(_OUT, left) :]


if __name__ == "__main__":
    main()
