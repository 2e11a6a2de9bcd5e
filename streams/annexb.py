"""Every stream in one form: NAL units with start codes, parameter sets in band (ITU-T H.264 and H.265, Annex B)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import av
from av import error as av_error
from av.packet import Packet as AvPacket
from av.stream import Stream
from av.video.stream import VideoStream

_FILTERS = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
_HOPELESS = 50  # packets in a row, 2 s: no line spoils so many
if TYPE_CHECKING:
    AnyPacket = AvPacket[Stream] | AvPacket[VideoStream]
else:  # generic for the type checker only
    AnyPacket = AvPacket


def prefixed(stream: VideoStream) -> bool:
    """Whether NAL units are length-prefixed, as in MP4 and FLV: a configuration record begins with its version,
    1 (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1)."""
    context = stream.codec_context
    return context.name in _FILTERS and (context.extradata or b"")[:1] == b"\x01"


class AnnexB:
    """Converts where something is to be converted. spoilt: packets whose lengths made no sense.

    Where none of them does, they go on as they are: it is for the decoder to say that nothing comes of a stream.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._filter = _filter(stream) if prefixed(stream) else None
        self.spoilt = self._in_a_row = 0

    def convert(self, packet: AnyPacket) -> Sequence[AnyPacket]:
        if self._filter is None:
            return (packet,)
        try:
            pieces = self._filter.filter(packet)
        except av_error.FFmpegError:
            self.spoilt += 1
            self._in_a_row += 1
            self._filter = None if self._in_a_row >= _HOPELESS else self._filter
            return ()
        self._in_a_row = 0
        return pieces


def _filter(stream: VideoStream) -> av.BitStreamFilterContext | None:
    """None: the configuration record is broken, and so is what it belongs to."""
    try:
        return av.BitStreamFilterContext(_FILTERS[stream.codec_context.name], stream)
    except av_error.FFmpegError:
        return None
