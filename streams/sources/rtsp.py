"""A camera over RTSP (RFC 7826, RFC 2326), plain or inside TLS: H.264, H.265 or MJPEG."""

import time
from collections.abc import Iterator
from threading import Event
from typing import Annotated, Literal

import av
from av import error as av_error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream
from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, SecretStr

from streams.beside import Beside, sound_of
from streams.decoding import belongs, info_of, video_of
from streams.errors import (
    LATE,
    NO_TLS,
    REDIRECTED_LATE,
    SOUND_ONLY,
    Broken,
    ConnectTimeout,
    EndOfStream,
    Forbidden,
    NotRtsp,
    Stalled,
    StreamError,
    from_ffmpeg,
)
from streams.feed import Feed
from streams.knock import Reached, Tls, reach
from streams.networks import Cidr, Networks
from streams.source import PICTURE_TIMEOUT, Sink, SourceSpec
from streams.units import Duration
from streams.urls import checked, endpoint, pinned, with_login

# Enough to see the parameter sets and the first picture, and no waiting to guess a rate that we do not need:
# opening takes until the next key frame instead of 1 to 3 s more.
_PROBE = {"analyzeduration": "0", "probesize": "32768", "fpsprobesize": "0"}
# What FFmpeg may open: not HTTP, which an address can ask for ("?http"), nor files. Without "rtsp" among them it
# follows no redirect by itself, which nobody would check.
_PROTOCOLS = {"tcp": "tcp", "udp": "tcp,udp,rtp", "tls": "tcp,tls"}

# s that pictures may pile up on the way: an alarm that is later helps nobody, and connecting anew drops the pile.
_LATEST = 10.0

Timeout = Annotated[Duration, Field(gt=0)]


class Spec(SourceSpec):
    """`kind: rtsp`. url (or analyse): the stream that is looked at. record: a better one that proof is kept from;
    without it the same. username and password stand in for those in the URL and may hold any character.

    connect_timeout: s. Over 4G: five round trips of up to 0.5 s, the resolver and one repeated SYN. It holds for
    finding the camera, and once more for opening its stream.
    read_timeout: s. A handover between 4G cells lasts up to 3 s; a camera that restarts is gone for 30.
    allow_networks: where the camera may be; empty: anywhere but at the special addresses (see streams.networks).
    tls: for rtsps:// only, which always goes over TCP.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Literal["rtsp"] = "rtsp"
    url: Annotated[SecretStr, AfterValidator(checked), Field(validation_alias=AliasChoices("url", "analyse"))]
    record: Annotated[SecretStr, AfterValidator(checked)] | None = None
    username: str | None = None
    password: SecretStr | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    tls: Tls = Tls()
    allow_networks: tuple[Cidr, ...] = ()
    connect_timeout: Timeout = 5.0
    read_timeout: Timeout = 5.0

    def recorded(self) -> "Spec | None":
        return self.model_copy(update={"url": self.record, "record": None}) if self.record else None


def build(spec: Spec) -> "RtspSource":
    return RtspSource(spec)


class RtspSource:
    """One connection. Packets carry the camera's own spacing on the box's clock."""

    live = True

    def __init__(self, spec: Spec, picture_timeout: float = PICTURE_TIMEOUT) -> None:
        self._spec = spec
        self._picture_timeout = picture_timeout
        self._networks = Networks(spec.allow_networks)
        self.where = str(endpoint(spec.url))

    def run(self, sink: Sink, stop: Event) -> None:
        with self._connected() as container:
            video = video_of(container, self.where)
            sink.opened(info_of(video, sound_of(container)))
            self._pump(container, video, sink, stop)

    def _pump(self, container: InputContainer, video: VideoStream, sink: Sink, stop: Event) -> None:
        feed, heard = Feed(video, sink), time.monotonic()
        beside = Beside(sink, container, feed.clock, joint=False)
        for packet in self._packets(container, stop):
            now = time.monotonic()
            if belongs(packet, video):
                heard = now
                feed.put(packet, time.time())
                if feed.behind > _LATEST:
                    raise Stalled(self.where, LATE)
            else:
                beside.put(packet)
            if now - heard > self._picture_timeout:
                raise Stalled(self.where, SOUND_ONLY)

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
                failure: StreamError = EndOfStream(self.where)
            except av_error.FFmpegError as error:
                failure = from_ffmpeg(error, self.where)
            if not isinstance(failure, Stalled) or time.monotonic() - heard >= 1.9 * self._tick:
                raise failure

    @property
    def _tick(self) -> float:
        return self._spec.read_timeout / 2

    def _connected(self) -> InputContainer:
        url = with_login(self._spec.url, self._spec.username, self._spec.password)
        reached = reach(url, self._networks, self._spec.tls, self._spec.connect_timeout)
        began = time.monotonic()
        try:
            return self._open(reached)
        except av_error.ArgumentError:
            # A redirect that `reach` did not see, because it comes only after the login.
            failure: StreamError = Forbidden(self.where, REDIRECTED_LATE)
        except av_error.FFmpegError as error:
            failure = from_ffmpeg(error, self.where, opening=True)
        raise self._explained(failure, reached, time.monotonic() - began)

    def _open(self, reached: Reached) -> InputContainer:
        tls = endpoint(reached.url).tls
        options = {"rtsp_transport": self._spec.transport, **_PROBE}
        options["protocol_whitelist"] = _PROTOCOLS["tls" if tls else self._spec.transport]
        if tls and self._spec.tls.strict:
            options |= self._trust(reached)
        timeout = (self._spec.connect_timeout, self._tick)
        url = pinned(reached.url, reached.address).get_secret_value()
        # Session names come in GBK too; nobody reads them.
        return av.open(url, "r", format="rtsp", options=options, timeout=timeout, metadata_errors="replace")

    def _trust(self, reached: Reached) -> dict[str, str]:
        """FFmpeg sees the address only: the name to find in the certificate must be told."""
        tls = self._spec.tls
        options = {"tls_verify": "1", "verifyhost": tls.name or endpoint(reached.url).host}
        return options | ({"ca_file": str(tls.ca_file)} if tls.ca_file else {})

    def _explained(self, failure: StreamError, reached: Reached, took: float) -> StreamError:
        """FFmpeg says "invalid data" for nearly everything that fails before the first picture."""
        if not isinstance(failure, Broken | ConnectTimeout):
            return failure
        if took < self._spec.connect_timeout:
            return failure if reached.spoke else NotRtsp(self.where, NO_TLS)
        # It speaks RTSP, lets us in, and sends nothing.
        return Stalled(self.where) if reached.spoke else ConnectTimeout(self.where)
