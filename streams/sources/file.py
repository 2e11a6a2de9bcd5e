"""A recorded clip, at its own clock."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Literal

import av
import structlog
from av import error as av_error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streams.decoding import Decoder, video_of
from streams.errors import Missing, Unreadable, from_ffmpeg
from streams.frame import Frame
from streams.source import Sink, SourceSpec
from streams.units import Instant

log = structlog.get_logger()

# A clip that declares no rate is taken for the rate of a European camera. Hz.
_USUAL_RATE = Fraction(25)
# Recorders that never had their clock set write 1904 or 1970 into the file. s since 1970: the year 2000.
_OLDEST = 946_684_800.0
# A clip that ends this much before its declared length was cut off; less is rounding. s.
_MISSING = 1.0


class Spec(SourceSpec):
    """`kind: file`. pace: `fast` as fast as it is consumed, `real` at the clip's own speed.

    start: when the first picture was taken; without it the file's creation time, else its modification time.
    """

    kind: Literal["file"] = "file"
    path: Path
    pace: Literal["fast", "real"] = "fast"
    loop: bool = False
    start: Instant | None = None


def build(spec: Spec) -> "FileSource":
    return FileSource(spec)


class ClipClock:
    """Presentation time stamps to a clock that starts at `start` and never steps back.

    A missing stamp, or one that steps back (a clip that starts over, a spliced recording), counts as one
    picture later than the one before it; later stamps go on from there.
    """

    def __init__(self, start: float) -> None:
        self._next = start
        self._offset: float | None = None

    def time(self, stamp: float | None, period: float) -> float:
        """stamp: s, any origin. period: s between two pictures."""
        if stamp is not None and (self._offset is None or stamp + self._offset < self._next - period):
            self._offset = self._next - stamp
        now = self._next if stamp is None or self._offset is None else stamp + self._offset
        self._next = now + period
        return now


class FileSource:
    """Returns at the end of the clip, or never with `loop`.

    Raises Missing, NoVideo, UnsupportedCodec, Unreadable.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._where = str(spec.path)

    def run(self, sink: Sink, stop: Event) -> None:
        clock: ClipClock | None = None
        index, pace = 0, _Pace(stop, real=self._spec.pace == "real")
        while not stop.is_set():
            before = index
            with self._opened() as container:
                clock = clock or ClipClock(self._start(container))
                for frame in self._pass(container, clock, sink, index):
                    if not pace.reached(frame.time):
                        return
                    sink.frame(frame)
                    index += 1
            if index == before and not stop.is_set():
                raise Unreadable(self._where)
            if not self._spec.loop:
                return

    def _pass(self, container: InputContainer, clock: ClipClock, sink: Sink, index: int) -> Iterator[Frame]:
        """Every picture of the clip once."""
        stream = video_of(container, self._where)
        period = float(1 / (stream.average_rate or stream.guessed_rate or _USUAL_RATE))
        decoder, end, size = Decoder(stream, threads=0), 0.0, (0, 0)
        for picture in self._pictures(container, stream, decoder):
            if size != (size := (picture.width, picture.height)):
                sink.opened(decoder.info(picture))
            stamp = picture.time
            end = end if stamp is None else stamp + period
            yield Frame(picture, clock.time(stamp, period), index)
            index += 1
        self._note(_declared(container, stream), decoder, end)

    def _pictures(
        self, container: InputContainer, stream: VideoStream, decoder: Decoder
    ) -> Iterator[VideoFrame]:
        """Until the end, or as far as the container can be read."""
        try:
            for packet in container.demux(stream):
                yield from decoder.pictures(packet)
        except av_error.FFmpegError as error:
            log.warning("file.damaged", path=self._where, error=type(error).__name__)

    def _note(self, declared: float | None, decoder: Decoder, end: float) -> None:
        if decoder.spoilt:
            log.warning("file.spoilt_packets", path=self._where, packets=decoder.spoilt)
        if declared is not None and 0 < end < declared - _MISSING:
            log.warning(
                "file.truncated", path=self._where, seconds=round(end, 1), declared=round(declared, 1)
            )

    def _opened(self) -> InputContainer:
        try:
            return av.open(f"file:{self._where}", "r")  # "file:" so that no name is taken for an address
        except av_error.FFmpegError as error:
            failure = from_ffmpeg(error, self._where, opening=True)
        raise failure if isinstance(failure, Missing) else Unreadable(self._where, failure.detail)

    def _start(self, container: InputContainer) -> float:
        if self._spec.start is not None:
            return self._spec.start
        return _created(container) or self._spec.path.stat().st_mtime


def _declared(container: InputContainer, stream: VideoStream) -> float | None:
    """Where the last picture should end, s; None for formats whose length FFmpeg can only guess."""
    if stream.duration is not None and stream.time_base is not None:
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    if "matroska" in container.format.name and container.duration is not None:
        return container.duration / av.time_base
    return None


def _created(container: InputContainer) -> float | None:
    try:
        created = datetime.fromisoformat(container.metadata.get("creation_time", ""))
    except ValueError:
        return None
    seconds = (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()
    return seconds if seconds >= _OLDEST else None


class _Pace:
    """Holds pictures back until their time, counted from the first one."""

    def __init__(self, stop: Event, *, real: bool) -> None:
        self._stop, self._real = stop, real
        self._lag: float | None = None

    def reached(self, moment: float) -> bool:
        """Wait for this frame time (s). False: stopped."""
        if not self._real:
            return not self._stop.is_set()
        now = time.monotonic()
        self._lag = now - moment if self._lag is None else self._lag
        return not self._stop.wait(max(0.0, moment + self._lag - now))
