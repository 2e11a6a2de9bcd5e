"""Decodes what has to be seen: key frames while nothing happens, everything while something does."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from av.video.frame import VideoFrame

from streams.cadence import Cadence
from streams.decoding import Decoder
from streams.errors import UnsupportedCodec
from streams.frame import Frame
from streams.hardware import Acceleration
from streams.ring import Kept, Ring
from streams.source import StreamInfo

_LAG = 0.8  # s behind the camera from which pictures wait to be taken instead of being overwritten
_LOST = 5.0  # s behind, beyond what a wake went back: the analysis cannot keep up, and goes on from now
_IDLE = 0.5  # s: longest nap without a packet, so that a stop is noticed
_AHEAD = 50  # packets a recording may be read ahead of the analysis
_POLL = 0.005  # s between two looks whether the analysis of a recording has caught up
_ONCE = 60.0  # s: the slowest box takes no longer over one picture of a recording
_ROUNDING = 1e-3  # s: pictures carry microseconds
_TAKEN = 2.0  # s a picture waits to be taken: some looks at the whole picture on a busy box


@dataclass(frozen=True, slots=True)
class Gaze:
    """How one camera is looked at.

    fps: pictures per second handed on while everything is decoded. glimpse: least s between two key frames
    that are decoded while resting (an MJPEG camera has nothing but key frames).
    patient: hand on every picture that is due, however long it takes (recordings).
    """

    fps: float = 5.0
    glimpse: float = 1.0
    acceleration: Acceleration = "none"
    threads: int = 1
    patient: bool = False


@dataclass(frozen=True, slots=True)
class EyeStatistics:
    """pictures: decoded, of these glimpses: key frames alone. analysed: handed on. skipped: packets passed over
    because the analysis lagged or the ring no longer had them. spoilt: packets that did not decode.
    wakes: times everything began to be decoded. last: time of the last picture, s since 1970."""

    pictures: int = 0
    glimpses: int = 0
    analysed: int = 0
    skipped: int = 0
    spoilt: int = 0
    wakes: int = 0
    last: float | None = None


class Slot(Protocol):
    """Where pictures are handed on: streams.latest.Latest, or whoever analyses them on the spot."""

    def put(self, item: Frame) -> None: ...

    def put_when_free(self, item: Frame, patience: float) -> None: ...

    @property
    def empty(self) -> bool: ...


class Eye:
    """Follows one ring. `turn` belongs to one thread; `wake` and `rest` may come from any."""

    def __init__(self, ring: Ring, slot: Slot, gaze: Gaze, *, awake: bool = True) -> None:
        self._ring, self._slot, self._gaze = ring, slot, gaze
        self._lock = threading.Lock()
        self._order: float | None = None  # decode everything from the last key frame before this time, s
        self._resting = not awake
        self._place = -1
        self._from = float("-inf")
        self._allowed = _LOST
        self._decoder: Decoder | None = None
        self._opening = 0
        self._cadence = Cadence(gaze.fps)
        self._glimpsed = float("-inf")
        self._drained = False
        self._size = (0, 0)
        self.closed = False
        self.looked = float("-inf")
        """Up to when (s, of pictures) the analysis needs nothing more: no wake goes back beyond it."""
        self.info: StreamInfo | None = None
        self.pictured = 0
        """Number of the last opening that a picture came out of."""
        self.failing: float | None = None
        """Since when nothing decodes, s of time.monotonic; None: it does."""
        self._pictures = self._glimpses = self._analysed = self._skipped = self._wakes = 0
        self._spoilt = 0
        self._last: float | None = None

    def wake(self, since: float) -> None:
        """Decode everything from the last key frame before `since` (s), and hand on what is not older."""
        with self._lock:
            if self._resting:
                self._order, self._resting = since, False
                self._wakes += 1
        self._ring.wake()

    def rest(self) -> None:
        """Key frames only, from now on. Recordings played as fast as they go are always looked at whole."""
        with self._lock:
            if not self._gaze.patient:
                self._resting, self._order = True, None
                self.failing = None  # what was still held back for reordering is no failure

    def close(self) -> None:
        """Let nobody wait for us any more."""
        self.closed = True
        self._ring.wake()

    def keep_up(self) -> None:
        """Wait, where every picture counts, until most of what came has been looked at."""
        if self._gaze.patient:
            self._until(lambda: self._ring.last_number - self._place <= _AHEAD)

    def finish(self) -> None:
        """Wait until all that came has been looked at."""
        self._until(lambda: self._drained or self._ring.last_number < 0)
        if self._gaze.patient:
            self._until(lambda: self._slot.empty)

    def _until(self, condition: Callable[[], bool]) -> None:
        while not (condition() or self.closed):
            time.sleep(_POLL)

    @property
    def resting(self) -> bool:
        return self._resting

    @property
    def unsupported(self) -> bool:
        if self._decoder is None:
            return self._opening > 0  # before the first key frame nothing is known
        return self._decoder.unsupported

    def statistics(self) -> EyeStatistics:
        spoilt = self._spoilt + (self._decoder.spoilt if self._decoder else 0)
        return EyeStatistics(
            self._pictures,
            self._glimpses,
            self._analysed,
            self._skipped,
            spoilt,
            self._wakes,
            self._last,
        )

    def turn(self, patience: float) -> bool:
        """Do one piece of work, waiting up to `patience` s for it. False: there was none."""
        with self._lock:
            resting, order, self._order = self._resting, self._order, None
        if order is not None:
            self._go_back(order)
        worked = self._glimpse(patience) if resting else self._follow(patience)
        if self._drained and not worked and patience:
            self._ring.wait(patience)  # nothing more is to come
        return worked

    def _go_back(self, since: float) -> None:
        newest = self._ring.newest
        if newest is not None and self.looked <= newest:  # else the box's clock was set back
            since = max(since, self.looked)
        start = self._ring.key_before(since + _ROUNDING)
        if start is not None and newest is not None:
            self._place, self._from = start - 1, min(since, newest)
            self._allowed = _LOST + newest - self._from
        if self._decoder is not None:
            self._decoder.rest()

    def _glimpse(self, patience: float) -> bool:
        kept = self._ring.read_key(self._place, patience)
        if kept is None:
            self._drained = self._ring.ended
            return False
        self._place = kept.number
        if 0 <= kept.packet.time - self._glimpsed < self._gaze.glimpse and kept.opening == self._opening:
            return True
        self._glimpsed = kept.packet.time
        decoder = self._decoder_for(kept)
        picture = decoder.alone(kept.packet) if decoder else None
        if picture is None:
            self._failed()
        else:
            self._glimpses += 1
            self._show(picture, kept, glimpse=True)
        return True

    def _follow(self, patience: float) -> bool:
        kept = self._ring.read(self._place, patience)
        if kept is None:
            return self._drain()
        kept = self._caught_up(kept)
        fresh = kept.opening != self._opening
        decoder = self._decoder_for(kept)
        if kept.number != self._place + 1 and decoder is not None and not fresh:
            self._skipped += kept.number - self._place - 1
            decoder.rest()
        self._place, self._drained = kept.number, False
        pictures = decoder.pictures(kept.packet) if decoder else []
        for picture in pictures:
            self._show(picture, kept, glimpse=False)
        if not pictures:
            self._failed()
        return True

    def _caught_up(self, kept: Kept) -> Kept:
        """This packet, or the newest key frame where the analysis has fallen too far behind a live camera."""
        lag = self._lag(kept.packet.dts)
        if lag < _LAG:
            self._allowed = _LOST
        if self._gaze.patient or lag < self._allowed:
            return kept
        return self._ring.read_key(kept.number, 0.0) or kept

    def _drain(self) -> bool:
        """The pictures a recording's decoder still holds at its end."""
        if not self._ring.ended or self._drained:
            return False
        for picture in self._decoder.rest() if self._decoder else ():
            self._show(picture, None, glimpse=False)
        self._drained = True
        return False

    def _show(self, picture: VideoFrame, kept: Kept | None, *, glimpse: bool) -> None:
        moment = (picture.pts or 0) / 1_000_000
        self._note(picture, moment, kept)
        frame = Frame(picture, moment, self._pictures - 1, glimpse)
        if glimpse or self._wanted(moment):
            self.hand_on(frame)

    def _wanted(self, moment: float) -> bool:
        if moment < self._from - _ROUNDING:
            return False
        self._from = float("-inf")  # reached; should the box's clock be set back, what follows counts
        return self._cadence.due(moment)

    def hand_on(self, frame: Frame) -> None:
        """To the analysis: the newest picture wins, but none is passed over that has to be caught up with."""
        self._analysed += 1
        behind = self._lag(frame.time) > _LAG
        if behind or self._gaze.patient:
            self._slot.put_when_free(frame, _ONCE if self._gaze.patient else _TAKEN)
        else:
            self._slot.put(frame)

    def _note(self, picture: VideoFrame, moment: float, kept: Kept | None) -> None:
        self._pictures += 1
        self._last, self.failing = moment, None
        size = picture.width, picture.height
        if kept is not None and (self.pictured != kept.opening or size != self._size):
            info = kept.info
            self._size = size
            self.info = StreamInfo(info.codec, *size, info.rate, info.extradata)
            self.pictured = kept.opening

    def _lag(self, moment: float) -> float:
        newest = self._ring.newest
        return 0.0 if newest is None else newest - moment

    def _failed(self) -> None:
        self.failing = self.failing or time.monotonic()

    def _decoder_for(self, kept: Kept) -> Decoder | None:
        """A fresh one for every opening; None where this codec cannot be decoded at all."""
        if kept.opening == self._opening:
            return self._decoder
        if self._decoder is not None:
            self._spoilt += self._decoder.spoilt
            for picture in self._decoder.rest():
                self._show(picture, None, glimpse=False)
        self._opening = kept.opening
        try:
            self._decoder = Decoder(kept.info, self._gaze.threads, self._gaze.acceleration)
        except UnsupportedCodec:
            self._decoder = None
        return self._decoder


class EyeThread:
    """An eye on a thread of its own: a camera's packets are never held up by decoding them."""

    def __init__(self, name: str, eye: Eye, failed: Callable[[], None]) -> None:
        self._eye = eye
        self._failed = failed
        self._thread = threading.Thread(target=self._run, name=f"eye-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._eye.closed:
                self._eye.turn(_IDLE)
        except BaseException:
            self._failed()  # a defect of ours: the worker ends, and another one starts
            raise
