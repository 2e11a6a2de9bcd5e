"""A camera that answers rubbish: which rubbish, its path says (`/17`: case 17), so that every case can be had again."""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event
from typing import Literal, Self

from tests.fuzz.material import Material, description, material, rtp
from tests.fuzz.mutate import mutated, mutated_text, mutated_units
from tests.support.faults import Server

What = Literal["answers", "description", "packets", "units"]
_WHAT: tuple[What, ...] = ("answers", "description", "packets", "units")
_CODECS = ("h264", "hevc")
_PATIENCE = 1.5  # s for the next request: longer than a client in a case waits for an answer
_CALM = 30.0  # s of a tame one
_PACE = 0.1  # s between pictures, where somebody looks on
_STAY = 120.0  # s that an endless stream lasts
_SOUND = bytes([0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8]) + b"\xd5" * 160


def what(case: int) -> What:
    return _WHAT[case % len(_WHAT)]


class Hostile:
    """`with Hostile(folder, seed) as camera: ... camera.url(17)`.

    endless: pictures come at their own pace and for long, every case with some of everything.
    tame: nothing is mutated.
    """

    def __init__(self, folder: Path, seed: int, *, endless: bool = False, tame: bool = False) -> None:
        self._folder, self._seed, self._endless, self._tame = folder, seed, endless, tame
        self._server = Server(self._serve)
        self.port = self._server.port
        self.units = 0
        """Access units sent so far."""

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def connections(self) -> int:
        return self._server.connections

    def url(self, case: int) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{case}"

    def _serve(self, connection: socket.socket, over: Event) -> None:
        again = self.connections << 16 if self._endless else 0  # somebody who comes back gets something else
        for path, sequence, method in _requests(connection, over, _CALM if self._tame else _PATIENCE):
            case = path + again
            random = Random(f"{self._seed}/{case}/{method}")
            it = material(self._folder, _CODECS[case // len(_WHAT) % len(_CODECS)])
            with suppress(OSError):
                connection.sendall(self._answer(random, case, sequence, method, it))
                if method == "PLAY":
                    self._play(connection, over, random, case, it)
                    return

    def _answer(self, random: Random, case: int, sequence: str, method: str, it: Material) -> bytes:
        body = description(it) if method == "DESCRIBE" else b""
        if self._spoils(random, case, "description") and body:
            body = mutated_text(random, body)
        head = f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{_FIELDS.get(method, '')}".encode()
        head += (
            b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(body) if body else b"\r\n"
        )
        if self._spoils(random, case, "answers") and random.random() < 0.6:
            return mutated_text(random, head) + body
        return head + body

    def _spoils(self, random: Random, case: int, part: What) -> bool:
        if self._tame:
            return False
        return (
            random.random() < 0.1
            if self._endless and part in _WHAT[:2]
            else what(case) == part or self._endless
        )

    def _play(self, connection: socket.socket, over: Event, random: Random, case: int, it: Material) -> None:
        turns = round(_STAY / _PACE / len(it.units)) if self._endless else 1
        for turn in range(turns):
            units = it.units
            if self._spoils(random, case, "units"):
                units = tuple(mutated_units(random, it.info.codec, units))
            for place, unit in enumerate(units):
                number = turn * len(it.units) + place
                frames = [_framed(0, packet) for packet in rtp(it.info.codec, number, unit.data)]
                if self._spoils(random, case, "packets") and random.random() < 0.3:
                    frames = [mutated(random, frame) if random.random() < 0.3 else frame for frame in frames]
                connection.sendall(b"".join([*frames, _framed(2, _SOUND)]))
                self.units += 1
                if self._endless and over.wait(_PACE):
                    return


_FIELDS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "SETUP": "Session: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00000007\r\n",
    "PLAY": "Session: 12345678\r\nRange: npt=0-\r\nRTP-Info: url=track1;seq=0;rtptime=0\r\n",
}


def _framed(channel: int, packet: bytes) -> bytes:
    """Interleaved (RFC 7826, 14)."""
    return b"$" + bytes([channel]) + (len(packet) % (1 << 16)).to_bytes(2, "big") + packet


def _requests(connection: socket.socket, over: Event, patience: float) -> Iterator[tuple[int, str, str]]:
    """Case, CSeq and method of each request, until nobody asks any more."""
    connection.settimeout(patience)
    with suppress(TimeoutError):
        while not over.is_set() and (request := connection.recv(65536).decode(errors="replace")):
            case = re.search(r"\S+://[^/\s]+/(\d+)", request)
            sequence = re.search(r"(?i)\r\ncseq: *(\w+)", request)
            method = request.partition(" ")[0]
            yield int(case[1]) if case else 0, sequence[1] if sequence else "1", method
