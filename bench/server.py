"""A simulated camera that costs little beside what is measured: the tests' GStreamer server (python3-gi,
gir1.2-gst-rtsp-server-1.0). The demo's own server takes five times the CPU, and mixes up viewers who come at once."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.scenes import FPS
from tests.support.rtsp import RtspServer


@dataclass(frozen=True, slots=True)
class Served:
    """Any number of viewers; each begins with the first clip's first picture. They are shown over and over."""

    url: str
    process: psutil.Process


@contextlib.contextmanager
def served(*clips: Path, fps: int = FPS) -> Iterator[Served]:
    """clips: one after the other. Raises RuntimeError where GStreamer's parts are missing."""
    own = psutil.Process()
    before = set(own.children())
    with RtspServer(files=clips, fps=fps) as camera:
        (process,) = (child for child in own.children() if child not in before and _serves(child))
        yield Served(camera.url, process)


def _serves(child: psutil.Process) -> bool:
    return any("rtsp_server" in word for word in child.cmdline())
