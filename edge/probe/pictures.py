"""What the packets decode to: a picture to look at, and those that came damaged."""

from dataclasses import dataclass

from av.video.frame import VideoFrame

from edge.probe.heard import Heard
from streams.decoding import Decoder
from streams.errors import UnsupportedCodec


@dataclass(frozen=True, slots=True)
class Pictures:
    """first: the first whole one; None where nothing decodes. count: that decoded; damaged: of them, and packets of which
    nothing came."""

    first: VideoFrame | None
    count: int
    damaged: int


def pictures(heard: Heard) -> Pictures:
    """From the first key frame on. Takes a tenth of the time that was listened, per core and 1080p."""
    keys = (place for place, packet in enumerate(heard.packets) if packet.key)
    try:
        decoder = Decoder(heard.info, threads=0)
    except UnsupportedCodec:
        return Pictures(None, 0, len(heard.packets))
    first, count, damaged = None, 0, 0
    for packet in heard.packets[next(keys, len(heard.packets)) :]:
        for frame in decoder.pictures(packet):
            count += 1
            damaged += frame.is_corrupt
            first = first or (None if frame.is_corrupt else frame)
    for frame in decoder.rest():
        count += 1
        first = first or frame
    return Pictures(first, count, damaged + decoder.spoilt)


def blocks(frame: VideoFrame, columns: int) -> list[str]:
    """Lines of `columns` half blocks (U+2580) in 24-bit colour, each two pixels high: upper in front, lower behind
    (ECMA-48 SGR, ITU-T T.416 direct colour)."""
    rows = max(2, round(columns * frame.height / frame.width / 2) * 2)
    rgb = frame.to_ndarray(width=columns, height=rows, format="rgb24")
    lines = []
    for upper, lower in zip(rgb[::2].tolist(), rgb[1::2].tolist(), strict=True):
        cells = (
            f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m▀"
            for a, b in zip(upper, lower, strict=True)
        )
        lines.append("".join(cells) + "\x1b[0m")
    return lines
