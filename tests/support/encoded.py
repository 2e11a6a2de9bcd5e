"""Encoded pictures as a camera would send them, made when a test needs them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from streams.packet import Packet, parameter_sets
from streams.ring import Kept, Ring
from streams.source import StreamInfo

START = 1_700_000_000.0  # s since 1970
_ENCODERS = {"h264": "libx264", "hevc": "libx265", "mjpeg": "mjpeg"}


@dataclass(frozen=True, slots=True)
class Shot:
    """What a camera sent. packets: in decoding order, the first at START."""

    info: StreamInfo
    packets: tuple[Packet, ...]

    @property
    def shown(self) -> list[float]:
        """Times of the pictures in the order they are shown."""
        return sorted(packet.time for packet in self.packets)

    def after(self, seconds: float) -> "Shot":
        """The same, later."""
        return replace(
            self,
            packets=tuple(
                replace(one, time=one.time + seconds, dts=one.dts + seconds) for one in self.packets
            ),
        )


@cache
def shot(
    frames: int = 40,
    *,
    codec: str = "h264",
    fps: int = 10,
    gop: int = 10,
    bframes: int = 0,
    size: tuple[int, int] = (160, 120),
) -> Shot:
    """A noisy gradient that changes with every picture."""
    grain, (width, height) = np.random.default_rng(0), size
    pictures = (
        grain.integers(0, 24, (height, width, 3), np.uint8) + np.uint8(number * 7 % 190)
        for number in range(frames)
    )
    return encoded(pictures, codec=codec, fps=fps, gop=gop, bframes=bframes)


def encoded(
    pictures: Iterable[NDArray[np.uint8]],
    *,
    codec: str = "h264",
    fps: int = 10,
    gop: int = 10,
    bframes: int = 0,
) -> Shot:
    """pictures: RGB, all of one size."""
    first, *others = pictures
    context = _encoder(codec, fps, gop, bframes)
    context.height, context.width = first.shape[:2]
    coded = []
    for number, picture in enumerate([first, *others]):
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
        frame.pts = number
        coded += context.encode(frame)
    coded += context.encode(None)
    begin = min(one.dts or 0 for one in coded)
    packets = tuple(
        Packet(
            bytes(one),
            START + ((one.pts or 0) - begin) / fps,
            START + ((one.dts or 0) - begin) / fps,
            one.is_keyframe,
        )
        for one in coded
    )
    sets = parameter_sets(codec, packets[0].data)
    return Shot(StreamInfo(codec, context.width, context.height, float(fps), sets), packets)


def _encoder(codec: str, fps: int, gop: int, bframes: int) -> av.VideoCodecContext:
    context = av.CodecContext.create(_ENCODERS[codec], "w")
    assert isinstance(context, av.VideoCodecContext)
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    context.framerate, context.time_base = Fraction(fps), Fraction(1, fps)
    if codec != "mjpeg":
        context.gop_size, context.max_b_frames = gop, bframes
        own = f"scenecut=0:bframes={bframes}:b-adapt=0:keyint={gop}:min-keyint={gop}"
        own += ":open-gop=0:log-level=none" if codec == "hevc" else ""
        context.options = {"preset": "ultrafast", "x265-params" if codec == "hevc" else "x264-params": own}
    return context


def units(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B access unit, without their start codes."""
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1") if unit.rstrip(b"\0")]


def joined(parts: Sequence[bytes]) -> bytes:
    return b"".join(b"\0\0\0\1" + part for part in parts)


def without_sets(data: bytes) -> bytes:
    """An H.264 access unit as cameras send it that name their parameter sets in the SDP only."""
    return joined([unit for unit in units(data) if unit[0] & 0x1F not in (7, 8)])


def with_sei(data: bytes, message: bytes) -> bytes:
    """An H.264 access unit with a user data unregistered SEI message (ITU-T H.264 D.1.7) before its slices."""
    body = bytes(range(16)) + message
    sizes = b"\xff" * (len(body) // 255) + bytes([len(body) % 255])
    sei = b"\x06\x05" + sizes + _escaped(body) + b"\x80"
    parts = units(data)
    place = next(number for number, unit in enumerate(parts) if unit[0] & 0x1F in (1, 5))
    return joined([*parts[:place], sei, *parts[place:]])


def _escaped(body: bytes) -> bytes:
    """Emulation prevention (7.4.1.1)."""
    out = bytearray()
    for byte in body:
        if out[-2:] == b"\0\0" and byte <= 3:
            out.append(3)
        out.append(byte)
    return bytes(out)


def filled(ring: Ring, *shots: Shot) -> Ring:
    """Each of them an opening of its own."""
    for one in shots:
        ring.open(one.info)
        for packet in one.packets:
            ring.put(packet)
    return ring


def content(ring: Ring) -> list[Kept]:
    """Everything that is in it."""
    kept, after = [], -1
    while (one := ring.read(after, 0.0)) is not None:
        kept.append(one)
        after = one.number
    return kept
