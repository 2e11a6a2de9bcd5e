"""The listeners nobody measures, and one who presses the button: a process that takes packets and decodes nothing."""

import asyncio
import time
from typing import Any

import uvloop
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

from bench.talkback.mouth import Voice
from bench.talkback.wire import serve
from relay.floor_words import Release, Request, write
from relay.media import hook
from relay.media.stream import Packet

_PATIENCE = 10.0  # s for what takes milliseconds


class Crowd:
    def __init__(self) -> None:
        self._connections: dict[str, RTCPeerConnection] = {}
        self._packets: dict[str, int] = {}
        self._channel: RTCDataChannel | None = None
        self._granted = asyncio.Event()
        self._idle = asyncio.Event()
        self._heard = asyncio.Event()

    async def offer(self, name: str) -> str:
        connection = self._new(name)
        connection.addTransceiver("audio", "recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        return connection.localDescription.sdp

    async def answer(self, name: str, sdp: str) -> None:
        connection = self._connections[name]
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        if name != "presser":
            hook.tap(connection.getTransceivers()[0], hook.Contact(), lambda packet: self._take(name, packet))
        while connection.connectionState != "connected":  # noqa: ASYNC110 -- aiortc tells it as an event of its own
            await asyncio.sleep(0.005)

    async def leave(self, name: str) -> None:
        await self._connections.pop(name).close()

    async def packets(self) -> dict[str, int]:
        return self._packets

    async def button(self) -> str:
        """The offer of the one who presses: microphone, ear and floor channel."""
        connection = self._new("presser")
        voice: AudioStreamTrack = Voice()
        connection.addTransceiver(voice, "sendrecv")
        self._channel = connection.createDataChannel("floor")
        self._channel.on("message", self._told)
        await connection.setLocalDescription(await connection.createOffer())
        return connection.localDescription.sdp

    async def press(self, times: int) -> dict[str, list[float]]:
        """ms from pressing the button to the permission, and to the first packet at another listener."""
        assert self._channel is not None
        granted, heard = [], []
        while self._channel.readyState != "open":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for number in range(times):
            self._granted.clear()
            self._heard.clear()
            began = time.monotonic()
            self._channel.send(write(Request(press=number)))
            await asyncio.wait_for(self._granted.wait(), _PATIENCE)
            granted.append((time.monotonic() - began) * 1000)
            await asyncio.wait_for(self._heard.wait(), _PATIENCE)
            heard.append((time.monotonic() - began) * 1000)
            self._idle.clear()
            self._channel.send(write(Release(press=number)))
            await asyncio.wait_for(self._idle.wait(), _PATIENCE)
            await asyncio.sleep(0.35)  # words faster than a thumb are refused
        return {"granted": granted, "heard": heard}

    def _new(self, name: str) -> RTCPeerConnection:
        self._connections[name] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._packets[name] = 0
        return self._connections[name]

    def _take(self, name: str, _: Packet) -> None:
        self._packets[name] += 1
        self._heard.set()

    def _told(self, text: Any) -> None:
        if '"granted"' in text:
            self._granted.set()
        elif '"idle"' in text:
            self._idle.set()


async def _main() -> None:
    crowd = Crowd()
    names = ("offer", "answer", "leave", "packets", "button", "press")
    await serve({name: getattr(crowd, name) for name in names})


if __name__ == "__main__":
    uvloop.run(_main())
