"""From FFmpeg's packets of a live stream to ours."""

import struct

from av.video.stream import VideoStream

from streams.annexb import AnnexB, AnyPacket
from streams.packet import Packet
from streams.source import Sink
from streams.stamps import LiveClock

_PRFT = struct.Struct("=qi")  # AVProducerReferenceTime: wall clock in microseconds since 1970, flags


class Feed:
    """One live video stream: Annex B, times on the box's clock, and the camera's own clock where RTCP tells it
    (RFC 3550, 6.4.1: sender reports tie RTP time to the sender's wall clock)."""

    def __init__(self, video: VideoStream, sink: Sink) -> None:
        self._sink = sink
        self._annex_b = AnnexB(video)
        self.clock = LiveClock()
        self._base = float(video.time_base or 1 / 90_000)
        self._told = 0

    @property
    def behind(self) -> float:
        """How much later than at best pictures arrive, s."""
        return self.clock.behind

    def put(self, packet: AnyPacket, arrived: float) -> None:
        """arrived: s since 1970. Empty and broken packets are left out."""
        if not packet.size:
            return
        self._tell_clock(packet)
        pts = None if packet.pts is None else packet.pts * self._base
        dts = None if packet.dts is None else packet.dts * self._base
        time, decode = self.clock.times(pts, dts, arrived)
        for piece in self._annex_b.convert(packet):
            self._sink.packet(Packet(bytes(piece), time, decode, piece.is_keyframe))

    def _tell_clock(self, packet: AnyPacket) -> None:
        """Once a second or so: it costs more than the rest."""
        self._told += 1
        if self._told % 32 or not packet.has_sidedata("prft"):
            return
        data = bytes(packet.get_sidedata("prft"))
        if len(data) >= _PRFT.size:
            self._sink.sent(_PRFT.unpack_from(data)[0] / 1_000_000)
