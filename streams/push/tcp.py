"""RTMP senders on their sockets."""

import contextlib
import socket
import time
from ipaddress import ip_address

from streams.errors import SOUND_ONLY, Stalled
from streams.networks import Address, unwrapped
from streams.push.rtmp import Judge, Rejected, Session
from streams.source import PICTURE_TIMEOUT

# Connect, greet and publish take eight round trips; on 4G at half a second each and a lost packet on top. s.
_PATIENCE = 6.0
_BACKLOG = 4
_READ = 65536  # bytes asked of the kernel at once


class RtmpEntrance:
    """Raises OSError where the port cannot be opened. read_timeout: s."""

    def __init__(self, host: str, port: int, read_timeout: float, where: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # SO_REUSEADDR comes with it: old connections of this port in TIME_WAIT do not keep it shut.
        self._listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._read_timeout, self._where = read_timeout, where

    def accept(self, patience: float) -> "RtmpCaller | None":
        self._listener.settimeout(patience)
        try:
            connection, peer = self._listener.accept()
        except TimeoutError:
            return None
        address = unwrapped(ip_address(str(peer[0])))
        return RtmpCaller(connection, address, self._read_timeout, self._where)

    def close(self) -> None:
        self._listener.close()


class RtmpCaller:
    """One connection, before it is known who it is."""

    def __init__(self, connection: socket.socket, address: Address, read_timeout: float, where: str) -> None:
        self._connection, self.address = connection, address
        self._read_timeout, self._where = read_timeout, where

    def admit(self, judge: Judge) -> "RtmpGuest":
        session, deadline = Session(judge), time.monotonic() + _PATIENCE
        while not session.publishing:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            data = self._connection.recv(_READ)
            if not data:
                raise ConnectionResetError
            self._connection.sendall(self._fed(session, data))
        self._connection.settimeout(self._read_timeout)
        return RtmpGuest(self._connection, session, self._where)

    def _fed(self, session: Session, data: bytes) -> bytes:
        try:
            return session.feed(data)
        except Rejected as error:
            if error.answer:
                with contextlib.suppress(OSError):  # the refusal is sent as a courtesy
                    self._connection.sendall(error.answer)
            raise

    def close(self) -> None:
        self._connection.close()


class RtmpGuest:
    """A publisher, as a file of FLV."""

    format = "flv"

    def __init__(self, connection: socket.socket, session: Session, where: str) -> None:
        self._connection, self._session, self._where = connection, session, where
        self.heard = self._pictured = time.monotonic()
        self._seen = 0

    def read(self, size: int) -> bytes:
        flv = self._session.flv
        while not flv:
            if self._session.ended or not self._receive():
                return b""
        data = bytes(flv[:size])
        del flv[:size]
        return data

    def _receive(self) -> bool:
        """Some more. False: it ended. Raises Stalled, EndOfStream."""
        try:
            data = self._connection.recv(_READ)
            answer = self._session.feed(data)
            if answer:
                self._connection.sendall(answer)
        except TimeoutError:
            data = None
        except (OSError, Rejected):
            data = b""
        if data is None:
            raise Stalled(self._where)
        self._look(time.monotonic())
        return bool(data)

    def _look(self, now: float) -> None:
        self.heard = now
        if self._session.video != self._seen:
            self._seen, self._pictured = self._session.video, now
        elif now - self._pictured > PICTURE_TIMEOUT:
            raise Stalled(self._where, SOUND_ONLY)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # wakes whoever reads; it may be gone already
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()
