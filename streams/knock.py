"""Why a camera could not be opened, where FFmpeg only says "invalid data" or "input/output error"."""

import socket

from streams.errors import (
    CLOSED,
    HUNG_UP,
    NO_NAME,
    NO_ROUTE,
    ConnectTimeout,
    NotRtsp,
    StreamError,
    Unreachable,
)
from streams.urls import Endpoint

# A SYN lost on a 4G link is repeated after 1 s; a camera that needs longer than this is as good as silent.
PATIENCE = 2.5


def knock(camera: Endpoint, patience: float = PATIENCE) -> StreamError | None:
    """Connect and ask for OPTIONS (RFC 7826, 13.1), without a login. None: RTSP is spoken there.

    Takes up to two times `patience` (s) and the resolver's own time. TLS ports are only connected to.
    """
    where = str(camera)
    try:
        answer = _answer(camera, patience)
    except OSError as error:
        return _unreachable(error, where)
    if answer is None or answer.startswith(b"RTSP/"):
        return None
    return NotRtsp(where) if answer else Unreachable(where, HUNG_UP)


def _answer(camera: Endpoint, patience: float) -> bytes | None:
    with socket.create_connection((camera.host, camera.port), timeout=patience) as connection:
        if camera.tls:
            return None
        connection.sendall(f"OPTIONS rtsp://{camera.host}:{camera.port} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        return connection.recv(64)


def _unreachable(error: OSError, where: str) -> StreamError:
    match error:
        case socket.gaierror():
            return Unreachable(where, NO_NAME)
        case TimeoutError():
            return ConnectTimeout(where)
        case ConnectionRefusedError():
            return Unreachable(where, CLOSED)
        case ConnectionError():
            return Unreachable(where, HUNG_UP)
        case _:
            return Unreachable(where, NO_ROUTE)
