"""Opus as it came over the network into a file that plays: WebM (RFC 6716 in Matroska), never decoded, never re-encoded."""

import contextlib
import errno
import heapq
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av import error as av_error
from av.packet import Packet as AvPacket

from relay.media.order import Places
from relay.media.stream import Packet
from relay.shelf import NotWritten

RATE = 48_000  # Hz: the clock of Opus in RTP (RFC 7587, 4.1)
_BASE = Fraction(1, RATE)
_FRAME = 960  # ticks of the usual 20 ms packet: how long the last one stands
_DEPTH = 10  # packets held back, 200 ms: what comes later than that is no longer put into its place
# A cluster is on disk within a second: what was said before a power cut plays.
_FORM = {"cluster_time_limit": "1000"}


class OpusFile:
    """One speech. Packets may come twice and out of order; what is missing stays a gap of its length.

    packets, lost: written, and missing between the first and the last. Raises NotWritten.
    """

    def __init__(self, path: Path) -> None:
        self.packets = self.late = 0
        self._order = Places(_FRAME)
        self._waiting: list[tuple[int, int, bytes]] = []
        self._written = -1  # number of the newest packet in the file
        self._ticks = -1
        with _told():
            self._disk = _Disk(path)
            self._file = av.open(self._disk, "w", format="webm", options=_FORM)
            # Its encoder is never given a sound: it writes the header that players want (RFC 7845, 5.1).
            self._stream = self._file.add_stream("libopus", rate=RATE, layout="stereo")

    @property
    def lost(self) -> int:
        return self._written + 1 - self.packets

    @property
    def seconds(self) -> float:
        """From the first packet's beginning to the last one's end."""
        return (self._ticks + _FRAME) / RATE if self.packets else 0.0

    def write(self, packet: Packet) -> None:
        number, ticks = self._order.place(packet)
        if number <= self._written or any(number == waiting for waiting, _, _ in self._waiting):
            self.late += 1
            return
        heapq.heappush(self._waiting, (number, ticks, packet.payload))
        while len(self._waiting) > _DEPTH or (self._waiting and self._waiting[0][0] == self._written + 1):
            self._put(*heapq.heappop(self._waiting))

    def close(self) -> None:
        """What was held back is written, and the file is whole and on its disk."""
        with _told():
            try:
                while self._waiting:
                    self._put(*heapq.heappop(self._waiting))
            finally:
                with self._disk:
                    self._file.close()

    def discard(self) -> None:
        """Close a file that failed; that it cannot be completed is known by now."""
        self._waiting.clear()
        with contextlib.suppress(NotWritten):
            self.close()

    def _put(self, number: int, ticks: int, payload: bytes) -> None:
        self._written = number
        self._ticks = max(self._ticks + 1, ticks)  # stamps that step back are a fault of the sender
        coded = AvPacket(payload)
        coded.stream, coded.time_base = self._stream, _BASE
        coded.pts = coded.dts = self._ticks
        coded.duration, coded.is_keyframe = _FRAME, True
        with _told():
            self._file.mux_one(coded)
        self.packets += 1


class _Disk:
    """FFmpeg's own files say nothing of a disk that fills up while they are closed."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb", buffering=0)

    def __enter__(self) -> "_Disk":
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        while left:
            taken = self._raw.write(left)
            if not taken:
                raise OSError(errno.ENOSPC, "the disk takes no more")
            left = left[taken:]
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raises NotWritten for what FFmpeg or the disk refuses."""
    try:
        yield
    except (av_error.FFmpegError, OSError) as error:
        raise NotWritten(error.strerror or type(error).__name__) from None
