"""The two that are compared, each a process: ours, and aiortc's usual way, which decodes and encodes again.

python -m bench.liveview.ways ours|aiortc URL
"""

import contextlib
import sys
import tempfile
from pathlib import Path

import psutil
import uvloop
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer, MediaRelay

from bench.talkback.wire import serve
from edge import logs
from tests.support.watching import box, camera


async def cpu() -> float:
    """s of this process and its children so far."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(one.user + one.system for one in times)


async def ours(url: str) -> None:
    async with contextlib.AsyncExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        gateway = await running.enter_async_context(box(Path(folder), camera("gate", url)))

        async def watch(sdp: str) -> str:
            return await gateway.open("gate", sdp)

        async def packed() -> int:
            """RTP packets so far, each of which every viewer should get."""
            return sum(one.packets for one in gateway.live.state())

        await serve({"cpu": cpu, "watch": watch, "packed": packed, "close": running.aclose})


async def usual(url: str) -> None:
    relay, players = MediaRelay(), list[MediaPlayer]()
    viewers: list[RTCPeerConnection] = []

    async def watch(sdp: str) -> str:
        if not players:  # opened earlier, it would begin with what has piled up since
            players.append(MediaPlayer(url, options={"rtsp_transport": "tcp"}))
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        viewers.append(connection)
        track = players[0].video
        assert track is not None
        connection.addTrack(relay.subscribe(track))
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        answer = await connection.createAnswer()
        assert answer is not None
        await connection.setLocalDescription(answer)
        return connection.localDescription.sdp

    async def close() -> None:
        for connection in viewers:
            await connection.close()

    await serve({"cpu": cpu, "watch": watch, "close": close})


if __name__ == "__main__":
    way = {"ours": ours, "aiortc": usual}[sys.argv[1]]
    logs.configure("error", "json")  # standard output carries the answers
    uvloop.run(way(sys.argv[2]))
