"""A camera with a loudspeaker for the tests: GStreamer's ONVIF server in a process of its own, and one that is scripted."""

import asyncio
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from tests.support.ports import free_port
from tests.support.rtsp import SYSTEM_PYTHON

_SCRIPT = Path(__file__).with_name("gst_loudspeaker_server.py")
_RECORD = struct.Struct("=dI")


@dataclass(frozen=True)
class Heard:
    """sound: int16, mono; times: when each piece of it was played, s of the monotonic clock."""

    sound: NDArray[np.int16]
    times: list[float]


class LoudspeakerCamera:
    """`with LoudspeakerCamera(folder) as camera: ... camera.url`. codec: what its loudspeaker takes; "none": it has
    none, and says 551. login: "user:password", by Digest or else by Basic. certificate: a PEM with its key, for TLS."""

    def __init__(
        self,
        folder: Path,
        *,
        codec: Literal["pcma", "pcmu", "aac", "g722", "none"] = "pcma",
        login: str | None = None,
        basic: bool = False,
        certificate: Path | None = None,
    ) -> None:
        self._file = folder / "heard"
        self._options = [f"--heard={self._file}", f"--codec={codec}"]
        self._options += [f"--login={login}"] if login else []
        self._options += ["--basic"] if basic else []
        self._options += [f"--certificate={certificate}"] if certificate else []
        self._scheme = "rtsps" if certificate else "rtsp"
        self._process: subprocess.Popen[str] | None = None
        self.port = free_port()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        """Start, or start again on the same port."""
        command = [SYSTEM_PYTHON, str(_SCRIPT), *self._options, f"--port={self.port}"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.strip().isdigit():
            self.kill()
            raise RuntimeError(f"GStreamer's RTSP server did not start: {line!r}")
        self.port = int(line)

    def kill(self) -> None:
        """As when the camera loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def heard(self) -> Heard:
        """What the loudspeaker has played so far, of all its lives."""
        data, at, times, sound = self._file.read_bytes(), 0, [], b""
        while at + _RECORD.size <= len(data):
            moment, length = _RECORD.unpack_from(data, at)
            at += _RECORD.size + length
            if at <= len(data):
                times.append(moment)
                sound += data[at - length : at]
        return Heard(np.frombuffer(sound, np.int16), times)


Script = Callable[[str, int], bytes | None]


class ScriptedCamera:
    """`async with ScriptedCamera(script) as camera`. script: (request, its CSeq) -> what to answer; None: hang up.
    requests: all of them, as they came."""

    def __init__(self, script: Script, host: str = "127.0.0.1") -> None:
        self.requests: list[str] = []
        self._host = host
        self.port = 0
        self._script = script
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"rtsp://{self._host}:{self.port}/cam"

    def asked(self, method: str) -> list[str]:
        return [request for request in self.requests if request.startswith(f"{method} ")]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                request = (await reader.readuntil(b"\r\n\r\n")).decode()
                cseq = next(int(line[5:]) for line in request.splitlines() if line.startswith("CSeq:"))
                self.requests.append(request)
                answer = self._script(request, cseq)
                if answer is None:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went: that is its right
        writer.close()


def answer(cseq: int, status: int = 200, *fields: str, body: str = "") -> bytes:
    lines = [f"RTSP/1.0 {status} x", f"CSeq: {cseq}", *fields]
    lines += [f"Content-Length: {len(body.encode())}"] if body else []
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
