"""People who come to talk and to look, for a few seconds each, over WebRTC."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import aiohttp
from aiortc import RTCSessionDescription

from tests.support.callers import Caller, Tone

TOKEN = "soak-token-0123456789"
GROUP, MEMBERS = "patrol", ("desk", "badge-1", "badge-2")
_PAUSE, _STAY = (3.0, 9.0), (2.0, 8.0)  # s


@dataclass
class Operators:
    """joined, turned: visits that were let in, and that were not (a camera that is away has no picture)."""

    url: str
    cameras: tuple[str, ...]
    seed: int
    joined: int = 0
    turned: int = 0

    async def run(self) -> None:
        """One after the other, until it is cancelled."""
        random = Random(self.seed)
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=20), headers={"Authorization": f"Bearer {TOKEN}"}
        ) as http:
            while True:
                await asyncio.sleep(random.uniform(*_PAUSE))
                talks = random.random() < 0.5
                path = (
                    f"talk/{GROUP}/{random.choice(MEMBERS)}"
                    if talks
                    else f"whep/{random.choice(self.cameras)}"
                )
                await self._visit(http, path, talks, random.uniform(*_STAY))

    async def _visit(self, http: aiohttp.ClientSession, path: str, talks: bool, stay: float) -> None:
        async with Caller() as caller:
            if talks:
                caller.talks(Tone())
                caller.connection.createDataChannel("floor")
            else:
                caller.listens("video")
            try:
                leave = await self._connect(http, path, caller)
            except (aiohttp.ClientError, TimeoutError):
                self.turned += 1
                return
            self.joined += 1
            await asyncio.sleep(stay)
            with suppress(
                aiohttp.ClientError, TimeoutError
            ):  # the gateway ends by itself what nobody sends to
                await http.delete(leave)

    async def _connect(self, http: aiohttp.ClientSession, path: str, caller: Caller) -> str:
        offer, kind = await caller.offer(), {"Content-Type": "application/sdp"}
        async with http.post(f"{self.url}/{path}", data=offer, headers=kind) as answer:
            answer.raise_for_status()
            sdp, place = await answer.text(), answer.headers["Location"]
        await caller.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        return f"{self.url}{place}"
