"""Live view: any camera to any browser (WHEP), as the camera sends it wherever that can be shown."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from relay.live import problems
from relay.live.feed import Feed
from relay.live.hearing import Workshop
from relay.live.show import Picture, Show, Slots
from relay.live.sound import Silence
from relay.media.peer import Peer
from relay.media.policy import Policy, Purpose
from relay.media.stream import Kind, Packet
from relay.media.switch import Outlet, Sink, Source
from relay.signalling import Caller
from relay.wish import Wish

_AGAIN = 2.0  # s between two fresh starts of one viewer: on a line that is too slow they are what fills it

SILENT = "sandwatch-silent"  # of a section of sound in an answer; docs/connecting.md

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    """A camera that is watched now. codec: "VP8" where it is converted; None: not known yet. packets: of RTP so far."""

    camera: str
    viewers: int
    codec: str | None
    packets: int


class LiveView:
    """All cameras of the box. A camera's packets come only while it has viewers."""

    def __init__(self, feed: Feed, transcode: int = 1, *, sound: bool = True) -> None:
        """transcode: how many cameras may be converted at once; each takes a good part of a core. sound: whether
        cameras are heard, where they send any."""
        self._feed = feed
        self._slots, self._sounds = Slots(transcode), Workshop(transcode, wanted=sound)
        self._audiences: dict[str, _Audience] = {}
        self._attending: set[asyncio.Task[None]] = set()

    async def open(self, wish: Wish, offer: str, caller: Caller) -> tuple[Peer, str]:
        """A viewer of `wish.camera`, and its answer (SDP). Raises Turned, Refused; keeps nothing then."""
        camera = wish.camera or ""
        if camera not in self._feed.cameras:
            raise problems.unknown(camera)
        audience = self._audience(camera)
        audience.seats += 1
        try:
            peer, answer = await self._seat(audience, offer, caller)
        except BaseException:
            self._leave(audience)
            raise
        task = asyncio.create_task(self._attend(audience, peer))
        self._attending.add(task)
        task.add_done_callback(self._attending.discard)
        return peer, answer

    def state(self) -> tuple[Shown, ...]:
        return tuple(audience.state() for audience in self._audiences.values())

    async def close(self) -> None:
        for audience in tuple(self._audiences.values()):
            audience.running.cancel()
        await asyncio.gather(*self._attending)
        self._sounds.close()

    def _audience(self, camera: str) -> "_Audience":
        audience = self._audiences.get(camera)
        if audience is None:
            audience = self._audiences[camera] = _Audience(
                Show(camera, self._feed, self._slots, self._sounds)
            )
            audience.running.add_done_callback(lambda _: self._forget(audience))
        return audience

    async def _seat(self, audience: "_Audience", offer: str, caller: Caller) -> tuple[Peer, str]:
        if "m=audio" in offer and "m=video" not in offer:
            raise problems.no_video()
        picture = await audience.show.picture()
        peer = Peer(_policy(picture), caller.ice)
        answer = await peer.answer(offer)
        outlet, voice = peer.outlets[Kind.VIDEO], peer.outlets.get(Kind.AUDIO)
        outlet.follow(Seat(picture.source, outlet))
        if voice is None:
            return peer, silent(answer, picture.hearing.silence or Silence.CODEC)
        voice.follow(picture.hearing.source)
        return peer, answer

    async def _attend(self, audience: "_Audience", peer: Peer) -> None:
        """Until the viewer leaves, or there is nothing to see any more."""
        ended = asyncio.ensure_future(peer.ended())
        await asyncio.wait({ended, audience.running}, return_when=asyncio.FIRST_COMPLETED)
        await peer.close()
        self._leave(audience)

    def _leave(self, audience: "_Audience") -> None:
        audience.seats -= 1
        if audience.seats == 0:
            self._forget(audience)
            audience.running.cancel()

    def _forget(self, audience: "_Audience") -> None:
        """The next viewer begins anew."""
        if self._audiences.get(audience.show.camera) is audience:
            del self._audiences[audience.show.camera]


def _policy(picture: Picture) -> Policy:
    """Who offers to hear a camera that sends no sound, or none that it knows, sees it all the same."""
    codec = picture.hearing.codec
    return Policy(
        Purpose.WATCH,
        audio=() if codec is None else (codec,),
        video=(picture.codec,),
        optional=frozenset({Kind.AUDIO}),
    )


def silent(answer: str, why: Silence) -> str:
    """The answer (SDP), its section of sound marked with why nothing is heard in it; unchanged where it has none.
    Whoever does not know the attribute ignores it (RFC 8866, 5.13)."""
    before, section, rest = answer.partition("m=audio ")
    if not section:
        return answer
    inside, others = rest.split("\r\nm=", 1) if "\r\nm=" in rest else (rest.rstrip(), "")
    marked = f"{before}{section}{inside}\r\na={SILENT}:{why.value}\r\n"
    return f"{marked}m={others}" if others else marked


class _Audience:
    """Those who watch one camera."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.seats = 0
        self.running = asyncio.create_task(show.run(), name=f"live-{show.camera}")

    def state(self) -> Shown:
        picture = self.show.shown
        packets = picture.source.packets if picture else 0
        return Shown(self.show.camera, self.seats, picture.codec if picture else None, packets)


class Seat(Source):
    """The one stream of all viewers, as one of them follows it. Over RTSP a camera cannot be asked for a key frame:
    a viewer that lost the picture begins again with the group that is kept."""

    def __init__(self, shared: Source, outlet: Outlet, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(shared.kind, shared.rate, self._begin_again, clock=clock, syntax=shared.syntax)
        self._shared, self._outlet = shared, outlet
        self._begun: float | None = None
        self._shown = -1  # packets there were by then

    @property
    def gop(self) -> tuple[Packet, ...]:
        return self._shared.gop

    def attach(self, sink: Sink) -> None:
        self._shared.attach(sink)

    def detach(self, sink: Sink) -> None:
        self._shared.detach(sink)

    def _begin_again(self) -> None:
        """Only where something has come since: browsers ask without end, and the last pictures of a camera that is silent,
        shown over and over, would look like life."""
        now = self._clock()
        due = self._begun is None or now - self._begun >= _AGAIN
        if self.gop and due and self._shared.packets != self._shown:
            self._begun, self._shown = now, self._shared.packets
            self._outlet.follow(self)
