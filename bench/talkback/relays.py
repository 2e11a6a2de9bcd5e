"""The two that are compared, each a process: ours, and aiortc's MediaRelay, which decodes and encodes again.

python -m bench.talkback.relays ours|aiortc
"""

import asyncio
import gc
import sys
import threading
import time
from typing import Any

import psutil
import uvloop
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from bench.talkback.wire import Handlers, serve
from relay.floor_events import Output, Saying
from relay.floor_events import Switch as Turn
from relay.floor_words import write
from relay.groups import TalkGroups
from relay.media.peer import Peer
from relay.media.policy import Policy, Purpose
from relay.media.stream import Kind
from relay.media.switch import Switch
from relay.talk import Member, Role, TalkGroup

_GROUP = TalkGroup("bench", (Member("mouth", Role.OPERATOR), Member("presser", Role.BODY_CAMERA)))


class Ours:
    """One group: whoever holds its floor is heard by all the others."""

    def __init__(self) -> None:
        self._switch = Switch()
        self._group = TalkGroups([_GROUP]).get("bench")
        self._peers: dict[str, Peer] = {}

    async def publish(self, sdp: str) -> str:
        peer = self._peers["mouth"] = Peer(Policy(Purpose.PUBLISH))
        answer = await peer.answer(sdp)
        self._switch.turn("mouth", peer.sources[Kind.AUDIO])
        return answer

    async def listen(self, sdp: str, name: str) -> str:
        peer = self._peers[name] = Peer(Policy(Purpose.WATCH))
        answer = await peer.answer(sdp)
        self._switch.join(name, peer.outlets[Kind.AUDIO])
        return answer

    async def talk(self, sdp: str) -> str:
        """The one who presses the button."""
        peer = self._peers["presser"] = Peer(
            Policy(Purpose.TALK),
            on_text=lambda text: self._do(self._group.receive("presser", text, time.monotonic())),
            on_channel=lambda: self._do(self._group.join("presser", "presser", time.monotonic())),
        )
        return await peer.answer(sdp)

    async def leave(self, name: str) -> None:
        self._switch.leave(name)
        await self._peers.pop(name).close()

    def _do(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case Turn(speaker):
                    peer = self._peers.get(speaker or "")
                    self._switch.turn(speaker, peer.sources[Kind.AUDIO] if peer else None)
                case Saying(to, word):
                    self._peers[to].say(write(word))


class Theirs:
    """aiortc as its examples use it."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._track: MediaStreamTrack | None = None
        self._connections: list[RTCPeerConnection] = []

    async def publish(self, sdp: str) -> str:
        connection = self._new()

        @connection.on("track")
        def arrived(track: MediaStreamTrack) -> None:
            self._track = track

        return await self._answered(connection, sdp)

    async def listen(self, sdp: str, name: str) -> str:
        connection = self._new()
        assert self._track is not None
        connection.addTrack(self._relay.subscribe(self._track))
        return await self._answered(connection, sdp)

    def _new(self) -> RTCPeerConnection:
        self._connections.append(RTCPeerConnection(RTCConfiguration(iceServers=[])))
        return self._connections[-1]

    async def _answered(self, connection: RTCPeerConnection, sdp: str) -> str:
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await connection.setLocalDescription()
        return connection.localDescription.sdp


async def cpu() -> float:
    """s of all its threads so far."""
    return time.process_time()


async def held() -> dict[str, int]:
    """What must not grow."""
    gc.collect()
    process = psutil.Process()
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "files": process.num_fds(),
        "rss": process.memory_info().rss,
    }


def _handlers(which: str) -> Handlers:
    common: dict[str, Any] = {"cpu": cpu, "held": held}
    if which == "aiortc":
        theirs = Theirs()
        return {**common, "publish": theirs.publish, "listen": theirs.listen}
    ours = Ours()
    return {**common, "publish": ours.publish, "listen": ours.listen, "talk": ours.talk, "leave": ours.leave}


async def _main(which: str) -> None:
    await serve(_handlers(which))


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
