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
from av.packet import Packet as AvPacket
from av.video.stream import VideoStream

from streams.annexb import AnnexB
from streams.decoding import info_of, video_of
from streams.errors import Missing, Unreadable, from_ffmpeg
from streams.packet import Packet
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

    def hidden(self, stamp: float) -> None:
        """A first picture that an edit list hides (ISO/IEC 14496-12, 8.6.6): the clip begins at stamp 0."""
        if self._offset is None:
            self._next += min(0.0, stamp)

    def time(self, stamp: float | None, period: float, lead: float = 0.0) -> float:
        """stamp: s, any origin. period: s between two pictures. lead: s from decoding a picture to showing it;
        the first one is shown at `start`."""
        if stamp is not None and self._offset is None:
            self._offset = self._next - stamp - lead
        elif stamp is not None and self._offset is not None and stamp + self._offset < self._next - period:
            self._offset = self._next - stamp
        now = self._next if stamp is None or self._offset is None else stamp + self._offset
        self._next = now + period
        return now


class FileSource:
    """Packets at the clip's own times, from the start again where it loops. Raises Missing, NoVideo,
    UnsupportedCodec, Unreadable."""

    live = False

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.where = str(spec.path)

    def run(self, sink: Sink, stop: Event) -> None:
        clock: ClipClock | None = None
        pace = _Pace(stop, real=self._spec.pace == "real")
        while not stop.is_set():
            count = 0
            with self._opened() as container:
                stream = video_of(container, self.where)
                if clock is None:
                    clock = ClipClock(self._start(container))
                    sink.opened(info_of(stream))
                for packet in self._pass(container, stream, clock):
                    if not pace.reached(packet.dts):
                        return
                    sink.packet(packet)
                    count += 1
            if count == 0 and not stop.is_set():
                raise Unreadable(self.where)
            if not self._spec.loop:
                break
        sink.ended()

    def _pass(self, container: InputContainer, stream: VideoStream, clock: ClipClock) -> Iterator[Packet]:
        """Every packet of the clip once."""
        period = float(1 / (stream.average_rate or stream.guessed_rate or _USUAL_RATE))
        base, end, convert = stream.time_base or Fraction(1, 1000), 0.0, AnnexB(stream)
        for packet in self._packets(container, stream):
            shown, decoded = _seconds(packet.pts, base), _seconds(packet.dts, base)
            end = end if shown is None else max(end, shown + period)
            lead = max(0.0, shown - decoded) if shown is not None and decoded is not None else 0.0
            if packet.is_discard and shown is not None:
                clock.hidden(shown)
            dts = clock.time(shown if decoded is None else decoded, period, lead)
            for piece in convert.convert(packet):
                yield Packet(bytes(piece), dts + lead, dts, piece.is_keyframe, shown=not piece.is_discard)
        if convert.spoilt:
            log.warning("file.spoilt_packets", path=self.where, packets=convert.spoilt)
        declared = _declared(container, stream)
        if declared is not None and 0 < end < declared - _MISSING:
            log.warning("file.truncated", path=self.where, seconds=round(end, 1), declared=round(declared, 1))

    def _packets(self, container: InputContainer, stream: VideoStream) -> "Iterator[AvPacket[VideoStream]]":
        """Until the end, or as far as the container can be read."""
        try:
            for packet in container.demux(stream):
                if packet.size:
                    yield packet
        except av_error.FFmpegError as error:
            log.warning("file.damaged", path=self.where, error=type(error).__name__)

    def _opened(self) -> InputContainer:
        try:
            # "file:" so that no name is taken for an address; titles come in GBK too.
            return av.open(f"file:{self.where}", "r", metadata_errors="replace")
        except av_error.FFmpegError as error:
            failure = from_ffmpeg(error, self.where, opening=True)
        raise failure if isinstance(failure, Missing) else Unreadable(self.where, failure.detail)

    def _start(self, container: InputContainer) -> float:
        if self._spec.start is not None:
            return self._spec.start
        return _created(container) or self._spec.path.stat().st_mtime


def _seconds(stamp: int | None, base: Fraction) -> float | None:
    return None if stamp is None else float(stamp * base)


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
