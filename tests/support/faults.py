"""Things that stand where a camera should be, and lines that fail."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

Handler = Callable[[socket.socket, threading.Event], None]

# How often a waiting handler looks whether the test is over, s.
_LOOK = 0.05


class Server:
    """A TCP server on 127.0.0.1 that hands every connection to `handler` on a thread of its own."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_LOOK)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self.connections += 1
                self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_LOOK)
        with connection, suppress(ConnectionError):
            self._handler(connection, self._over)


def received(connection: socket.socket, over: threading.Event) -> bytes:
    """What comes next; empty at the end of the connection or of the test."""
    while not over.is_set():
        with suppress(TimeoutError):
            return connection.recv(65536)
    return b""


def black_hole(_: socket.socket, over: threading.Event) -> None:
    """Accepts, and is silent."""
    over.wait()


def hangs_up(connection: socket.socket, over: threading.Event) -> None:
    """Closes as soon as it is spoken to."""
    received(connection, over)


def web_page(connection: socket.socket, over: threading.Event) -> None:
    """The camera's HTTP port."""
    received(connection, over)
    connection.sendall(
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"
    )


def shell(connection: socket.socket, over: threading.Event) -> None:
    """Speaks first, speaks something else, and stays."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    over.wait()


def answers(status: str) -> Handler:
    """An RTSP server with one answer to everything: answers("453 Not Enough Bandwidth")."""

    def handler(connection: socket.socket, over: threading.Event) -> None:
        for sequence, _ in _requests(connection, over):
            connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n\r\n".encode())

    return handler


def redirects(to: str, *, after_login: bool = False) -> Handler:
    """An RTSP server that sends everybody elsewhere. after_login: only whoever answers its challenge (Digest)."""

    def answer(sequence: str, request: str) -> str:
        if after_login and "\r\nAuthorization:" not in request:
            challenge = 'Digest realm="cam", nonce="0"'
            return f"RTSP/1.0 401 Unauthorized\r\nCSeq: {sequence}\r\nWWW-Authenticate: {challenge}\r\n\r\n"
        return f"RTSP/1.0 302 Moved Temporarily\r\nCSeq: {sequence}\r\nLocation: {to}\r\n\r\n"

    def handler(connection: socket.socket, over: threading.Event) -> None:
        while request := received(connection, over).decode(errors="replace"):
            connection.sendall(answer(_sequence(request), request).encode())

    return handler


def camera(sdp: str, packets: Iterable[bytes] = ()) -> Handler:
    """An RTSP server that describes itself as `sdp` and, once played, sends these RTP packets, interleaved."""

    def handler(connection: socket.socket, over: threading.Event) -> None:
        for sequence, method in _requests(connection, over):
            connection.sendall(f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{_extra(method, sdp)}".encode())
            if method == "PLAY":
                for packet in packets:
                    connection.sendall(b"$\0" + len(packet).to_bytes(2, "big") + packet)
                    if over.wait(0.02):
                        return

    return handler


def _extra(method: str, sdp: str) -> str:
    match method:
        case "DESCRIBE":
            return f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
        case "SETUP":
            return "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
        case _:
            return "Session: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"


def _requests(connection: socket.socket, over: threading.Event) -> Iterator[tuple[str, str]]:
    """CSeq and method of each request."""
    while request := received(connection, over).decode(errors="replace"):
        yield _sequence(request), request.partition(" ")[0]


def _sequence(request: str) -> str:
    fields = [line.partition(":") for line in request.split("\r\n")]
    return next(value.strip() for name, _, value in fields if name.lower() == "cseq")


def edited(edit: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Cuts a camera's bytes into answers and interleaved packets, and changes those that hold RTP (even channels)."""
    held = bytearray()

    def change(data: bytes) -> bytes:
        held.extend(data)
        out = bytearray()
        while held:
            if held[0] != ord("$"):
                end = held.find(b"$")
                end = len(held) if end < 0 else end
                out += held[:end]
                del held[:end]
                continue
            size = 4 + int.from_bytes(held[2:4], "big")
            if len(held) < max(4, size):
                break
            packet = bytes(held[4:size])
            packet = edit(packet) if held[1] % 2 == 0 else packet
            out += held[:2] + len(packet).to_bytes(2, "big") + packet
            del held[:size]
        return bytes(out)

    return change


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 on which nobody listens: bound, so that no one else takes it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
