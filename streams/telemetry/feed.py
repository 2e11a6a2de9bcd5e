"""What the telemetry kinds promise."""

from collections.abc import Callable
from threading import Event
from typing import Protocol, runtime_checkable

from streams.telemetry.pose import Pose

Poses = Callable[[Pose], object]


@runtime_checkable
class PoseDecoder(Protocol):
    """Bytes to poses; pure. refused: how often something could not be decoded."""

    @property
    def refused(self) -> int: ...

    def feed(self, data: bytes, time: float) -> list[Pose]:
        """data: the next packet, datagram or piece of a stream. time: of its arrival, s since 1970.
        Never raises over the data."""
        ...


@runtime_checkable
class Feed(Protocol):
    """A single-use connection to a device: reconnecting means building a new one.

    `run` blocks, calling `poses`, until `stop` is set (then it returns within a second, or
    within the connect time-out while it connects) or until it cannot go on
    (then it raises a StreamError). Only a recording returns by itself.
    """

    def run(self, poses: Poses, stop: Event) -> None: ...
