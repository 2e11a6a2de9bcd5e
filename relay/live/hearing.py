"""What the viewers of a camera hear of it: passed on, converted on one thread for all cameras, or nothing and why."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog

from relay.live.resound import Resounding
from relay.live.sound import Silence, SoundPacker, passes
from relay.media.stream import Kind
from relay.media.switch import Source
from streams.errors import UnsupportedCodec
from streams.sound import Sound, SoundInfo
from streams.source import StreamInfo

_WAITING = 50  # packets (1 s) that wait for the thread: a box that is further behind has other troubles
# Sounds for one converted picture in the limit: a picture takes up to a core, a sound some thousandths.
_PER_PICTURE = 8

log = structlog.get_logger()


class Hearing:
    """Of one camera while it is watched. codec: in SDP; silence: why there is none. changed: it sends other sound than
    the viewers were told of, and they have to be answered anew."""

    def __init__(self, info: SoundInfo | None, silence: Silence | None, codec: str = "opus") -> None:
        self.silence = silence
        self.codec = None if silence else codec
        self.changed = asyncio.Event()
        self._info = info
        self._packer = SoundPacker(codec)
        self.source = Source(Kind.AUDIO, self._packer.rate)
        self.put: Callable[[Sound], None] = self.said

    def opened(self, info: StreamInfo) -> None:
        if info.sound != self._info:
            self.changed.set()

    def sound(self, sound: Sound) -> None:
        if self.codec is not None and not self.changed.is_set():
            self.put(sound)

    def said(self, sound: Sound) -> None:
        """What viewers hear next, in the codec they were told."""
        for packed in self._packer.pack(sound):
            self.source.put(packed)


class Workshop:
    """Where sound is converted. pictures: how many cameras' pictures the box may convert at once. wanted: whether
    anything is to be heard at all."""

    def __init__(self, pictures: int, *, wanted: bool) -> None:
        self._limit = self._left = pictures * _PER_PICTURE
        self._wanted = wanted
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live-sound")  # starts with the first packet

    @contextlib.contextmanager
    def hearing(self, camera: str, info: SoundInfo | None) -> Iterator[Hearing]:
        """For as long as the camera is watched."""
        codec = None if info is None else passes(info)
        if info is None or not self._wanted:
            yield Hearing(info, Silence.NONE if info is None else Silence.OFF)
        elif codec is not None:
            yield Hearing(info, None, codec)
        else:
            with self._converting(camera, info) as hearing:
                yield hearing

    def close(self) -> None:
        """Waits for nothing: the thread ends with the packet it has."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @contextlib.contextmanager
    def _converting(self, camera: str, info: SoundInfo) -> Iterator[Hearing]:
        try:
            resounding = Resounding(info)
        except UnsupportedCodec:
            log.info("live.unheard", camera=camera, codec=info.codec)
            yield Hearing(info, Silence.CODEC)
            return
        if not self._left:
            yield Hearing(info, Silence.BUSY if self._limit else Silence.CODEC)
            return
        self._left -= 1
        try:
            hearing = Hearing(info, None)
            hearing.put = _Bench(camera, self._thread, resounding, hearing.said).put
            yield hearing
        finally:
            self._left += 1


class _Bench:
    """One camera's packets on their way through the thread. dropped: came while too many waited."""

    def __init__(
        self, camera: str, thread: ThreadPoolExecutor, resounding: Resounding, said: Callable[[Sound], None]
    ) -> None:
        self.dropped = 0
        self._camera, self._thread, self._resounding, self._said = camera, thread, resounding, said
        self._waiting = 0

    def put(self, sound: Sound) -> None:
        if self._waiting >= _WAITING:
            self.dropped += 1
            return
        self._waiting += 1
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._resounding.take, sound)
        done.add_done_callback(self._told)

    def _told(self, done: "asyncio.Future[list[Sound]]") -> None:
        self._waiting -= 1
        if done.cancelled():
            return
        if (
            error := done.exception()
        ):  # whatever a codec dies of: this camera goes on in silence, and it is said
            log.error("live.not_converted", camera=self._camera, exc_info=error)
            return
        for sound in done.result():
            self._said(sound)
