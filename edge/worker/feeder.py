"""The child's end of live view: packets of a camera's ring to the daemon, while somebody watches."""

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from edge.worker.messages import View
from streams.crossing import LONGEST, packed
from streams.ring import Kept, Ring
from streams.sound import Sounds

_PATIENCE = 0.5  # s without a packet after which a view looks whether it is still wanted
_LATE = 2.0  # s behind the camera: the daemon does not take them, and live goes on from the newest key frame

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What of a camera can be watched. live: whether pictures come now. sounds: what is heard with them."""

    ring: Ring
    live: Callable[[], bool]
    sounds: Sounds = field(default_factory=Sounds)


@dataclass(slots=True)
class Crossing:
    """Of one camera, since the worker started. sent: packets; skipped: passed over, whole groups of pictures,
    because the daemon was too slow."""

    sent: int = 0
    skipped: int = 0


class Feeder:
    """Two threads for each camera that is watched, all on one socket: the ring is the queue of its pictures, and what
    the daemon takes too slowly is skipped there, up to the newest key frame; its sound, 50 packets a second, does not
    wait for them."""

    def __init__(self, sock: socket.socket, outlooks: Mapping[str, Outlook]) -> None:
        self._sock = sock
        self._outlooks: dict[str, Outlook] = {}
        self._writing = threading.Lock()
        self._views: dict[str, _View] = {}
        self.counts: dict[str, Crossing] = {}
        for camera, outlook in outlooks.items():
            self.put(camera, outlook)

    def put(self, camera: str, outlook: Outlook) -> None:
        """A new camera, or one that was connected anew: whoever watches it is asked for again by a View."""
        self._outlooks[camera] = outlook
        self.counts.setdefault(camera, Crossing())

    def drop(self, camera: str) -> None:
        self.obey(View(camera=camera, channel=None))
        self._outlooks.pop(camera, None)
        self.counts.pop(camera, None)

    def obey(self, order: View) -> None:
        """Never waits: it belongs to the thread that answers for the worker's life. What is said again changes nothing."""
        outlook = self._outlooks.get(order.camera)
        former = self._views.get(order.camera)
        if former is not None and (former.channel, former.outlook) == (order.channel, outlook):
            return
        self._views.pop(order.camera, None)
        if former is not None:
            former.over.set()
        if order.channel is None or outlook is None:
            return
        view = _View(order.channel, outlook, self.counts[order.camera], self._send)
        self._views[order.camera] = view
        for name, work in (("view", view.run), ("hear", view.hear)):
            threading.Thread(target=work, name=f"{name}-{order.camera}", daemon=True).start()

    def stop(self) -> None:
        for view in self._views.values():
            view.over.set()

    def _send(self, frame: bytes) -> None:
        """Blocks while the daemon is slow. Raises OSError if it is gone."""
        with self._writing:
            self._sock.sendall(frame)


class _View:
    """One camera on one channel, from its newest key frame on."""

    def __init__(
        self, channel: int, outlook: Outlook, counts: Crossing, send: Callable[[bytes], None]
    ) -> None:
        self.channel, self.outlook = channel, outlook
        self._ring, self._counts, self._send = outlook.ring, counts, send
        self._sounds = outlook.sounds
        self._place = self._beginning(outlook)
        self._opening = 0
        self.over = threading.Event()

    def run(self) -> None:
        try:
            while not self.over.is_set() and not self._ring.ended:
                kept = self._next()
                if kept is not None and not self.over.is_set():
                    self._give(kept)
        except OSError as gone:
            log.debug("view.ended", channel=self.channel, why=str(gone))

    def hear(self) -> None:
        """Sound of the stream that was announced: another one's may be of another codec."""
        try:
            with self._sounds.listen() as ear:
                while not self.over.is_set() and not self._ring.ended:
                    sound = ear.next(_PATIENCE)
                    if sound is not None and not self.over.is_set() and self._opening == self._ring.opening:
                        self._send(packed(self.channel, sound))
        except OSError as gone:
            log.debug("view.unheard", channel=self.channel, why=str(gone))

    def _beginning(self, outlook: Outlook) -> int:
        """Number of the packet before the first one. What a camera that is away sent last is not live any more."""
        key = self._ring.key_before(float("inf")) if outlook.live() else None
        return self._ring.last_number if key is None else key - 1

    def _next(self) -> Kept | None:
        kept = self._ring.read(self._place, _PATIENCE)
        if kept is None:
            return None
        newest, key = self._ring.newest, None
        if newest is not None and newest - kept.packet.dts > _LATE:
            key = self._ring.read_key(kept.number, 0.0)
        kept = kept if key is None else key
        if self._opening:
            self._counts.skipped += kept.number - self._place - 1
        self._place = kept.number
        return kept

    def _give(self, kept: Kept) -> None:
        if kept.opening != self._opening:
            if not kept.packet.key:
                return
            self._send(packed(self.channel, kept.info))
            self._opening = kept.opening
        if kept.packet.size > LONGEST:  # the daemon takes it for nonsense, and us for broken
            self._counts.skipped += 1
            return
        self._send(packed(self.channel, kept.packet))
        self._counts.sent += 1
