"""Sound by UDP: a pair of ports as RTP wants them (RFC 3550, 11), of which only the first one sends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import randrange

from streams.errors import Unreachable
from streams.problem import Text

_TRIES = 20  # two neighbours of 32768 ports are nearly always free
_NO_PORTS = Text("no two neighbouring UDP ports are free", "没有两个相邻的空闲 UDP 端口")


class Datagrams:
    """port: ours, an even one. What the camera sends to it is not read."""

    def __init__(self, rtp: asyncio.DatagramTransport, port: int) -> None:
        self.port = port
        self._rtp = rtp
        self._target: tuple[str, int] | None = None

    def aim(self, host: str, port: int) -> None:
        self._target = host, port

    def send(self, packet: bytes) -> bool:
        if self._target is None or self._rtp.is_closing():
            return False
        self._rtp.sendto(packet, self._target)
        return True


@asynccontextmanager
async def pair(host: str) -> AsyncIterator[Datagrams]:
    """host: our own address, as the camera sees it. Raises Unreachable where no two neighbours are free."""
    rtp, rtcp, port = await _bound(host)
    try:
        yield Datagrams(rtp, port)
    finally:
        rtp.close()
        rtcp.close()


async def _bound(host: str) -> tuple[asyncio.DatagramTransport, asyncio.DatagramTransport, int]:
    for _ in range(_TRIES):
        port = randrange(32768, 65534, 2)  # noqa: S311 (any will do)
        with suppress(OSError):
            rtp = await _endpoint(host, port)
            try:
                return rtp, await _endpoint(host, port + 1), port
            except OSError:
                rtp.close()
    raise Unreachable(host, _NO_PORTS)


async def _endpoint(host: str, port: int) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(host, port))
    return transport
