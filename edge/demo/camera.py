"""A simulated camera: serves the demo clip over RTSP on loopback, again and again, from a process of its own.

python -m edge.demo.camera PORT FOLDER      ends with its standard input, so that it never outlives the demo
"""

import asyncio
import logging
import sys
from pathlib import Path

import aio_rtsp_toolkit.server

HOST = "127.0.0.1"


def url(port: int, clip: str) -> str:
    """Where a client finds the clip; play_count 0 is for ever."""
    return f"rtsp://{HOST}:{port}/{clip}/play_count_0"


async def serve(port: int, folder: Path) -> None:
    server = aio_rtsp_toolkit.server.RtspServer(str(folder), host=HOST, port=port)
    await server.start()
    print("ready", flush=True)  # noqa: T201 (the parent waits for this word)
    serving = asyncio.create_task(server.serve_forever())
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), serving.cancel)
    await asyncio.wait([serving])


def _quiet() -> None:
    """The library logs every RTSP request to stdout; the demo's terminal belongs to the events."""
    quiet = logging.getLogger("edge.demo.camera")
    quiet.setLevel(logging.ERROR)
    aio_rtsp_toolkit.server.logger = quiet


if __name__ == "__main__":
    _quiet()
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
