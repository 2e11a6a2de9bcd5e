"""What a source kind promises: it runs, delivers what the camera sends, and raises when it cannot go on."""

from dataclasses import dataclass
from threading import Event
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from streams.frame import Frame
from streams.packet import Packet
from streams.sound import Sound, SoundInfo

# Twice the longest usual distance between key frames ("smart" codecs stretch it to 250 pictures, 10 s).
# Whoever sends data this long without one picture sends none. s.
PICTURE_TIMEOUT = 20.0


class SourceSpec(BaseModel):
    """The settings every source kind has. Kinds derive from it and narrow `kind` to a literal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str

    def recorded(self) -> "SourceSpec | None":
        """Where proof is kept from, if that is another stream than the one that is analysed."""
        return None


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a source found when it opened: codec name ("h264", "hevc"), picture size in px (0 where only the
    first picture tells), declared rate in Hz, the parameter sets in the codec's own form, and what is heard beside
    the pictures; None: nothing."""

    codec: str
    width: int
    height: int
    rate: float | None
    extradata: bytes = b""
    sound: SoundInfo | None = None


class Sink(Protocol):
    """Where a source puts what it finds. Called on the source's own thread; must not block for long.

    A StreamError raised by the sink (a stream that will not decode) ends the source's `run` with it.
    """

    def opened(self, info: StreamInfo) -> None:
        """Before the first packet, and again whenever codec or size change."""
        ...

    def packet(self, packet: Packet) -> None: ...

    def frame(self, frame: Frame) -> None:
        """For sources of separate pictures, which need no decoding."""
        ...

    def sent(self, time: float) -> None:
        """The camera's own clock as it stamps pictures that arrive now, s since 1970; where it tells."""
        ...

    def ended(self) -> None:
        """A recording is over. Returns when all of it has been looked at."""
        ...

    def sound(self, sound: Sound) -> None:
        """A packet of the sound that the stream's description names."""
        ...

    def metadata(self, codec: str, data: bytes, time: float) -> None:
        """A packet of a data stream beside the video ("klv", "subrip"), s since 1970."""
        ...


class Source(Protocol):
    """A single-use connection: reconnecting means building a new one.

    `run` blocks, delivering to the sink, until `stop` is set (then it returns within one read time-out)
    or until something breaks (then it raises a StreamError). The end of a live stream is an error
    (EndOfStream); only a recorded source returns by itself.
    """

    live: bool
    """False: a recording, which waits for whoever looks at it."""
    where: str
    """host:port/path or a file's path, free of secrets: what errors name."""

    def run(self, sink: Sink, stop: Event) -> None: ...


class NullSink:
    """Ignores everything: sinks derive from it and take what they want."""

    def opened(self, info: StreamInfo) -> None:
        pass

    def packet(self, packet: Packet) -> None:
        pass

    def frame(self, frame: Frame) -> None:
        pass

    def sent(self, time: float) -> None:
        pass

    def ended(self) -> None:
        pass

    def sound(self, sound: Sound) -> None:
        pass

    def metadata(self, codec: str, data: bytes, time: float) -> None:
        pass
