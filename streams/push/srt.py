"""SRT senders, through the system's libsrt (Haivision SRT API 1.4 and later): the FFmpeg in PyAV's wheel has none."""

import atexit
import contextlib
import ctypes
import socket
import time
from functools import cache
from ipaddress import ip_address

from pydantic import SecretStr

from streams.errors import Stalled
from streams.networks import Address, unwrapped
from streams.push.rtmp import Judge, Rejected

_LIBRARIES = (
    "libsrt-openssl.so.1.5",
    "libsrt.so.1.5",
    "libsrt-gnutls.so.1.5",
    "libsrt.so.1.4",
    "libsrt.so.1",
)
_RCVSYN, _RCVTIMEO, _REUSEADDR, _PASSPHRASE, _RCVLATENCY, _STREAMID, _PEERIDLETIMEO = (
    2,
    14,
    15,
    26,
    43,
    46,
    55,
)
_FAILED = -1
_NOTHING_YET = (6002, 6003)  # SRT_EASYNCRCV, SRT_ETIMEOUT
_CRITICAL = 2  # syslog's: libsrt writes to standard error whatever is worse
_BACKLOG = 4
_LARGEST = 1500  # bytes of a live-mode message: 1316 of TS (seven packets), or a whole Ethernet frame
_STREAM_ID = 513  # bytes: 512 and a zero
_KEYED = "#!::"  # SRT Access Control: comma-separated key=value pairs, r the resource
# ms held back to ask for lost packets again: four round trips of a 4G uplink (about 120 ms).
_LATENCY = 500
_NAP = 0.05  # s between two looks for a caller


class NoSrt(ImportError):
    """libsrt is not installed."""


@cache
def library() -> ctypes.CDLL:
    """Raises NoSrt."""
    for name in _LIBRARIES:
        with contextlib.suppress(OSError):  # not this one
            return _begun(ctypes.CDLL(name))
    raise NoSrt


def _begun(srt: ctypes.CDLL) -> ctypes.CDLL:
    srt.srt_getlasterror_str.restype = ctypes.c_char_p
    srt.srt_setloglevel(_CRITICAL)
    srt.srt_startup()
    atexit.register(srt.srt_cleanup)
    return srt


class SrtEntrance:
    """Raises OSError where the port cannot be opened, NoSrt. read_timeout: s. passphrase: 10 to 79 characters."""

    def __init__(
        self, host: str, port: int, read_timeout: float, where: str, passphrase: SecretStr | None = None
    ) -> None:
        self._srt = library()
        self._read_timeout, self._where = read_timeout, where
        self._listener = self._srt.srt_create_socket()
        for option, value in ((_REUSEADDR, 1), (_RCVSYN, 0), (_RCVLATENCY, _LATENCY)):
            _set(self._srt, self._listener, option, value)
        # libsrt gives up a silent peer by itself: not before we have said that it is silent. ms.
        _set(self._srt, self._listener, _PEERIDLETIMEO, round(2 * read_timeout * 1000))
        if passphrase is not None:
            secret = passphrase.get_secret_value().encode()
            self._srt.srt_setsockflag(self._listener, _PASSPHRASE, secret, len(secret))
        self._listen(_packed(host, port))

    def _listen(self, address: bytes) -> None:
        srt, listener = self._srt, self._listener
        bound = srt.srt_bind(listener, address, len(address)) != _FAILED
        if bound and srt.srt_listen(listener, _BACKLOG) != _FAILED:
            return
        number = ctypes.c_int()
        srt.srt_getlasterror(ctypes.byref(number))
        srt.srt_close(listener)
        raise OSError(number.value, "cannot listen")

    def accept(self, patience: float) -> "SrtCaller | None":
        deadline = time.monotonic() + patience
        while True:
            peer, size = ctypes.create_string_buffer(128), ctypes.c_int(128)
            connection = self._srt.srt_accept(self._listener, peer, ctypes.byref(size))
            if connection != _FAILED:
                return SrtCaller(self._srt, connection, _address(peer.raw), self._read_timeout, self._where)
            if time.monotonic() >= deadline:
                return None
            time.sleep(_NAP)

    def close(self) -> None:
        self._srt.srt_close(self._listener)


class SrtCaller:
    """One connection, before it is known who it is."""

    def __init__(
        self, srt: ctypes.CDLL, connection: int, address: Address, read_timeout: float, where: str
    ) -> None:
        self._srt, self._connection, self.address = srt, connection, address
        self._read_timeout, self._where = read_timeout, where

    def admit(self, judge: Judge) -> "SrtGuest":
        """Its stream id says what it wants."""
        name, size = ctypes.create_string_buffer(_STREAM_ID), ctypes.c_int(_STREAM_ID)
        if self._srt.srt_getsockflag(self._connection, _STREAMID, name, ctypes.byref(size)) == _FAILED:
            raise ConnectionResetError
        reason = judge(resource(name.raw[: size.value]))
        if reason is not None:
            raise Rejected(reason)
        _set(self._srt, self._connection, _RCVSYN, 1)
        _set(self._srt, self._connection, _RCVTIMEO, round(self._read_timeout * 1000))
        return SrtGuest(self._srt, self._connection, self._where)

    def close(self) -> None:
        self._srt.srt_close(self._connection)


class SrtGuest:
    """A sender, as a file of MPEG-TS."""

    format = "mpegts"

    def __init__(self, srt: ctypes.CDLL, connection: int, where: str) -> None:
        self._srt, self._connection, self._where = srt, connection, where
        self._buffer = ctypes.create_string_buffer(_LARGEST)
        self._rest = b""
        self._closed = False
        self.heard = time.monotonic()

    def read(self, size: int) -> bytes:
        data = self._rest or self._message()
        self._rest = data[size:]
        return data[:size]

    def _message(self) -> bytes:
        """The next one; empty when the sender is gone. Raises Stalled."""
        got = self._srt.srt_recvmsg(self._connection, self._buffer, _LARGEST)
        if got > 0:
            self.heard = time.monotonic()
            return self._buffer.raw[:got]
        if not self._closed and self._srt.srt_getlasterror(None) in _NOTHING_YET:
            raise Stalled(self._where)
        return b""

    def close(self) -> None:
        self._closed = True
        self._srt.srt_close(self._connection)


def resource(stream_id: bytes) -> str:
    """What a stream id asks for: itself, or the `r` of an access control list ("#!::r=name,m=publish")."""
    text = stream_id.decode("utf-8", "replace").rstrip("\0")
    if not text.startswith(_KEYED):
        return text
    pairs = (pair.partition("=") for pair in text.removeprefix(_KEYED).split(","))
    return next((value for name, _, value in pairs if name == "r"), "")


def _set(srt: ctypes.CDLL, connection: int, option: int, value: int) -> None:
    number = ctypes.c_int(value)
    srt.srt_setsockflag(connection, option, ctypes.byref(number), ctypes.sizeof(number))


def _packed(host: str, port: int) -> bytes:
    """struct sockaddr_in or sockaddr_in6 (Linux)."""
    place = port.to_bytes(2, "big")
    if ":" in host:
        family = socket.AF_INET6.to_bytes(2, "little")
        return family + place + bytes(4) + socket.inet_pton(socket.AF_INET6, host) + bytes(4)
    return socket.AF_INET.to_bytes(2, "little") + place + socket.inet_aton(host) + bytes(8)


def _address(raw: bytes) -> Address:
    inet6 = int.from_bytes(raw[:2], "little") == socket.AF_INET6
    return unwrapped(ip_address(raw[8:24] if inet6 else raw[4:8]))
