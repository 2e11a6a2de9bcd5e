"""What the camera shows: a street that stands still, in a sensor's noise, so that every picture has its usual size."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, FPS = 1920, 1080, 25
GOP = 2 * FPS
_BITS = 4_000_000  # per s: what cameras are set to at this size
_GRAIN = 6  # grey levels


def draw(path: Path, pictures: int) -> Path:
    """An MP4 of H.264, main profile, without B-frames."""
    grain = np.random.default_rng(0)
    scene = np.kron(
        grain.integers(40, 200, (HEIGHT // 40, WIDTH // 40), np.uint8), np.ones((40, 40), np.uint8)
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate, stream.gop_size = _BITS, GOP
        stream.codec_context.time_base = Fraction(1, FPS)
        own = f"bframes=0:scenecut=0:keyint={GOP}:vbv-maxrate={_BITS // 1000}:vbv-bufsize={_BITS // 1000}"
        stream.options = {"preset": "superfast", "profile": "main", "x264-params": own}
        for number in range(pictures):
            noisy = scene + grain.integers(0, _GRAIN, scene.shape, np.uint8)
            frame = av.VideoFrame.from_ndarray(np.stack([noisy] * 3, axis=2), "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
