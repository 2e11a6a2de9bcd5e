"""What a camera sends to be heard, beside its pictures: for whoever listens now, and nobody later."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_HELD = 100  # packets of one listener: 2 s of the usual 20 ms; who is further behind hears the newest


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """codec: FFmpeg's name ("pcm_alaw", "aac", "opus"). rate: samples per s. extradata: the codec's own form of its
    setup (of AAC: AudioSpecificConfig, ISO/IEC 14496-3, 1.6.2.1)."""

    codec: str
    rate: int
    channels: int
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class Sound:
    """One packet as it came from the camera, never re-encoded. time: of its first sample, s since the Unix epoch, UTC,
    on the clock of the pictures (streams.packet.Packet)."""

    data: bytes
    time: float


class Sounds:
    """Of one camera, to any number of listeners. Safe between threads; `put` never waits."""

    def __init__(self) -> None:
        self._ears: tuple[Ear, ...] = ()
        self._lock = threading.Lock()

    def put(self, sound: Sound) -> None:
        for ear in self._ears:
            ear.put(sound)

    @contextmanager
    def listen(self) -> "Iterator[Ear]":
        """What comes from now on."""
        ear = Ear()
        with self._lock:
            self._ears = (*self._ears, ear)
        try:
            yield ear
        finally:
            with self._lock:
                self._ears = tuple(one for one in self._ears if one is not ear)


class Ear:
    """One listener's queue. missed: packets that newer ones pushed out."""

    def __init__(self) -> None:
        self.missed = 0
        self._heard: deque[Sound] = deque(maxlen=_HELD)
        self._came = threading.Condition()

    def put(self, sound: Sound) -> None:
        with self._came:
            self.missed += len(self._heard) == _HELD
            self._heard.append(sound)
            self._came.notify()

    def next(self, patience: float) -> Sound | None:
        """The oldest one that is still there; None if none came in `patience` s."""
        with self._came:
            if not self._heard:
                self._came.wait(patience)
            return self._heard.popleft() if self._heard else None
