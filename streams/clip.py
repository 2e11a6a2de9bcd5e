"""Encoded packets to a file that plays: fragmented MP4, remuxed, never re-encoded."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
from av import error as av_error
from av.container import OutputContainer
from av.packet import Packet as AvPacket
from av.stream import Stream

from streams.decoding import Decoder
from streams.errors import UnsupportedCodec
from streams.packet import Packet, parameter_sets
from streams.source import StreamInfo

_CLOCK = 90_000  # Hz: the clock of RTP and of MPEG systems
_KEPT = frozenset({"h264", "hevc", "mjpeg"})
_BASE = Fraction(1, _CLOCK)
_USUAL_RATE = 25.0  # Hz: how long a clip's only picture stands, where the camera does not tell
# Fragments, each written out when it is whole, so that what came before a power cut plays; the header waits for the
# first picture, because parameter sets are read from it.
_FORM = {"movflags": "frag_keyframe+delay_moov+default_base_moof"}


class ClipFailed(Exception):
    """The clip could not be written; the text names FFmpeg's or the system's reason."""


class ClipWriter:
    """One clip of one stream: the first packet is a key frame.

    What the camera put into the packets (signatures in SEI units) stays in. Raises ClipFailed.
    """

    def __init__(
        self, path: Path, info: StreamInfo, *, fragment: float | None = None, trusted: bool = False
    ) -> None:
        """fragment: s after which what came is on its disk, without waiting for a key frame. trusted: the size in
        `info` was read from parameter sets that were checked, and nothing need be decoded."""
        if info.codec not in _KEPT:
            raise ClipFailed(f"{info.codec} does not fit into MP4")
        self._info = info
        with _told():
            self._disk = _Disk(path)
            form = _FORM | ({"frag_duration": str(round(fragment * 1_000_000))} if fragment else {})
            self._file: OutputContainer = av.open(self._disk, "w", format="mp4", options=form)
        self._trusted = trusted
        self._stream: Stream | None = None
        self._start = 0.0
        self._ticks, self._gap = -1, 0
        self.packets = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, packet: Packet) -> None:
        with _told():
            if self._stream is None:
                self._stream = self._opened(packet)
                packet = self._headed(packet)
            self._file.mux_one(self._coded(packet, self._stream))
        self.packets += 1

    def close(self) -> None:
        with _told(), self._disk:
            self._file.close()

    def discard(self) -> None:
        """Close a clip that failed; that it cannot be completed is known by now."""
        with contextlib.suppress(ClipFailed):
            self.close()

    def _opened(self, first: Packet) -> Stream:
        self._start = first.dts
        self._gap = round(_CLOCK / (self._info.rate or _USUAL_RATE))
        width, height = self._size(first)
        self._file.metadata["creation_time"] = datetime.fromtimestamp(first.time, UTC).isoformat()
        return self._file.add_mux_stream(self._info.codec, width=width, height=height, time_base=_BASE)

    def _size(self, first: Packet) -> tuple[int, int]:
        """MP4 has the size in its header. Decoded even where it is known: parameter sets that a decoder refuses
        can keep FFmpeg's muxer busy for minutes, with the GIL held."""
        if self._trusted:
            return self._info.width, self._info.height
        try:
            picture = Decoder(self._info).alone(first)
        except UnsupportedCodec:
            picture = None
        if picture is None:
            raise ClipFailed("the first picture does not decode")
        return picture.width, picture.height

    def _headed(self, first: Packet) -> Packet:
        """With the parameter sets in band, which a camera may send in its description only."""
        if not self._info.extradata or parameter_sets(self._info.codec, first.data):
            return first
        return Packet(self._info.extradata + first.data, first.time, first.dts, first.key)

    def _coded(self, packet: Packet, stream: Stream) -> "AvPacket[Stream]":
        coded = AvPacket(packet.data)
        # Players refuse a clip whose decoding times do not rise, and cameras repeat them.
        last, self._ticks = self._ticks, max(self._ticks + 1, round((packet.dts - self._start) * _CLOCK))
        self._gap = self._ticks - last if self.packets else self._gap
        coded.stream, coded.time_base = stream, _BASE
        coded.dts, coded.duration = self._ticks, self._gap  # which only the last one is believed
        coded.pts = self._ticks + max(0, round((packet.time - packet.dts) * _CLOCK))
        coded.is_keyframe = packet.key
        return coded


class _Disk:
    """FFmpeg's own files say nothing of a disk that fills up while they are closed."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        while left:
            left = left[self._raw.write(left) :]
        return len(data)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raises ClipFailed for what FFmpeg or the disk refuses."""
    try:
        yield
    except (av_error.FFmpegError, OSError) as error:
        raise ClipFailed(error.strerror or type(error).__name__) from None
