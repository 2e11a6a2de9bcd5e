"""The demo's surroundings: a free port, a simulated camera, and a place to see what the broker passes on."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from edge.demo import camera as simulated
from streams.problem import Problem, ProblemError, Text

_CAMERA_START = 15.0  # s: a fresh interpreter that imports FFmpeg, on a slow SD card
_NO_CAMERA = Problem(
    "demo.camera",
    Text("the simulated camera did not start", "模拟摄像机未能启动"),
    Text(
        "run make demo again; if it stays, delete .venv first",
        "请重新运行 make demo；若仍失败，请先删除 .venv",
    ),
)


class DemoFailed(ProblemError):
    """A part of the demo did not start."""


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def simulated_camera(clip: Path) -> AsyncIterator[str]:
    """Serve the clip over RTSP on loopback from a process of its own; yields its URL. Raises DemoFailed."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "edge.demo.camera",
        str(port),
        str(clip.parent),
        stdin=asyncio.subprocess.PIPE,  # nothing is said through it; its end is the end of the demo
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the daemon; it ends the camera in its own time
    )
    try:
        await _ready(process)
        yield simulated.url(port, clip.name)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_CAMERA_START):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if line.strip() != b"ready":
        raise DemoFailed(_NO_CAMERA)
