"""A camera that answers WS-Discovery, multicast on every interface, and unicast."""

import asyncio
import fcntl
import re
import socket
import struct
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

from streams.onvif.discovery import GROUP

_ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header>'
    "<w:RelatesTo>{relates}</w:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>"
    "<w:EndpointReference><w:Address>urn:uuid:1</w:Address></w:EndpointReference>"
    "<d:Scopes>onvif://www.onvif.org/name/Gate%20Cam onvif://www.onvif.org/hardware/DS-2DE</d:Scopes>"
    "<d:XAddrs>http://{place}/onvif/device_service</d:XAddrs>"
    "</d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
)


class _Answering(asyncio.DatagramProtocol):
    def __init__(self, place: str, asker: str | None) -> None:
        self._place, self._asker = place, asker

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if self._asker is not None and addr[0] != self._asker:
            return
        if found := re.search(rb"MessageID>\s*([^<\s]+)", data):
            answer = _ANSWER.format(relates=found[1].decode(), place=self._place)
            self._transport.sendto(answer.encode(), addr)


@asynccontextmanager
async def answering(place: str, asker: str | None = None) -> AsyncIterator[None]:
    """place: host:port where it says that its device service is. asker: who alone is answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("", GROUP[1]))
        for index, _ in socket.if_nameindex():
            member = struct.pack("@4sii", socket.inet_aton(GROUP[0]), 0, index)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Answering(place, asker), sock=sock)
        try:
            yield
        finally:
            transport.close()


@contextmanager
def alone() -> Iterator[None]:
    """Of all tests of this machine: whoever asks on its network hears every camera that answers there. Blocks."""
    with (Path(tempfile.gettempdir()) / "sandwatch-tests-3702").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
