"""Data streams beside a live video: KLV (MISB ST 0601) of drones, subtitles with telemetry, ONVIF metadata."""

import time

from av.packet import Packet as AvPacket
from av.stream import Stream

from streams.source import Sink
from streams.stamps import LiveClock

_TYPES = frozenset({"data", "subtitle"})


class Beside:
    """Hands data packets to `sink.metadata`, with times on the box's clock as the video's are."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._clocks: dict[int, LiveClock] = {}

    def put(self, packet: "AvPacket[Stream]") -> None:
        """Packets of sound and pictures are left out."""
        stream = packet.stream
        if stream.type not in _TYPES or not packet.size:
            return
        base = float(stream.time_base or 0)
        pts = None if packet.pts is None or not base else packet.pts * base
        moment, _ = self._clocks.setdefault(stream.index, LiveClock()).times(pts, None, time.time())
        self._sink.metadata(codec_name(stream), bytes(packet), moment)


def codec_name(stream: Stream) -> str:
    """FFmpeg's name ("klv", "subrip"); data that it has no decoder for is "data"."""
    return str(getattr(stream, "name", None) or "data")
