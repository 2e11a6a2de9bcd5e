"""A camera over RTSP (RFC 7826, RFC 2326), H.264 or H.265."""

import time
from collections.abc import Iterator
from threading import Event
from typing import Annotated, Literal

import av
import structlog
from av import error as av_error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from streams.decoding import Decoder, video_of
from streams.errors import (
    CLOSED,
    NO_PICTURE,
    SOUND_ONLY,
    Broken,
    ConnectTimeout,
    EndOfStream,
    Stalled,
    StreamError,
    Unreachable,
    UnsupportedCodec,
    from_ffmpeg,
)
from streams.frame import Frame
from streams.knock import PATIENCE, knock
from streams.source import Sink, SourceSpec, StreamInfo
from streams.units import Duration
from streams.urls import checked, endpoint, with_login

log = structlog.get_logger()

# Twice the longest usual distance between key frames ("smart" codecs stretch it to 250 pictures, 10 s).
# Whoever sends data this long without one picture sends none. s.
PICTURE_TIMEOUT = 20.0

# Enough to see the parameter sets and the first picture, and no waiting to guess a rate that we do not need:
# opening takes until the next key frame instead of 1 to 3 s more.
_PROBE = {"analyzeduration": "0", "probesize": "32768", "fpsprobesize": "0"}

Timeout = Annotated[Duration, Field(gt=0)]


class Spec(SourceSpec):
    """`kind: rtsp`. username and password stand in for those in the URL and may hold any character.

    connect_timeout: s. Over 4G: five round trips of up to 0.5 s, the resolver and one repeated SYN.
    read_timeout: s. A handover between 4G cells lasts up to 3 s; a camera that restarts is gone for 30.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Literal["rtsp"] = "rtsp"
    url: Annotated[SecretStr, AfterValidator(checked)]
    username: str | None = None
    password: SecretStr | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    connect_timeout: Timeout = 5.0
    read_timeout: Timeout = 5.0


def build(spec: Spec) -> "RtspSource":
    return RtspSource(spec)


class RtspSource:
    """One connection. Frames carry their time of arrival: cameras' own time stamps jump or are missing."""

    def __init__(self, spec: Spec, picture_timeout: float = PICTURE_TIMEOUT) -> None:
        self._spec = spec
        self._picture_timeout = picture_timeout
        self._endpoint = endpoint(spec.url)
        self._where = str(self._endpoint)

    def run(self, sink: Sink, stop: Event) -> None:
        with self._connected() as container:
            decoder = Decoder(video_of(container, self._where), threads=1)
            try:
                self._pump(container, decoder, sink, stop)
            finally:
                if decoder.spoilt:
                    log.warning("rtsp.spoilt_packets", where=self._where, packets=decoder.spoilt)

    def _pump(self, container: InputContainer, decoder: Decoder, sink: Sink, stop: Event) -> None:
        known: StreamInfo | None = None
        index, last = 0, time.monotonic()
        for packet in self._packets(container, stop):
            for picture in decoder.pictures(packet):
                if known is None or (known.width, known.height) != (picture.width, picture.height):
                    known = decoder.info(picture)
                    sink.opened(known)
                sink.frame(Frame(picture, time.time(), index))
                index, last = index + 1, time.monotonic()
            if time.monotonic() - last > self._picture_timeout:
                raise self._blind(packet, decoder)

    def _blind(self, packet: "Packet[Stream]", decoder: Decoder) -> StreamError:
        if decoder.unsupported:
            return UnsupportedCodec(self._where)
        if decoder.spoilt or packet.stream.type == "video":
            return Broken(self._where, NO_PICTURE)
        return Stalled(self._where, SOUND_ONLY)

    def _packets(self, container: InputContainer, stop: Event) -> "Iterator[Packet[Stream]]":
        """Every stream's packets (a picture that stops while sound goes on must not block us) until `stop`.

        FFmpeg waits half the read time-out at a time: when that runs out it first hands out the picture that
        its parser still held, as if it had just come; only the second wait in a row says "silent".
        """
        heard = time.monotonic()
        while not stop.is_set():
            asked = time.monotonic()
            try:
                for packet in container.demux():
                    now = time.monotonic()
                    heard = now if now - asked < self._tick else heard
                    yield packet
                    if stop.is_set():
                        return
                    asked = time.monotonic()
                # FFmpeg ends without a word when the camera hangs up.
                failure: StreamError = EndOfStream(self._where)
            except av_error.FFmpegError as error:
                failure = from_ffmpeg(error, self._where)
            if not isinstance(failure, Stalled) or time.monotonic() - heard >= 1.9 * self._tick:
                raise failure

    @property
    def _tick(self) -> float:
        return self._spec.read_timeout / 2

    def _connected(self) -> InputContainer:
        began = time.monotonic()
        try:
            return self._open()
        except av_error.FFmpegError as error:
            failure = from_ffmpeg(error, self._where, opening=True)
        raise self._explained(failure, time.monotonic() - began)

    def _open(self) -> InputContainer:
        url = with_login(self._spec.url, self._spec.username, self._spec.password)
        options = {"rtsp_transport": self._spec.transport, **_PROBE}
        timeout = (self._spec.connect_timeout, self._tick)
        return av.open(url.get_secret_value(), "r", format="rtsp", options=options, timeout=timeout)

    def _explained(self, failure: StreamError, took: float) -> StreamError:
        """FFmpeg says "invalid data" for nearly everything that fails before the first answer: look again."""
        if not isinstance(failure, Broken | ConnectTimeout | Unreachable) or failure.detail is CLOSED:
            return failure
        reason = knock(self._endpoint, min(PATIENCE, self._spec.connect_timeout))
        if reason is None and took >= self._spec.connect_timeout:
            # Behind TLS we could not ask; else it speaks RTSP, lets us in, and sends nothing.
            return ConnectTimeout(self._where) if self._endpoint.tls else Stalled(self._where)
        return reason or failure
