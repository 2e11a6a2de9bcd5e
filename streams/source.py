"""What a source kind promises: it runs, delivers pictures, and raises when it cannot go on."""

from dataclasses import dataclass
from threading import Event
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from streams.frame import Frame


class SourceSpec(BaseModel):
    """The settings every source kind has. Kinds derive from it and narrow `kind` to a literal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a source found when it opened: codec name ("h264", "hevc"), picture size in px, declared rate in Hz."""

    codec: str
    width: int
    height: int
    rate: float | None


class Sink(Protocol):
    """Where a source puts what it finds. Called on the source's own thread; must not block for long."""

    def opened(self, info: StreamInfo) -> None: ...

    def frame(self, frame: Frame) -> None: ...


class Source(Protocol):
    """A single-use connection: reconnecting means building a new one.

    `run` blocks, delivering to the sink, until `stop` is set (then it returns within one read time-out)
    or until something breaks (then it raises a StreamError). The end of a live stream is an error
    (EndOfStream); only a recorded source returns by itself.
    """

    def run(self, sink: Sink, stop: Event) -> None: ...
