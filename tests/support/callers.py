"""Those at the other end of a call, in this process: aiortc as it is, offering as a browser or a body camera does."""

import asyncio
import fractions
import itertools
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.rtp import is_rtcp
from av.packet import Packet as AvPacket
from numpy.typing import NDArray

from relay.media.peer import Peer

PATIENCE = 60.0  # s for what takes far less: the machine may be loaded
_FRAME = 960  # samples: 20 ms at 48 kHz


class Tone(AudioStreamTrack):
    """A sine of `hertz` at 48 kHz, 20 ms a frame."""

    def __init__(self, hertz: float = 440.0) -> None:
        super().__init__()
        self._hertz = hertz
        self._begun: float | None = None
        self._number = 0

    async def recv(self) -> av.AudioFrame:
        self._begun = self._begun or time.monotonic()
        await asyncio.sleep(max(0.0, self._begun + self._number * 0.02 - time.monotonic()))
        at = np.arange(self._number * _FRAME, (self._number + 1) * _FRAME) / 48000
        samples = (0.3 * 32767 * np.sin(2 * np.pi * self._hertz * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48000, self._number * _FRAME
        frame.time_base = fractions.Fraction(1, 48000)
        self._number += 1
        return frame


class Pictures(MediaStreamTrack):
    """H.264 as a body camera encodes it, 10 pictures a second, over and over."""

    kind = "video"

    def __init__(self, clip: Path) -> None:
        super().__init__()
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            to_annex_b = av.BitStreamFilterContext("h264_mp4toannexb", stream)
            self._packets = [
                bytes(out) for packet in container.demux(stream) for out in to_annex_b.filter(packet)
            ]
        self._begun: float | None = None
        self._number = 0

    async def recv(self) -> Any:
        self._begun = self._begun or time.monotonic()
        await asyncio.sleep(max(0.0, self._begun + self._number / 10 - time.monotonic()))
        packet = AvPacket(self._packets[self._number % len(self._packets)])
        packet.pts = packet.dts = self._number
        packet.time_base = fractions.Fraction(1, 10)
        self._number += 1
        return packet


class Caller:
    """A connection that offers. Used as `async with`: then nothing of it is left."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()

    def publishes(self, *tracks: MediaStreamTrack) -> "Caller":
        for track in tracks:
            transceiver = self.connection.addTransceiver(track, "sendonly")
            if track.kind == "video":
                known = RTCRtpReceiver.getCapabilities("video")
                assert known is not None
                wanted = [codec for codec in known.codecs if codec.name in ("H264", "rtx")]
                transceiver.setCodecPreferences(wanted)
        return self

    def listens(self, *kinds: str) -> "Caller":
        for kind in kinds or ("audio",):
            self.connection.addTransceiver(kind, "recvonly")
        return self

    def talks(self, track: MediaStreamTrack) -> "Caller":
        self.connection.addTransceiver(track, "sendrecv")
        return self

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def call(self, peer: Peer) -> "Caller":
        """Until the connection stands."""
        answer = await peer.answer(await self.offer())
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        assert await asyncio.wait_for(peer.connected(), PATIENCE)
        return self

    async def hears(self, seconds: float) -> NDArray[np.int16]:
        """Samples at 48 kHz, mono, from now on, as decoded after aiortc's jitter buffer."""
        track = next(each.track for each in self.connection.getReceivers() if each.track.kind == "audio")
        heard: list[NDArray[np.int16]] = []
        while sum(map(len, heard)) < seconds * 48000:
            frame = await asyncio.wait_for(track.recv(), PATIENCE)
            assert isinstance(frame, av.AudioFrame)
            heard.append(frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0].astype(np.int16))
        return np.concatenate(heard)

    async def hears_tone(self, hertz: float) -> None:
        """As soon as half a second is nothing else: on a loaded machine much of what was before it may still wait here."""
        async with asyncio.timeout(PATIENCE):
            while round(pitch((await self.hears(0.5))[-24000:]), -1) != hertz:
                pass

    async def sees(self) -> av.VideoFrame:
        """The next decoded picture."""
        track = next(each.track for each in self.connection.getReceivers() if each.track.kind == "video")
        frame = await asyncio.wait_for(track.recv(), PATIENCE)
        assert isinstance(frame, av.VideoFrame)
        return frame


def pitch(samples: NDArray[np.int16]) -> float:
    """Hz of the strongest tone."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 48000 / len(samples))


def own_threads() -> int:
    """How many this process has, but for those of the loop's executor in which callers encode: it gets one more whenever
    none is idle, and keeps it."""
    return sum(not each.name.startswith("asyncio_") for each in threading.enumerate())


def lossy(transport: RTCDtlsTransport, lost: Callable[[int], bool]) -> None:
    """What this side sends gets lost where `lost` says so, of its first, second ... RTP packet."""
    send: Callable[[bytes], Awaitable[None]] = transport._send_rtp
    numbers = itertools.count(1)

    async def sometimes(data: bytes) -> None:
        if is_rtcp(data) or not lost(next(numbers)):
            await send(data)

    transport._send_rtp = sometimes  # type: ignore[method-assign]
