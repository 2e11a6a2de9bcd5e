"""What a test puts at the end of a stream."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event

from streams.decoding import Decoder
from streams.frame import Frame
from streams.packet import Packet
from streams.sound import Sound
from streams.source import NullSink, StreamInfo

# Longer than anything a test waits for takes on a loaded machine, s: only a failing test gets here.
PATIENCE = 60.0


class Collector(NullSink):
    """Keeps what it is given and decodes it on the spot; asks the source to stop after `enough` pictures.

    infos: without the codec's own parameter sets.
    """

    def __init__(self, enough: int | None = None) -> None:
        self.infos: list[StreamInfo] = []
        self.packets: list[Packet] = []
        self.frames: list[Frame] = []
        self.sounds: list[Sound] = []
        self.stop = Event()
        self.over = False
        self._enough = enough
        self._decoder: Decoder | None = None

    def opened(self, info: StreamInfo) -> None:
        self.infos.append(replace(info, extradata=b""))
        self._decoder = Decoder(info)

    def packet(self, packet: Packet) -> None:
        assert self._decoder is not None
        self.packets.append(packet)
        for picture in self._decoder.pictures(packet):
            self.frame(Frame(picture, (picture.pts or 0) / 1_000_000, len(self.frames)))

    def frame(self, frame: Frame) -> None:
        self.frames.append(frame)
        if len(self.frames) == self._enough:
            self.stop.set()

    def sound(self, sound: Sound) -> None:
        self.sounds.append(sound)

    def ended(self) -> None:
        self.over = True
        for picture in self._decoder.rest() if self._decoder and self.packets else ():
            self.frame(Frame(picture, (picture.pts or 0) / 1_000_000, len(self.frames)))

    @property
    def times(self) -> list[float]:
        return [frame.time for frame in self.frames]


def eventually(condition: Callable[[], object]) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)
