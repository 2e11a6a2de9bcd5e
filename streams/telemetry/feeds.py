"""The ways telemetry comes to the box: datagrams, a TCP server, a serial port or a file."""

import os
import select
import socket
import stat
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from threading import Event

import structlog

from streams.outgoing import connected, networks_of
from streams.telemetry.errors import Closed, Denied, Gone, PortTaken, Silent
from streams.telemetry.feed import PoseDecoder, Poses

log = structlog.get_logger()

Network = IPv4Network | IPv6Network

# How long a wait may hold up `stop`, s.
TICK = 0.5
# The largest datagram there is; a smaller buffer would cut it off.
_DATAGRAM = 65_535
# Bursts of a serial port at 115,200 baud within one tick fit in.
_CHUNK = 8192
# Three round trips over 4G of up to 0.5 s and one repeated SYN, s.
_CONNECT = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """host:port, as people write it; [::1]:port for IPv6."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @staticmethod
    def parse(text: str) -> "Place":
        """Raises ValueError."""
        host, colon, port = text.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (colon and host and port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(f"needs host:port, as in 0.0.0.0:14550, has {text!r}")
        return Place(host, int(port))


class _Pump:
    """Bytes through a decoder, with a watch on silence. timeout: s without any data until it is called silent.
    recorded: when a recording was made, s since 1970: its poses have no arrival."""

    def __init__(self, decoder: PoseDecoder, poses: Poses, timeout: float, where: str) -> None:
        self._decoder, self._poses = decoder, poses
        self._timeout, self._where = timeout, where
        self._heard = time.monotonic()
        self.recorded: float | None = None

    def data(self, data: bytes) -> None:
        self._heard = time.monotonic()
        for pose in self._decoder.feed(data, time.time() if self.recorded is None else self.recorded):
            self._poses(pose if self.recorded is None else replace(pose, arrival=None))

    def quiet(self) -> None:
        """Nothing came within a tick. Raises Silent."""
        if time.monotonic() - self._heard > self._timeout:
            raise Silent(self._where)


class UdpFeed:
    """Listens. allowed: networks that may send; none: everybody. Raises PortTaken, Silent."""

    def __init__(
        self, place: Place, decoder: PoseDecoder, *, timeout: float, allowed: tuple[Network, ...] = ()
    ) -> None:
        self._place, self._decoder, self._timeout, self._allowed = place, decoder, timeout, allowed
        self.strangers = 0

    def run(self, poses: Poses, stop: Event) -> None:
        pump = _Pump(self._decoder, poses, self._timeout, str(self._place))
        with self._bound() as listener:
            while not stop.is_set():
                try:
                    data, sender = listener.recvfrom(_DATAGRAM)
                except TimeoutError:
                    pump.quiet()
                    continue
                if self._welcome(sender[0]):
                    pump.data(data)
                else:
                    pump.quiet()

    def _bound(self) -> socket.socket:
        listener = socket.socket(self._place.family, socket.SOCK_DGRAM)
        listener.settimeout(TICK)
        try:
            listener.bind((self._place.host, self._place.port))
        except OSError as error:
            listener.close()
            log.warning("telemetry.bind_failed", where=str(self._place), error=error.strerror)
            raise PortTaken(str(self._place)) from None
        return listener

    def _welcome(self, host: str) -> bool:
        if not self._allowed:
            return True
        address = ip_address(host.partition("%")[0])
        if any(address in network for network in self._allowed):
            return True
        if self.strangers == 0:
            log.warning("telemetry.stranger", where=str(self._place), sender=host)
        self.strangers += 1
        return False


class TcpFeed:
    """Connects to a receiver that serves its sentences. Raises Closed, Silent."""

    def __init__(self, place: Place, decoder: PoseDecoder, *, timeout: float) -> None:
        self._place, self._decoder, self._timeout = place, decoder, timeout

    def run(self, poses: Poses, stop: Event) -> None:
        where = str(self._place)
        pump = _Pump(self._decoder, poses, self._timeout, where)
        try:
            host, port = self._place.host, self._place.port
            with connected(host, port, _CONNECT, networks_of(host)) as connection:
                connection.settimeout(TICK)
                _read(_received(connection), pump, stop)
        except OSError as error:
            log.warning(
                "telemetry.connection_failed", where=where, error=error.strerror or type(error).__name__
            )
            raise Closed(where) from None
        if not stop.is_set():
            raise Closed(where)


class PathFeed:
    """A serial port (set to raw, 8N1, `baud`), a pipe, or a recorded file, which is read to its end.

    Raises Gone, Denied, Silent; Closed when a port or pipe ends.
    """

    def __init__(self, path: Path, decoder: PoseDecoder, *, timeout: float, baud: int = 9600) -> None:
        self._path, self._decoder, self._timeout, self._baud = path, decoder, timeout, baud

    def run(self, poses: Poses, stop: Event) -> None:
        where = str(self._path)
        pump = _Pump(self._decoder, poses, self._timeout, where)
        with self._opened() as port:
            try:
                about = os.fstat(port)
                if stat.S_ISREG(about.st_mode):
                    pump.recorded = about.st_mtime
                if os.isatty(port):
                    self._set_up(port)
                _read(_arriving(port), pump, stop)
            except (OSError, termios.error) as error:  # pulled out
                log.warning("telemetry.port_failed", where=where, error=type(error).__name__)
                raise Closed(where) from None
        if pump.recorded is None and not stop.is_set():
            raise Closed(where)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        where = str(self._path)
        try:
            # Without O_NONBLOCK a port whose carrier line is not wired waits for it for ever.
            port = os.open(self._path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except PermissionError:
            raise Denied(where) from None
        except OSError:
            raise Gone(where) from None
        try:
            yield port
        finally:
            os.close(port)

    def _set_up(self, port: int) -> None:
        tty.setraw(port)
        speed = getattr(termios, f"B{self._baud}")
        flags = termios.tcgetattr(port)
        flags[2] |= termios.CLOCAL | termios.CREAD
        flags[4] = flags[5] = speed
        termios.tcsetattr(port, termios.TCSANOW, flags)


def _read(pieces: Callable[[], bytes | None], pump: _Pump, stop: Event) -> None:
    """Until `stop` or the end."""
    while not stop.is_set():
        data = pieces()
        if data == b"":
            return
        if data is None:
            pump.quiet()
        else:
            pump.data(data)


def _received(connection: socket.socket) -> Callable[[], bytes | None]:
    """The next piece; None: nothing within a tick; empty: the end."""

    def piece() -> bytes | None:
        try:
            return connection.recv(_CHUNK)
        except TimeoutError:
            return None

    return piece


def _arriving(port: int) -> Callable[[], bytes | None]:
    def piece() -> bytes | None:
        ready, _, _ = select.select([port], [], [], TICK)
        return os.read(port, _CHUNK) if ready else None

    return piece
