"""One stream to many: who listens to whom, without decoding anything."""

import time
from collections.abc import Callable
from typing import Protocol

import structlog

from relay.media.gop import Gop, squeezed
from relay.media.h264 import H264
from relay.media.stream import Kind, Packet, Rewriter
from relay.media.syntax import Syntax

_log = structlog.get_logger()

GOP_BYTES = 4 << 20  # 8 s at 4 Mbit/s
KEY_SECONDS = 0.5  # between two wishes for a key frame: the way there and back on 4G, and the picture itself


class Sink(Protocol):
    def put(self, packet: Packet) -> None:
        """Must not wait. One that raises is detached."""


class Lane(Protocol):
    """The way to one listener."""

    def send(self, packet: Packet) -> bool:
        """False: its queue is full, and the packet is lost."""


def _nothing() -> None:
    pass


class Source:
    """One stream as received from a peer, or made from a camera's packets, to whoever is attached.

    ask_key: asks the sender for a key frame; called at most once in KEY_SECONDS, however many viewers wish it.
    """

    def __init__(
        self,
        kind: Kind,
        rate: int,
        ask_key: Callable[[], None] = _nothing,
        gop_bytes: int = GOP_BYTES,
        clock: Callable[[], float] = time.monotonic,
        syntax: Syntax = H264,
    ) -> None:
        """rate: ticks per s of its time stamps. syntax: of a video."""
        self.syntax = syntax
        self.kind = kind
        self.rate = rate
        self.packets = 0
        self.heard: float | None = None
        """When the newest packet came, s of the clock; None before the first."""
        self._ask_key = ask_key
        self._clock = clock
        self._asked: float | None = None
        self._gop = Gop(gop_bytes, syntax.begins_key) if kind is Kind.VIDEO else None
        self._sinks: list[Sink] = []

    @property
    def gop(self) -> tuple[Packet, ...]:
        """Since the newest key frame; none for audio."""
        return self._gop.packets if self._gop else ()

    def put(self, packet: Packet) -> None:
        self.packets += 1
        self.heard = self._clock()
        if self._gop:
            self._gop.put(packet)
        for sink in tuple(self._sinks):
            self._give(sink, packet)

    def attach(self, sink: Sink) -> None:
        """From the next packet on. Twice is once."""
        if sink not in self._sinks:
            self._sinks.append(sink)

    def detach(self, sink: Sink) -> None:
        if sink in self._sinks:
            self._sinks.remove(sink)

    def want_key(self) -> None:
        now = self._clock()
        if self._asked is None or now - self._asked >= KEY_SECONDS:
            self._asked = now
            self._ask_key()

    def close(self) -> None:
        """Nothing more comes."""
        self._sinks.clear()

    def _give(self, sink: Sink, packet: Packet) -> None:
        try:
            sink.put(packet)
        except Exception:  # noqa: BLE001 -- one listener's trouble must not silence the others
            _log.exception("relay.sink_failed", kind=self.kind.value, sink=type(sink).__name__)
            self.detach(sink)


class Outlet:
    """What one listener gets: one continuous stream, whoever is heard or seen in it."""

    def __init__(
        self, kind: Kind, rewriter: Rewriter, lane: Lane, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.kind = kind
        self.sent = 0
        self.dropped = 0
        """Packets that did not fit into the listener's queue."""
        self._rewriter = rewriter
        self._lane = lane
        self._clock = clock
        self._source: Source | None = None
        self._open = False
        self._wants_key = False

    def follow(self, source: Source | None) -> None:
        """From now on this one is heard or seen; None: nobody. Before the connection stands it is only noted."""
        if self._source is not None:
            self._source.detach(self)
        self._source = source
        self._rewriter.fresh()
        if self._open and source is not None:
            self._begin(source)

    def opened(self) -> None:
        """The connection stands: what is sent arrives."""
        self._open = True
        if self._source is not None:
            self._begin(self._source)

    def closed(self) -> None:
        self.follow(None)
        self._open = False

    def want_key(self) -> None:
        """The viewer lost the picture (PLI, FIR: RFC 4585, 5104)."""
        if self._source is not None:
            self._source.want_key()

    def put(self, packet: Packet) -> None:
        if self._wants_key and not self._found_key(packet):
            return
        rewritten = self._rewriter.rewrite(packet, self._clock())
        if rewritten is None:
            return
        if self._lane.send(rewritten):
            self.sent += 1
        else:
            self._lost()

    def _begin(self, source: Source) -> None:
        """A viewer starts from the kept group of pictures, else with the next key frame."""
        if self.kind is Kind.VIDEO:
            self._wants_key = True
            for packet in squeezed(source.gop, source.rate):
                self.put(packet)
            if self._wants_key:
                source.want_key()
        source.attach(self)

    def _found_key(self, packet: Packet) -> bool:
        if self._source is None or self._source.syntax.opens(packet.payload):
            self._wants_key = False
            return True
        self.want_key()  # asked again with every packet, and passed on at a measured pace: a wish can get lost
        return False

    def _lost(self) -> None:
        self.dropped += 1
        self._wants_key = self.kind is Kind.VIDEO  # the rest of the group would only show its holes


class Switch:
    """The floor of a group, for the media: everybody hears the one who speaks, and nobody hears himself."""

    def __init__(self) -> None:
        self._outlets: dict[str, Outlet] = {}
        self._taps: list[Sink] = []
        self._speaker: str | None = None
        self._source: Source | None = None

    def join(self, member: str, outlet: Outlet) -> None:
        """A late one hears who speaks at once. The newest outlet of a member is its only one."""
        self.leave(member)
        self._outlets[member] = outlet
        if member != self._speaker:
            outlet.follow(self._source)

    def leave(self, member: str) -> None:
        """It hears nothing more. Whether it still speaks is the floor's matter."""
        outlet = self._outlets.pop(member, None)
        if outlet is not None:
            outlet.follow(None)

    def tap(self, sink: Sink) -> None:
        """Hears everything, as received: a recorder, a loudspeaker."""
        self._taps.append(sink)
        if self._source is not None:
            self._source.attach(sink)

    def untap(self, sink: Sink) -> None:
        self._taps.remove(sink)
        if self._source is not None:
            self._source.detach(sink)

    def turn(self, member: str | None, source: Source | None = None) -> None:
        """`member` speaks, out of `source`; None: silence."""
        if self._source is not None:
            for sink in self._taps:
                self._source.detach(sink)
        self._speaker, self._source = member, source
        for name, outlet in self._outlets.items():
            outlet.follow(None if name == member else source)
        if source is not None:
            for sink in self._taps:
                source.attach(sink)
