"""Drones, as far as FFmpeg is one, and what else may knock."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.push.amf import encode
from streams.push.chunks import written
from tests.support.ports import free_port

KEY = "sesame-open"
_CONNECT = (
    10_000  # ms that a sender over SRT waits to be let in; libsrt's own 3 s are short on a loaded machine
)


def listens(scheme: str) -> str:
    """An address of the scheme at a free port."""
    udp = scheme == "srt"
    port = free_port(socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    return f"{scheme}://127.0.0.1:{port}" + ("" if udp else "/live")


def target(listen: str, key: str) -> list[str]:
    """FFmpeg's words for sending there."""
    if listen.startswith("srt:"):
        return ["-f", "mpegts", f"{listen}?streamid={key}&connect_timeout={_CONNECT}"]
    return ["-f", "flv", f"{listen}/{key}"]


@contextmanager
def sender(
    listen: str, key: str = KEY, size: str = "160x120", codec: str = "libx264"
) -> Iterator["subprocess.Popen[bytes]"]:
    """A moving test picture with sound, ten pictures a second, until it is over."""
    video = ["-c:v", codec, "-preset", "ultrafast", "-tune", "zerolatency", "-g", "10", "-pix_fmt", "yuv420p"]
    command = ["ffmpeg", "-v", "quiet", "-re", "-f", "lavfi", "-i", f"testsrc=size={size}:rate=10"]
    command += ["-re", "-f", "lavfi", "-i", "sine", *video, "-c:a", "aac", *target(listen, key)]
    with running(command) as process:
        yield process


@contextmanager
def running(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class RtmpClient:
    """Speaks RTMP by hand: what FFmpeg would not send."""

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)

    def publish(self, app: str, name: str) -> None:
        self.connection.sendall(b"\x03" + bytes(1536))
        answer = b""
        while len(answer) < 3073:
            if not (data := self.connection.recv(4096)):
                raise ConnectionError
            answer += data
        self.connection.sendall(bytes(1536))
        self._command(encode("connect", 1.0, {"app": app}))
        self._command(encode("createStream", 2.0, None))
        self._command(encode("publish", 3.0, None, name, "live"))

    def _command(self, data: bytes) -> None:
        self.connection.sendall(written(20, data, number=3, size=128))

    def send(self, flv: Path, start: int = 0) -> int:
        """Every video tag of a file, in its own time from `start` (ms) on. Returns the last tag's time."""
        data, at, stamp, began = flv.read_bytes(), 13, 0, time.monotonic()
        while at + 11 <= len(data):
            kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
            stamp = int.from_bytes(data[at + 4 : at + 7], "big")
            if kind == 9:
                time.sleep(max(0.0, began + stamp / 1000 - time.monotonic()))
                self._video(data[at + 11 : at + 11 + size], start + stamp)
            at += 11 + size + 4
        return start + stamp

    def _video(self, data: bytes, stamp: int) -> None:
        message = written(9, data, number=4, stream=1, size=128)
        self.connection.sendall(message[:1] + stamp.to_bytes(3, "big") + message[4:])

    def hung_up(self) -> bool:
        """Whether the other side closes the connection."""
        try:
            while self.connection.recv(4096):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True
