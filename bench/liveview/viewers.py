"""Viewers that count what comes and decode nothing, so that many of them fit beside what is measured.

python -m bench.liveview.viewers
"""

import uvloop
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench.talkback.wire import serve
from relay.media import hook
from relay.media.stream import Packet


class Viewers:
    def __init__(self) -> None:
        self._connections: list[RTCPeerConnection] = []
        self._counts: list[tuple[int, int]] = []

    async def offer(self) -> str:
        """Of one viewer more."""
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        place = len(self._connections)
        self._connections.append(connection)
        self._counts.append((0, 0))

        def take(packet: Packet) -> None:
            packets, pictures = self._counts[place]
            self._counts[place] = packets + 1, pictures + packet.marker

        hook.tap(connection.addTransceiver("video", "recvonly"), hook.Contact(), take)
        await connection.setLocalDescription()
        return connection.localDescription.sdp

    async def answer(self, sdp: str) -> None:
        """To the newest offer."""
        await self._connections[-1].setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def counts(self) -> list[tuple[int, int]]:
        """Packets and pictures so far, of each viewer."""
        return self._counts

    async def leave(self) -> None:
        """All of them."""
        for connection in self._connections:
            await connection.close()
        self._connections.clear()
        self._counts.clear()


if __name__ == "__main__":
    viewers = Viewers()
    uvloop.run(
        serve(
            {
                "offer": viewers.offer,
                "answer": viewers.answer,
                "counts": viewers.counts,
                "leave": viewers.leave,
            }
        )
    )
