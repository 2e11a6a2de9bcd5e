"""A camera that answers WS-Discovery, multicast on every interface, and unicast."""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    def __init__(self, place: str) -> None:
        self._place = place

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if found := re.search(rb"MessageID>\s*([^<\s]+)", data):
            answer = _ANSWER.format(relates=found[1].decode(), place=self._place)
            self._transport.sendto(answer.encode(), addr)


@asynccontextmanager
async def answering(place: str) -> AsyncIterator[None]:
    """place: host:port where it says that its device service is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("", GROUP[1]))
        for index, _ in socket.if_nameindex():
            member = struct.pack("@4sii", socket.inet_aton(GROUP[0]), 0, index)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Answering(place), sock=sock)
        try:
            yield
        finally:
            transport.close()
