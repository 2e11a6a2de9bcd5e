"""Listens to one stream for a while, by the very source that the gateway uses."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event

from streams.errors import StreamError
from streams.packet import Packet
from streams.problem import Text
from streams.sound import Sound
from streams.source import NullSink, Source, StreamInfo

_MOST_BYTES = 64_000_000  # kept at most: 30 s of 16 Mbit/s
# s: a wake after a cold start, and a picture group of the longest "smart" codecs before the first key frame.
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Heard:
    """info: of the stream. packets, and when each arrived (s since 1970). waited: s from connecting to the first packet.
    sounds: packets of sound. offset: s the camera's clock is ahead of the box's by RTCP; None: it does not tell.
    broke: why it ended too early."""

    info: StreamInfo
    packets: tuple[Packet, ...]
    arrived: tuple[float, ...]
    waited: float
    sounds: int
    offset: float | None
    broke: Text | None = None


def listen(
    source: Source, seconds: float, progress: Callable[[float], None] = lambda _: None
) -> Heard | None:
    """For `seconds` from the first packet on; None where none came. progress: told the s that were listened.
    Raises StreamError where the stream cannot be had at all; one that breaks off later is told as far as it went."""
    ear = _Ear(seconds, progress)
    try:
        source.run(ear, ear.done)
    except StreamError as error:
        if (heard := ear.heard()) is None:
            raise
        what = error.what
        return replace(
            heard, broke=Text(what.en.format(where=error.where), what.zh.format(where=error.where))
        )
    return ear.heard()


class _Ear(NullSink):
    def __init__(self, seconds: float, progress: Callable[[float], None]) -> None:
        self.done = Event()
        self._seconds, self._progress = seconds, progress
        self._began = time.monotonic()
        self._first: float | None = None
        self._info: StreamInfo | None = None
        self._packets: list[Packet] = []
        self._arrived: list[float] = []
        self._bytes = self._sounds = 0
        self._offset: float | None = None

    def opened(self, info: StreamInfo) -> None:
        self._info = self._info or info

    def packet(self, packet: Packet) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
        self._packets.append(packet)
        self._arrived.append(time.time())
        self._bytes += packet.size
        self._look(now)

    def sound(self, sound: Sound) -> None:
        self._sounds += 1
        self._look(time.monotonic())

    def sent(self, moment: float) -> None:
        self._offset = moment - time.time()

    def heard(self) -> Heard | None:
        if self._info is None or self._first is None:
            return None
        return Heard(
            self._info,
            tuple(self._packets),
            tuple(self._arrived),
            self._first - self._began,
            self._sounds,
            self._offset,
        )

    def _look(self, now: float) -> None:
        listened = 0.0 if self._first is None else now - self._first
        self._progress(listened)
        if (
            listened >= self._seconds
            or self._bytes >= _MOST_BYTES
            or now - self._began > self._seconds + _PATIENCE
        ):
            self.done.set()
