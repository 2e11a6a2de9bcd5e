"""Small recorded clips, made when a test needs them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def make_clip(
    path: Path,
    *,
    frames: int = 20,
    size: tuple[int, int] = (160, 120),
    fps: int = 10,
    codec: str = "libx264",
    created: str | None = None,
    faststart: bool = False,
) -> Path:
    """A noisy gradient that changes with every picture; one key frame per second."""
    width, height = size
    noise = np.random.default_rng(0)
    options = {"movflags": "+faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as container:
        if created is not None:
            container.metadata["creation_time"] = created
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size = fps
        stream.codec_context.time_base = Fraction(1, fps)
        if codec.startswith("lib"):
            stream.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        for number in range(frames):
            picture = noise.integers(0, 64, (height, width, 3), np.uint8) + np.uint8(number * 7 % 190)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def recode(source: Path, target: Path, *, codec: str, frames: int, fps: int = 10) -> Path:
    """The first pictures of a clip in another codec, so that the same trucks come."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = (
            clip.streams.video[0].width,
            clip.streams.video[0].height,
            "yuv420p",
        )
        stream.gop_size = 2 * fps
        stream.codec_context.time_base = Fraction(1, fps)
        stream.options = {"preset": "ultrafast", "crf": "18", "x265-params": "bframes=0:log-level=none"}
        for number, picture in zip(range(frames), clip.decode(video=0), strict=False):
            fresh = av.VideoFrame.from_ndarray(picture.to_ndarray(), picture.format.name)
            fresh.pts = number
            container.mux(stream.encode(fresh))
        container.mux(stream.encode())
    return target
