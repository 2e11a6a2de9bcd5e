"""A TCP line to a camera with every fault that lines have, each switched on and off while it carries."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Self

from tests.support.faults import Server, edited

Edit = Callable[[bytes], bytes]

_BLOCK = 4096  # bytes read at a time: what is read while a fault begins still gets through
_TICK = 0.02  # s between two looks at the faults
_RTP_HEAD = 12  # bytes (RFC 3550, 5.1)


class FaultyLine:
    """`with FaultyLine(camera.port) as line: ... line.port`. Faults hold for what comes from the camera.

    Every new connection goes through, under the faults that are switched on then.
    """

    def __init__(self, target: int, rtp: Edit | None = None, *, framed: bool = True) -> None:
        """framed: it carries RTSP. What else it carries must not be read as such: 36 is "$" there."""
        self.target, self._framed = target, framed
        self.rate: float | None = None
        """Bytes per second; None: as fast as it goes."""
        self.bytes: Edit | None = None
        """Changes whatever comes: answers, frames, pictures."""
        self.rtp = rtp
        """Changes RTP packets only (interleaved, RFC 7826, 14); longer or shorter ones too."""
        self._flows = threading.Event()
        self._flows.set()
        self._open: list[_Carried] = []
        self._server = Server(self._carry)
        self.port = self._server.port

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._flows.set()
        self._server.__exit__()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def connections(self) -> int:
        return self._server.connections

    def stall(self) -> None:
        """Both ends stay connected, and nothing comes."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """Ends what is open in good order (FIN)."""
        for carried in self._open:
            carried.end(abruptly=False)

    def reset(self) -> None:
        """Throws what is open away (RST), as a switch does that lost its tables."""
        for carried in self._open:
            carried.end(abruptly=True)

    def _carry(self, near: socket.socket, over: threading.Event) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as far:
            carried = _Carried(near, far, over)
            self._open.append(carried)
            there = threading.Thread(target=carried.copy, args=(near, far, _unchanged, _unheld), daemon=True)
            there.start()
            carried.copy(far, near, self._changes(), self._hold)
            there.join()

    def _changes(self) -> Edit:
        frames = edited(lambda packet: self.rtp(packet) if self.rtp else packet)

        def change(data: bytes) -> bytes:
            data = frames(data) if self._framed else data
            return self.bytes(data) if self.bytes else data

        return change

    def _hold(self, size: int, over: threading.Event) -> None:
        while not (self._flows.wait(_TICK) or over.is_set()):
            pass
        if self.rate:
            over.wait(size / self.rate)


class _Carried:
    """One connection through the line, and its two directions."""

    def __init__(self, near: socket.socket, far: socket.socket, over: threading.Event) -> None:
        self._ends = near, far
        self._test_over = over
        self._over = threading.Event()
        for end in self._ends:
            end.settimeout(_TICK)

    def end(self, *, abruptly: bool) -> None:
        near, _ = self._ends
        if abruptly:
            with suppress(OSError):  # the camera's end may have closed it before
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._over.set()

    def copy(
        self,
        source: socket.socket,
        to: socket.socket,
        change: Edit,
        hold: Callable[[int, threading.Event], None],
    ) -> None:
        while not (self._over.is_set() or self._test_over.is_set()):
            try:
                data = source.recv(_BLOCK)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            hold(len(data), self._over)
            if not self._sent(to, change(data)):
                break
        self._over.set()

    def _sent(self, to: socket.socket, data: bytes) -> bool:
        """A reader that takes nothing must not keep us."""
        deadline = time.monotonic() + 10
        while data and not self._over.is_set() and time.monotonic() < deadline:
            try:
                data = data[to.send(data) :]
            except TimeoutError:
                continue
            except OSError:
                return False
        return not data


def _unchanged(data: bytes) -> bytes:
    return data


def _unheld(_size: int, _over: threading.Event) -> None:
    return None


def garbled(seed: int, share: float, after: int = 0) -> Edit:
    """Turns a random bit round in that share of the bytes, past the first `after` of each piece."""
    random = Random(seed)

    def change(data: bytes) -> bytes:
        spoilt = bytearray(data)
        for _ in range(_hits(random, len(data) - after, share)):
            spoilt[random.randrange(after, len(data))] ^= 1 << random.randrange(8)
        return bytes(spoilt)

    return change


def garbled_pictures(seed: int, share: float) -> Edit:
    """For `rtp`: the heads stay whole, so that only the decoder sees it."""
    return garbled(seed, share, after=_RTP_HEAD + 2)


def jumped(seconds: float) -> Edit:
    """For `rtp`: time stamps that far ahead, at the 90 kHz of video (RFC 6184, 8.2.1)."""
    ticks = round(seconds * 90_000)

    def change(packet: bytes) -> bytes:
        stamp = (int.from_bytes(packet[4:8], "big") + ticks) % (1 << 32)
        return packet[:4] + stamp.to_bytes(4, "big") + packet[8:]

    return change


def without_pictures(packet: bytes) -> bytes:
    """For `rtp`: what was a part of a picture is filler data now (H.264, 7.4.1: nal_unit_type 12)."""
    return packet[:_RTP_HEAD] + b"\x0c" + packet[_RTP_HEAD + 1 :]


def _hits(random: Random, size: int, share: float) -> int:
    whole, rest = divmod(max(0, size) * share, 1)
    return int(whole) + (random.random() < rest)
