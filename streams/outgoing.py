"""Connections to servers that are named in a site file: uploads, time-stamps, models, a camera's control.

An address is judged where the connection is made, never before: a name may stand for another one a moment later (DNS
rebinding), and a proxy, a redirect or an odd spelling may lead elsewhere than it reads.
"""

import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from streams.networks import Address, Network, Networks, literal
from streams.problem import Text

_ANYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_THIS_BOX: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_NEAR = (*_THIS_BOX, ip_network("169.254.0.0/16"), ip_network("fe80::/10"))

Sockets = Callable[[tuple[Any, ...]], socket.socket]
"""aiohttp's socket_factory: asked for every address before it is connected to (family, type, protocol, _, address)."""


class ForbiddenAddress(OSError):
    """The name stands for an address that must not be connected to. why: for people."""

    def __init__(self, address: Address, why: Text) -> None:
        super().__init__(errno.EACCES, f"{address} is {why.en}")
        self.why = Text(f"{address}: {why.en}", f"{address}：{why.zh}")


def networks_of(*hosts: str) -> Networks:
    """Where servers with these names may be: at all usual addresses. On this box or this link only where one of them is
    written so: a name that merely turns out to be this box was not meant by whoever wrote it."""
    return Networks((*_ANYWHERE, *(network for host in hosts for network in _near(host))))


def written_in_full(host: str) -> bool:
    """False for the forms of an address that only old resolvers read (2130706433, 0x7f.1, 127.1)."""
    try:
        literal(host)
    except ValueError:
        return False
    return True


def sockets(networks: Networks) -> Sockets:
    """A socket that will be connected, or ForbiddenAddress."""

    def made(about: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = about
        _judge(str(address[0]), networks)
        return socket.socket(family, kind, protocol)

    return made


def connected(host: str, port: int, patience: float, networks: Networks) -> socket.socket:
    """As socket.create_connection. patience: s per address. Raises OSError, ForbiddenAddress where none may be used."""
    failure: OSError = OSError(errno.EADDRNOTAVAIL, "no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            _judge(str(address[0]), networks)
            made = socket.socket(family, kind, protocol)
        except OSError as error:
            failure = error
            continue
        try:
            made.settimeout(patience)
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure


def _judge(address: str, networks: Networks) -> None:
    found = ip_address(address)
    why = networks.refusal(found)
    if why is not None:
        raise ForbiddenAddress(found, why)


def _near(host: str) -> tuple[Network, ...]:
    """This box or this link, as it is written; ::ffff:127.0.0.1 is a disguise."""
    host = host.rstrip(".").lower()
    try:
        address = ip_address(host)
    except ValueError:
        return _THIS_BOX if host == "localhost" else ()  # RFC 6761, 6.3
    return tuple(network for network in _NEAR if address in network)
