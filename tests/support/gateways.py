"""What lies before a shared inference server: a line with faults, and TLS and a token as nginx or Envoy do it."""

import http.client
import http.server
import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import grpc

from tests.support.faults import Server
from tests.support.mosquitto import PATIENCE_S

_HANDED_ON = ("Content-Type", "Inference-Header-Content-Length")


_TICK = 0.02  # s between two looks at the faults


class Line:
    """`with Line(server.http) as line: ... line.port`. Bytes of any kind; new connections always get through."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._flows = threading.Event()
        self._flows.set()
        self._open: list[threading.Event] = []
        self._server = Server(self._carry)
        self.port = self._server.port

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def connections(self) -> int:
        return self._server.connections

    def stall(self) -> None:
        """Both ends stay connected, and nothing comes."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """Ends what is open."""
        for ended in self._open:
            ended.set()

    def _carry(self, near: socket.socket, over: threading.Event) -> None:
        ended = threading.Event()
        self._open.append(ended)
        with socket.create_connection(("127.0.0.1", self._target)) as far:
            near.settimeout(PATIENCE_S)
            while not (over.is_set() or ended.is_set()):
                for source in select.select([near, far], [], [], _TICK)[0]:
                    data = source.recv(1 << 16)
                    if not data:
                        return
                    while not (self._flows.wait(_TICK) or over.is_set()):
                        pass
                    (far if source is near else near).sendall(data)


class _Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target: int
    token: str | None
    binary: bool

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.token and self.headers.get("Authorization") != f"Bearer {self.token}":
            self._answer(401, b'{"error": "who are you"}', {})
            return
        there = http.client.HTTPConnection("127.0.0.1", self.target, timeout=PATIENCE_S)
        handed = {name: self.headers[name] for name in _HANDED_ON if name in self.headers}
        there.request(self.command, self.path, body or None, handed)
        answer = there.getresponse()
        said = answer.read()
        if self.path == "/v2" and not self.binary:
            said = json.dumps({**json.loads(said), "extensions": []}).encode()
        told = {name: value for name in _HANDED_ON if (value := answer.getheader(name))}
        self._answer(answer.status, said, told)

    do_POST = do_GET  # noqa: N815 (the library's name)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def http_gateway(
    target: int, *, token: str | None = None, pem: Path | None = None, binary: bool = True
) -> Iterator[int]:
    """Its port. binary: False hides that the server behind takes binary tensors, as one that does not has it."""
    door = type("Door", (_Door,), {"target": target, "token": token, "binary": binary})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), door) as server:
        server.daemon_threads = True
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


class _Through:
    """Every call, as bytes: a grpc.GenericRpcHandler (which has no types to derive from)."""

    def __init__(self, channel: Any, token: str) -> None:
        self._channel, self._token = channel, token

    def service(self, details: Any) -> Any:
        allowed = ("authorization", f"Bearer {self._token}") in [
            tuple(each) for each in details.invocation_metadata
        ]
        return grpc.unary_unary_rpc_method_handler(self._call(details.method) if allowed else _turned_away)

    def _call(self, method: str) -> Callable[[bytes, Any], bytes]:
        there = self._channel.unary_unary(method)

        def call(request: bytes, context: Any) -> bytes:
            try:
                return bytes(there(request, timeout=PATIENCE_S))
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())
                raise

        return call


def _turned_away(_: bytes, context: Any) -> bytes:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you")
    return b""


@contextmanager
def grpc_gateway(target: int, *, token: str, pem: Path) -> Iterator[int]:
    """Its port."""
    both = pem.read_bytes()
    size = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(f"127.0.0.1:{target}", size) as channel, ThreadPoolExecutor(4) as threads:
        server = grpc.server(threads, (_Through(channel, token),), options=size)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(both, both)]))
        server.start()
        yield port
        server.stop(0).wait()
