"""The demo's clip as other cameras would have sent it."""

from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.container import OutputContainer

from edge import assets

CLIP = assets.folder() / "demo" / "clip.mp4"

_RATE = 10  # Hz
_QUALITY = {"preset": "fast", "crf": "18", "sc_threshold": "0", "x265-params": "bframes=0:log-level=none"}


def remade(
    target: Path,
    *,
    codec: Literal["libx264", "libx265", "mjpeg"] = "libx264",
    size: tuple[int, int] = (640, 360),
    bframes: int = 0,
    gop: int = 10,
    frames: int = 60,
    then: Literal["frozen", "black"] = "frozen",
    still: int = 0,
) -> Path:
    """Its first pictures, ten a second. then: what follows them for as many as `still`."""
    form = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    with av.open(str(CLIP)) as clip, av.open(str(target), "w") as container:
        stream = container.add_stream(codec, rate=_RATE)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt, stream.gop_size = form, gop
        stream.codec_context.time_base = Fraction(1, _RATE)
        if codec != "mjpeg":
            stream.options = {**_QUALITY, "bf": str(bframes)}
        picture = None
        pictures = (each.reformat(*size, format=form) for each in clip.decode(video=0))
        for number, picture in zip(range(frames), pictures, strict=False):
            _put(container, stream, picture, number)
        for number in range(frames, frames + still):
            assert picture is not None
            _put(container, stream, _black(size, form) if then == "black" else picture, number)
        container.mux(stream.encode())
    return target


def _put(container: OutputContainer, stream: av.VideoStream, picture: av.VideoFrame, number: int) -> None:
    picture.pts, picture.time_base = number, Fraction(1, _RATE)
    container.mux(stream.encode(picture))


def _black(size: tuple[int, int], form: str) -> av.VideoFrame:
    width, height = size
    return av.VideoFrame.from_ndarray(np.zeros((height, width), np.uint8), "gray").reformat(format=form)
