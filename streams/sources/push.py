"""A camera that sends by itself: RTMP and SRT, as drones stream. H.264 or H.265, with the key the site gave it."""

import errno
import re
import threading
import time
from threading import Event
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import av
from av import error as av_error
from av.container import InputContainer
from av.video.stream import VideoStream
from pydantic import AfterValidator, ConfigDict, Field, SecretStr, model_validator

from streams.beside import Beside, sound_of
from streams.decoding import belongs, info_of, video_of
from streams.errors import (
    IN_USE,
    NO_ADDRESS,
    NO_LIBSRT,
    NO_PERMISSION,
    SOUND_ONLY,
    EndOfStream,
    NobodyThere,
    NotListening,
    Stalled,
    StreamError,
    from_ffmpeg,
)
from streams.feed import Feed
from streams.networks import LOCAL, Cidr, Networks, literal
from streams.problem import Text
from streams.push.door import Door, Entrance, Guest
from streams.push.srt import NoSrt, SrtEntrance
from streams.push.tcp import RtmpEntrance
from streams.source import PICTURE_TIMEOUT, Sink, SourceSpec
from streams.units import Duration

# How much FFmpeg looks at before it hands out packets. FLV begins with the parameter sets; more would be 3 s of a
# narrow stream. TS repeats its tables twice a second, which is 125 kB of 2 Mbit/s; it stops when it has seen them.
_PROBES = {"flv": "4096", "mpegts": "131072"}
_PROBE = {"analyzeduration": "0", "fpsprobesize": "0"}
_SAY = 5.0  # s without a sender until "waiting" is said; until then the reason why the last one went is shown
_PORTS = {"rtmp": 1935, "srt": 9000}
_KEY = re.compile(r"[A-Za-z0-9._~-]{8,200}")  # survives every drone's address field unescaped (RFC 3986, 2.3)


def listening(text: str) -> str:
    """Raises ValueError."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port  # parsed on access
    except ValueError:
        parts, port = None, None
    if parts is None or parts.scheme not in _PORTS or port == 0:
        raise ValueError("needs rtmp://0.0.0.0:1935/live or srt://0.0.0.0:9000")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("takes no login, ? or #; the stream key goes into `key`")
    if literal(parts.hostname or "") is None:
        raise ValueError("needs one of this box's addresses, or 0.0.0.0 for all of them")
    return parts.geturl()  # RTMP:// is rtmp://


def keyed(key: SecretStr) -> SecretStr:
    """Raises ValueError, quoting nothing."""
    if not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError("needs at least 8 letters, digits or . _ ~ -")
    return key


class Spec(SourceSpec):
    """`kind: push`. listen: where; every stream needs a port of its own.

    key: the stream key. RTMP: rtmp://BOX:1935/live/KEY; SRT: the stream id.
    passphrase: SRT's encryption; senders without it are not let in.
    allow_networks: who may connect; empty: private networks only. A drone that comes over the Internet needs its
    operator's network here, or 0.0.0.0/0.
    read_timeout: s. A handover between 4G cells lasts up to 3 s, and drones keep sending through shorter fades.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Literal["push"] = "push"
    listen: Annotated[str, AfterValidator(listening)]
    key: Annotated[SecretStr, AfterValidator(keyed)]
    passphrase: Annotated[SecretStr, Field(min_length=10, max_length=79)] | None = None
    allow_networks: tuple[Cidr, ...] = ()
    read_timeout: Annotated[Duration, Field(gt=0)] = 5.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.passphrase is not None and not self.listen.startswith("srt:"):
            raise ValueError("passphrase is for srt:// only")
        return self


def build(spec: Spec) -> "PushSource":
    return PushSource(spec)


class PushSource:
    """Waits for a sender and streams until it goes. The port stays open between one source and the next, so that
    a sender may come back at any moment.

    Raises NobodyThere once, after some seconds without a sender; built again, it waits for as long as it takes.
    """

    live = True

    def __init__(self, spec: Spec, picture_timeout: float = PICTURE_TIMEOUT) -> None:
        self._spec = spec
        self._picture_timeout = picture_timeout
        self.where = _where(spec)

    def run(self, sink: Sink, stop: Event) -> None:
        door = _door(self._spec)
        try:
            guest = door.wait(float("inf") if door.told else _SAY, stop)
            if guest is not None:
                try:
                    self._stream(guest, sink, stop)
                finally:
                    door.leave(guest)
            elif not stop.is_set():
                door.told = True
                raise NobodyThere(self.where)
        finally:
            if stop.is_set():
                door.close()

    def _stream(self, guest: Guest, sink: Sink, stop: Event) -> None:
        options = {"probesize": _PROBES[guest.format], **_PROBE}
        try:
            with av.open(
                guest, "r", format=guest.format, options=options, metadata_errors="replace"
            ) as container:
                video = video_of(container, self.where)
                sink.opened(info_of(video, sound_of(container)))
                self._pump(container, video, sink, stop)
                failure: StreamError = EndOfStream(self.where)
        except av_error.EOFError:
            failure = EndOfStream(self.where)
        except av_error.FFmpegError as error:
            failure = from_ffmpeg(error, self.where)
        if not stop.is_set():
            raise failure

    def _pump(self, container: InputContainer, video: VideoStream, sink: Sink, stop: Event) -> None:
        feed, heard = Feed(video, sink), time.monotonic()
        beside = Beside(sink, container, feed.clock, joint=True)
        for packet in container.demux():
            now = time.monotonic()
            if belongs(packet, video):
                heard = now
                feed.put(packet, time.time())
            else:
                beside.put(packet)
            if stop.is_set():
                return
            if now - heard > self._picture_timeout:
                raise Stalled(self.where, SOUND_ONLY)


def _where(spec: Spec) -> str:
    parts = urlsplit(spec.listen)
    return (
        f"{parts.netloc if parts.port else f'{parts.netloc}:{_PORTS[parts.scheme]}'}{parts.path.rstrip('/')}"
    )


_doors: dict[str, tuple[Spec, Door]] = {}
_lock = threading.Lock()


def _door(spec: Spec) -> Door:
    """The one that is open at this address, or a new one. Raises NotListening."""
    with _lock:
        known, door = _doors.get(spec.listen, (None, None))
        if door is not None and known == spec and not door.closed:
            return door
        if door is not None:
            door.close()
        door = Door(_entrance(spec), _wanted(spec), Networks(spec.allow_networks or LOCAL), _where(spec))
        _doors[spec.listen] = spec, door
        return door


def _wanted(spec: Spec) -> SecretStr:
    path = urlsplit(spec.listen).path.strip("/")
    key = spec.key.get_secret_value()
    return SecretStr(f"{path}/{key}" if spec.listen.startswith("rtmp:") else key)


_REASONS = {errno.EADDRINUSE: IN_USE, errno.EACCES: NO_PERMISSION, errno.EADDRNOTAVAIL: NO_ADDRESS}


def _entrance(spec: Spec) -> Entrance:
    parts, where = urlsplit(spec.listen), _where(spec)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    reason: Text | None
    try:
        if parts.scheme == "rtmp":
            return RtmpEntrance(host, port, spec.read_timeout, where)
        return SrtEntrance(host, port, spec.read_timeout, where, spec.passphrase)
    except NoSrt:
        reason = NO_LIBSRT
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
    raise NotListening(where, reason)
