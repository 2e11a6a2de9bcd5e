"""One camera: a thread that fills its ring, and one that looks into it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from streams.errors import NO_PICTURE, Broken, UnsupportedCodec
from streams.eye import Eye, EyeStatistics, EyeThread, Gaze
from streams.frame import Frame
from streams.latest import Latest
from streams.packet import Packet, parameter_sets
from streams.reader import CameraReport, CameraState, Reader, ReaderStatistics
from streams.retry import Crowd, Ladder
from streams.ring import LIMIT, SECONDS, Ring, RingStatistics
from streams.sound import Sound, Sounds
from streams.source import PICTURE_TIMEOUT, NullSink, Source, StreamInfo
from streams.surge import Surge

_BEFORE = 1.0  # s before a surge from which on pictures are analysed: it is noticed some packets late

Connect = Callable[[], Source]
Metadata = Callable[[str, bytes, float], None]


@dataclass(frozen=True, slots=True)
class Plumbing:
    """What a camera's streams are kept and looked at with. seconds, limit (bytes): of the ring."""

    gaze: Gaze = field(default_factory=Gaze)
    seconds: float = SECONDS
    limit: int = LIMIT
    picture_timeout: float = PICTURE_TIMEOUT


@dataclass(frozen=True, slots=True)
class CameraStatistics:
    """dropped: pictures overwritten untaken. surges: wakes by packet sizes alone."""

    reader: ReaderStatistics
    eye: EyeStatistics
    ring: RingStatistics
    dropped: int
    surges: int


class RingSink(NullSink):
    """Keeps what comes, with a new opening wherever the stream changes."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._info = StreamInfo("", 0, 0, None)
        self.opened_at = 0.0
        """When the source last connected, s of time.monotonic."""

    def opened(self, info: StreamInfo) -> None:
        self.opened_at = time.monotonic()
        self._begin(replace(info, extradata=parameter_sets(info.codec, info.extradata) or info.extradata))

    def packet(self, packet: Packet) -> None:
        if packet.key:
            self._follow_change(packet)
        self._ring.put(packet)

    def _follow_change(self, packet: Packet) -> None:
        """A camera that changes its resolution may say so in mid-stream, at a key frame."""
        sets = parameter_sets(self._info.codec, packet.data)
        if not sets or sets == self._info.extradata:
            return
        known = not self._info.extradata  # the size that was declared with them, which came in band only
        size = (self._info.width, self._info.height) if known else (0, 0)
        self._begin(replace(self._info, width=size[0], height=size[1], extradata=sets))

    def _begin(self, info: StreamInfo) -> None:
        self._info = info
        self._ring.open(info)


class WatchedSink(RingSink):
    """Keeps what comes, and wakes the eye at a surge of packet sizes."""

    def __init__(self, ring: Ring, eye: Eye, metadata: Metadata | None) -> None:
        super().__init__(ring)
        self._eye, self._metadata = eye, metadata
        self._surge = Surge()
        self._calm = False
        self.sounds = Sounds()
        self.frames: StreamInfo | None = None
        self.surges = 0

    def opened(self, info: StreamInfo) -> None:
        super().opened(info)
        self.frames = None
        self._surge.forget()
        self._eye.wake(float("inf"))  # whoever comes back looks round first

    def packet(self, packet: Packet) -> None:
        super().packet(packet)
        self._eye.keep_up()
        surging = self._surge.update(packet)
        if self._calm:
            self._calm = False
            self._surge.accept()
        elif surging and self._eye.resting:
            self.surges += 1
            self._eye.wake(packet.time - _BEFORE)

    def frame(self, frame: Frame) -> None:
        self.frames = self._info
        self._eye.hand_on(frame)

    def ended(self) -> None:
        self._ring.end()
        self._eye.finish()

    def sound(self, sound: Sound) -> None:
        self.sounds.put(sound)

    def metadata(self, codec: str, data: bytes, time: float) -> None:
        if self._metadata is not None:
            self._metadata(codec, data, time)

    def calm(self) -> None:
        """It was nothing: the sizes of now are the usual ones. From any thread."""
        self._calm = True


class Camera:
    """Starts and stops the two threads; builds no connection itself.

    report: told every change of state, on the reader's thread; FAILED also where the eye dies.
    slot: where the pictures to analyse lie. metadata: told what lies beside the video.
    """

    def __init__(
        self,
        name: str,
        connect: Connect,
        slot: Latest[Frame],
        *,
        report: Callable[[CameraReport], None],
        plumbing: Plumbing,
        ladder: Ladder | None = None,
        crowd: Crowd | None = None,
        metadata: Metadata | None = None,
    ) -> None:
        self.name = name
        self.ring = Ring(plumbing.seconds, plumbing.limit)
        self.eye = Eye(self.ring, slot, plumbing.gaze)
        self._slot, self._timeout = slot, plumbing.picture_timeout
        self.sink = WatchedSink(self.ring, self.eye, metadata)
        self._reader = Reader(
            name, connect, self.sink, check=self._pictured, report=report, ladder=ladder, crowd=crowd
        )
        self._eyes = EyeThread(name, self.eye, lambda: report(CameraReport(name, CameraState.FAILED)))
        self._blind_since: float | None = None

    def start(self) -> None:
        self._reader.start()
        self._eyes.start()

    def stop(self) -> None:
        self._reader.stop()
        self.eye.close()

    def join(self, timeout: float) -> bool:
        """Wait at most `timeout` (s). Whether both threads have ended."""
        deadline = time.monotonic() + timeout
        ended = self._reader.join(timeout)
        return self._eyes.join(max(0.0, deadline - time.monotonic())) and ended

    @property
    def state(self) -> CameraReport | None:
        return self._reader.state

    def statistics(self) -> CameraStatistics:
        return CameraStatistics(
            self._reader.statistics(),
            self.eye.statistics(),
            self.ring.statistics(),
            self._slot.statistics().dropped,
            self.sink.surges,
        )

    def _pictured(self, where: str) -> StreamInfo | None:
        """What pictures come, for the reader. Raises UnsupportedCodec, Broken."""
        if self.sink.frames is not None:
            return self.sink.frames
        now, pictured = time.monotonic(), self.eye.pictured == self.ring.opening
        if pictured and self.eye.failing is None and self.ring.flows:
            self._blind_since = None
            return self.eye.info
        self._blind_since = self._blind_since or now
        if now - max(self._blind_since, self.sink.opened_at) > self._timeout:
            raise UnsupportedCodec(where) if self.eye.unsupported else Broken(where, NO_PICTURE)
        return self.eye.info if pictured else None
