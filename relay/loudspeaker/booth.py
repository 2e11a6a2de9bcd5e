"""Where a talk group's speech is made fit for its loudspeakers: once for all of them, on a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from relay.loudspeaker.offer import Form
from relay.loudspeaker.playout import HOLD, Frame
from relay.loudspeaker.voice import Spoken, Voice
from relay.media.stream import Packet

_log = structlog.get_logger()

_WAITING = 50  # packets (1 s) that wait for the thread: a box that is further behind has other troubles
# s without a packet until what is held back goes out, just before the loudspeakers run dry
_PAUSE = HOLD + 0.01

Ear = Callable[[Frame], None]


class Booth:
    """One per group; a `relay.media.switch.Sink` to be tapped into its switch. All of it on the event loop.

    While no loudspeaker listens nothing is decoded. dropped: packets that came while too many waited.
    """

    def __init__(self, group: str) -> None:
        self.dropped = 0
        self._group = group
        self._ears: dict[Ear, Form] = {}
        self._voice = Voice()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loudspeaker")  # starts with the first packet
        self._waiting = 0
        self._end: asyncio.TimerHandle | None = None
        self._closed = False

    def attach(self, ear: Ear, form: Form) -> None:
        """What is said from now on is told to `ear`, on the loop, packed as `form`."""
        self._ears[ear] = form

    def detach(self, ear: Ear) -> None:
        self._ears.pop(ear, None)

    def put(self, packet: Packet) -> None:
        """The next packet of whoever has the floor: Opus."""
        if not self._ears or self._closed:
            return
        if self._waiting >= _WAITING:
            self.dropped += 1
            return
        self._do(partial(self._voice.hear, packet))
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_later(_PAUSE, self._do, self._voice.finish)

    def close(self) -> None:
        """Idempotent. Waits for nothing: the thread ends with the packet it has."""
        self._closed = True
        if self._end is not None:
            self._end.cancel()
        self._ears.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _do(self, work: Callable[[frozenset[Form]], list[Spoken]]) -> None:
        self._waiting += 1
        forms = frozenset(self._ears.values())
        done = asyncio.get_running_loop().run_in_executor(self._thread, work, forms)
        done.add_done_callback(self._told)

    def _told(self, done: "asyncio.Future[list[Spoken]]") -> None:
        self._waiting -= 1
        if done.cancelled():
            return
        if error := done.exception():
            # Whatever a codec dies of: the next speech starts with a new one, and the group hears this one anyway.
            _log.error("loudspeaker.not_packed", group=self._group, exc_info=error)
            self._voice = Voice()
            return
        for form, frame in done.result():
            for ear in [ear for ear, wanted in self._ears.items() if wanted == form]:
                ear(frame)
