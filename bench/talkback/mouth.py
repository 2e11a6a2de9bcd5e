"""A body camera's microphone, in a process of its own: real Opus with in-band FEC, marks at known times, real losses.

Losses are made where its packets go to the network: each lost one is never sent. The mouth is where a sample enters the
microphone; a frame of 20 ms can be encoded only when its last sample is there, so 20 ms of every figure are spent here.
"""

import asyncio
import fractions
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import av
import numpy as np
import uvloop
from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import is_rtcp

from bench.talkback.losses import Loss, lost
from bench.talkback.wire import serve

RATE = 48000
FRAME = 960
PERIOD = 15  # frames between the beginnings of two marks: 0.3 s
MARK = 5  # frames a mark is long: 0.1 s
PITCHES = (
    400.0,
    560.0,
    780.0,
    1090.0,
    1530.0,
    2140.0,
    3000.0,
)  # Hz, in turn: a mark is told from the six before it
_HUSH = 0.002  # noise between the marks
_LOUD = 0.5


class Voice(AudioStreamTrack):
    """Twenty milliseconds at a time: noise, marks or a steady tone."""

    def __init__(self) -> None:
        super().__init__()
        self.what = "hush"
        self.marks: list[tuple[float, int]] = []
        """Beginning (epoch, s) and pitch of each."""
        self._number = self._mark = 0
        self._zero = 0.0
        self._noise = np.random.default_rng(1)
        self._encoder = av.AudioCodecContext.create("libopus", "w")
        self._encoder.sample_rate, self._encoder.layout, self._encoder.format = RATE, "mono", "s16"
        self._encoder.bit_rate = 32000
        self._encoder.options = {
            "application": "voip",
            "fec": "1",
            "packet_loss": "10",
            "frame_duration": "20",
        }

    async def recv(self) -> Any:
        if not self._zero:
            self._zero = time.time()
        self._number += 1
        due = self._zero + self._number * FRAME / RATE  # its last sample is there
        await asyncio.sleep(max(0.0, due - time.time()))
        frame = av.AudioFrame.from_ndarray(self._samples(due - FRAME / RATE), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._number * FRAME
        frame.time_base = fractions.Fraction(1, RATE)
        packets = self._encoder.encode(frame)
        if not packets:
            return await self.recv()
        packets[0].pts, packets[0].time_base = self._number * FRAME, frame.time_base
        return packets[0]

    def _samples(self, began: float) -> np.ndarray[Any, np.dtype[np.int16]]:
        at = np.arange(self._number * FRAME, (self._number + 1) * FRAME) / RATE
        sound = self._noise.normal(0, _HUSH, FRAME)
        place = self._number % PERIOD
        if self.what == "tone":
            sound += _LOUD * np.sin(2 * np.pi * PITCHES[3] * at)
        elif self.what == "marks" and place < MARK:
            if not place:
                self._mark += 1
                self.marks.append((began, self._mark % len(PITCHES)))
            if self.marks:
                sound += _LOUD * np.sin(2 * np.pi * PITCHES[self._mark % len(PITCHES)] * at)
        return (np.clip(sound, -1, 1) * 32767).astype(np.int16).reshape(1, -1)


class Mouth:
    def __init__(self) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._voice = Voice()
        self._connection.addTransceiver(self._voice, "sendonly")
        self._lost: Iterator[bool] = lost(Loss(), 0)
        self._losses = 0

    async def offer(self) -> str:
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def answer(self, sdp: str) -> None:
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        transport = self._connection.getSenders()[0].transport
        send: Callable[[bytes], Awaitable[None]] = transport._send_rtp

        async def sometimes(data: bytes) -> None:
            if not is_rtcp(data) and next(self._lost):
                self._losses += 1
                return
            await send(data)

        transport._send_rtp = sometimes  # type: ignore[method-assign]

    async def play(self, sound: str, seconds: float, loss: dict[str, Any], seed: int) -> dict[str, Any]:
        """began: epoch, s; marks: [[epoch s, pitch], ...] made meanwhile; lost: packets."""
        began = time.time()
        self._voice.what, self._voice.marks = sound, []
        self._losses, self._lost = 0, lost(Loss(**loss), seed)
        await asyncio.sleep(seconds)
        self._voice.what, self._lost = "hush", lost(Loss(), 0)
        return {"began": began, "marks": self._voice.marks, "lost": self._losses}


async def _main() -> None:
    mouth = Mouth()
    await serve({"offer": mouth.offer, "answer": mouth.answer, "play": mouth.play})


if __name__ == "__main__":
    uvloop.run(_main())
