"""An RTSP connection: one request at a time, sound beside them."""

import asyncio
import socket
import struct
from collections.abc import Iterable
from typing import Any, NoReturn

import structlog

from relay.loudspeaker.errors import HUNG_UP, NO_ANSWER, Garbled, Lost
from relay.loudspeaker.message import Answer, Asked, Malformed, Parser, not_done, request

_log = structlog.get_logger()

_READ = 16384  # bytes
# Bytes in the kernel, about 0.3 s of G.711 with its heads: what waits there is played late.
_SEND_BUFFER = 8192
_UNACKNOWLEDGED = 5000  # ms: a handover between 4G cells lasts up to 3 s
_PENDING = 64  # packets a burst may leave behind in our own buffer, not more

Field = tuple[str, str]


class Line:
    """Use as an async context manager. where: host:port/path, fit to be shown. patience: s for one answer."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: str, patience: float
    ) -> None:
        self.where = where
        self._reader, self._writer, self._patience = reader, writer, patience
        self._cseq = 0
        self._answer: asyncio.Future[Answer] | None = None
        self._listening = asyncio.create_task(self._listen(), name="loudspeaker-line")
        _hurry(writer.get_extra_info("socket"))

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        self._writer.close()
        await asyncio.wait({self._listening})
        if not self._listening.cancelled():
            self._listening.exception()  # taken note of: whoever cared has asked

    @property
    def local(self) -> str:
        """Our own address on this line."""
        return str(self._writer.get_extra_info("sockname")[0])

    async def ask(self, method: str, uri: str, fields: Iterable[Field] = ()) -> Answer:
        """Raises Lost, Garbled."""
        if self._listening.done():
            self._listening.result()
        self._cseq += 1
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._writer.write(request(method, uri, self._cseq, fields))
        waited: set[asyncio.Future[Any]] = {answer, self._listening}
        await asyncio.wait(waited, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if self._listening.done():
            self._listening.result()
        raise Lost(self.where, NO_ANSWER)

    async def rest(self, seconds: float) -> None:
        """Until it is time to ask again. Raises Lost, Garbled as soon as the camera is gone."""
        await asyncio.wait({self._listening}, timeout=seconds)
        if self._listening.done():
            self._listening.result()

    def send(self, channel: int, packet: bytes) -> bool:
        """A packet inside the connection (RFC 2326, 10.12). False: the camera takes none now, and it is dropped."""
        transport = self._writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > _PENDING * len(packet):
            return False
        self._writer.write(struct.pack("!cBH", b"$", channel, len(packet)) + packet)
        return True

    async def _listen(self) -> NoReturn:
        """Until the camera hangs up; always raises."""
        parser = Parser()
        try:
            while data := await self._reader.read(_READ):
                for message in parser.feed(data):
                    self._take(message)
            failure: Lost | Garbled = Lost(self.where, HUNG_UP)
        except OSError:
            failure = Lost(self.where, HUNG_UP)
        except Malformed as error:
            _log.warning("loudspeaker.malformed", where=self.where, why=str(error))
            failure = Garbled(self.where)
        raise failure

    def _take(self, message: Answer | Asked) -> None:
        if isinstance(message, Asked):
            self._writer.write(not_done(message))
            return
        waiting = self._answer
        # One that is late answers nobody any more; 1xx says only that the camera is still at it (RFC 2326, 7.1.1).
        fits = message.cseq in (None, self._cseq) and message.status >= 200
        if waiting is not None and not waiting.done() and fits:
            waiting.set_result(message)


def _hurry(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED)
