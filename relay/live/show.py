"""One camera while somebody watches it: judged, packed once for all, and over when nothing comes any more."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import structlog

from relay.live import fitness, problems
from relay.live.feed import Feed, Viewer
from relay.live.fitness import Unfit
from relay.live.hearing import Hearing, Workshop
from relay.live.probe import Probe
from relay.live.rtp import CLOCK, Packer, Payloads, Vp8, h264
from relay.live.transcoder import Transcoder
from relay.media.h264 import H264
from relay.media.stream import Kind
from relay.media.switch import Source
from relay.media.vp8 import VP8
from relay.signalling import Turned
from streams.packet import Packet, parameter_sets
from streams.sound import Sound
from streams.source import StreamInfo

_FIRST = 5.0  # s for the first picture: a ring that is filled has it at once, and a person waits no longer
_CONVERTED = 10.0  # s for the first one converted: a process starts, and decodes up to it
_QUIET = (
    30.0  # s without a picture: a worker is back in 2, a camera that restarts in 30; then the viewer is told
)
_LOOK = 1.0  # s until it is seen that a camera was taken out: that one does not come back

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Picture:
    """What viewers get. codec: of the pictures, its name in SDP."""

    codec: str
    source: Source
    hearing: Hearing


class Slots:
    """How many cameras may be converted at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    @contextlib.contextmanager
    def one(self, camera: str, unfit: Unfit) -> Iterator[None]:
        """Raises Turned where there is none left, or none at all."""
        if self.limit == 0:
            raise problems.unfit(camera, unfit)
        if self.taken >= self.limit:
            raise problems.busy(camera, unfit, self.limit)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class Show:
    """Fed for as long as `run` runs: until it is cancelled, nothing comes any more, or what comes has changed so that
    the viewers have to be answered anew."""

    def __init__(self, camera: str, feed: Feed, slots: Slots, sounds: Workshop) -> None:
        self.camera = camera
        self._feed, self._slots, self._sounds = feed, slots, sounds
        self._ready: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()

    async def picture(self) -> Picture:
        """Once it is known what viewers get. Raises Turned."""
        return await asyncio.shield(self._ready)

    @property
    def shown(self) -> Picture | None:
        known = self._ready.done() and not self._ready.cancelled() and not self._ready.exception()
        return self._ready.result() if known else None

    async def run(self) -> None:
        try:
            await self._judge()
        except Turned as turned:
            self._refuse(turned)
        except Exception:  # a defect in one camera's view is told to its viewers, and to nobody else
            log.exception("live.defect", camera=self.camera)
        finally:
            self._refuse(problems.silent(self.camera))

    def _refuse(self, why: Turned) -> None:
        """Whoever still waits."""
        if not self._ready.done():
            self._ready.set_exception(why)
            self._ready.exception()  # seen, even if whoever asked has gone

    async def _judge(self) -> None:
        probe = Probe()
        self._feed.begin(self.camera, probe)
        try:
            unfit = await probe.verdict(_FIRST)
            sound = probe.info.sound if probe.info else None
            if unfit is None:
                with self._sounds.hearing(self.camera, sound) as hearing:
                    await self._pass_on(probe, hearing)
                return
        except TimeoutError:
            raise problems.silent(self.camera) from None
        finally:
            self._feed.end(self.camera, probe)
        with self._slots.one(self.camera, unfit), self._sounds.hearing(self.camera, sound) as hearing:
            await self._convert(unfit, hearing)

    async def _pass_on(self, probe: Probe, hearing: Hearing) -> None:
        source = Source(Kind.VIDEO, CLOCK, syntax=H264)
        passing = Passing(source, hearing.changed)
        probe.hand_over(_Both(passing, hearing))
        self._ready.set_result(Picture("H264", source, hearing))
        await self._until_quiet(source, hearing.changed)
        why = passing.unfit or ("other sound" if hearing.changed.is_set() else "nothing came")
        log.info("live.over", camera=self.camera, why=why)

    async def _convert(self, unfit: Unfit, hearing: Hearing) -> None:
        log.info("live.converting", camera=self.camera, why=unfit)
        source, begun = Source(Kind.VIDEO, CLOCK, syntax=VP8), asyncio.Event()
        try:
            transcoder = await Transcoder.start()
        except OSError as error:
            log.error("transcoder.failed", camera=self.camera, why=error.strerror)
            raise problems.undecodable(self.camera) from None
        delivering = asyncio.create_task(transcoder.deliver(_Converted(source, begun)))
        both = _Both(transcoder, hearing)
        try:
            self._feed.begin(self.camera, both)
            await self._begins(begun)
            self._ready.set_result(Picture("VP8", source, hearing))
            quiet = asyncio.create_task(self._until_quiet(source, hearing.changed))
            try:
                await asyncio.wait({delivering, quiet}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                quiet.cancel()
            log.info("live.over", camera=self.camera, skipped=transcoder.skipped)
        finally:
            delivering.cancel()
            self._feed.end(self.camera, both)
            await transcoder.close()

    async def _until_quiet(self, source: Source, changed: asyncio.Event) -> None:
        """Returns when nothing has come for long, it has changed, or the camera was taken out."""
        clock = asyncio.get_running_loop().time
        seen, since = source.packets, clock()
        while not changed.is_set() and self.camera in self._feed.cameras:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await changed.wait()
            if source.packets != seen:
                seen, since = source.packets, clock()
            elif clock() - since >= _QUIET:
                return

    async def _begins(self, begun: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_CONVERTED):
                await begun.wait()
        except TimeoutError:
            raise problems.undecodable(self.camera) from None


class _Both:
    """Pictures to the one, sound to the other. A Viewer."""

    def __init__(self, pictures: Viewer, hearing: Hearing) -> None:
        self._pictures, self._hearing = pictures, hearing

    def opened(self, info: StreamInfo) -> None:
        self._pictures.opened(info)
        self._hearing.opened(info)

    def packet(self, packet: Packet) -> None:
        self._pictures.packet(packet)

    def sound(self, sound: Sound) -> None:
        self._hearing.sound(sound)


class _Packing:
    """Pictures to a Source."""

    def __init__(self, source: Source, payloads: Payloads) -> None:
        self._source, self._packer = source, Packer(payloads)

    def put(self, packet: Packet) -> None:
        for packed in self._packer.pack(packet):
            self._source.put(packed)

    def restart(self) -> None:
        self._packer.restart()


class Passing:
    """H.264 as the camera sends it. A Viewer. changed: set where browsers can no longer show it; unfit: why."""

    def __init__(self, source: Source, changed: asyncio.Event) -> None:
        self._packing = _Packing(source, h264)
        self._sets = b""
        self.changed = changed
        self.unfit: Unfit | None = None

    def opened(self, info: StreamInfo) -> None:
        self._sets = info.extradata
        self._packing.restart()
        self._judge(fitness.of_stream(info))

    def packet(self, packet: Packet) -> None:
        self._judge(fitness.of_packet(packet))
        if self.unfit is None:
            self._packing.put(self._headed(packet) if packet.key else packet)

    def sound(self, sound: Sound) -> None:
        """Pictures only."""

    def _headed(self, key: Packet) -> Packet:
        """With the parameter sets in band, which a camera may send in its description only."""
        if not self._sets or parameter_sets("h264", key.data):
            return key
        return replace(key, data=self._sets + key.data)

    def _judge(self, unfit: Unfit | None) -> None:
        if unfit is not None:
            self.unfit = unfit
            self.changed.set()


class _Converted:
    """What a transcoder gives. A Viewer. begun: the first picture is there."""

    def __init__(self, source: Source, begun: asyncio.Event) -> None:
        self._packing = _Packing(source, Vp8())
        self._begun = begun

    def opened(self, info: StreamInfo) -> None:
        self._packing.restart()

    def packet(self, packet: Packet) -> None:
        self._packing.put(packet)
        self._begun.set()

    def sound(self, sound: Sound) -> None:
        """Pictures only."""
