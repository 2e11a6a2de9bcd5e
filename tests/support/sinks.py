"""What a test puts at the end of a stream."""

import time
from collections.abc import Callable
from threading import Event

from streams.frame import Frame
from streams.source import StreamInfo

# Longer than anything a test waits for takes on a loaded machine, s: only a failing test gets here.
PATIENCE = 30.0


class Collector:
    """Keeps what it is given, and asks the source to stop after `enough` pictures."""

    def __init__(self, enough: int | None = None) -> None:
        self.infos: list[StreamInfo] = []
        self.frames: list[Frame] = []
        self.stop = Event()
        self._enough = enough

    def opened(self, info: StreamInfo) -> None:
        self.infos.append(info)

    def frame(self, frame: Frame) -> None:
        self.frames.append(frame)
        if len(self.frames) == self._enough:
            self.stop.set()

    @property
    def times(self) -> list[float]:
        return [frame.time for frame in self.frames]


def eventually(condition: Callable[[], object]) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)
