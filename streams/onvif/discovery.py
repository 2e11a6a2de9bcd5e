"""Which cameras are on the network. WS-Discovery (OASIS 2005/04, as ONVIF Core 7 asks for), multicast over IPv4.

Only asks and listens: what answers may be anybody, so nothing of it is trusted or connected to.
"""

import asyncio
import socket
import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from lxml import etree

from streams.onvif.reading import text

log = structlog.get_logger()

GROUP = ("239.255.255.250", 3702)

# s: cameras spread their answers over 0.5 s (APP_MAX_DELAY), slow ones think for a second longer, and the probe
# goes out twice.
PATIENCE = 3.0
_AGAIN = 0.25  # s until the probe is repeated: datagrams get lost (SOAP-over-UDP: 50 to 250 ms)

MOST = 256  # cameras, more than any site has; whoever answers more often than that is flooding us
_SCOPE = "onvif://www.onvif.org/"

# No entity is expanded, nothing is fetched.
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)

_PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<s:Header><a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>
<a:MessageID>urn:uuid:{id}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>
<s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"""


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered. address: its endpoint (usually urn:uuid:...), by which it is one and the same.

    host: whence it answered. xaddrs: its device service's addresses as it reports them, unchecked.
    name, hardware, location: from its scopes; "" where it does not tell.
    """

    address: str
    host: str
    xaddrs: tuple[str, ...]
    name: str = ""
    hardware: str = ""
    location: str = ""


async def discover(
    timeout: float = PATIENCE,  # noqa: ASYNC109 (it is how long to listen, not a limit to work)
    *,
    interfaces: Sequence[str] | None = None,
    targets: Sequence[tuple[str, int]] = (GROUP,),
) -> tuple[Found, ...]:
    """Everything that answers within `timeout`, s, once each.

    interfaces: names of network interfaces to ask on; None: all. A box often has its way out over 4G and the
    cameras on another cable: asking where the default route leads would find nothing.
    targets: the group, or a device itself (a unicast probe, beyond routers). Raises OSError where no socket is had.
    """
    loop = asyncio.get_running_loop()
    heard = _Hearing()
    sock = _socket()
    transport, _ = await loop.create_datagram_endpoint(lambda: heard, sock=sock)
    try:
        for pause in (_AGAIN, max(0.0, timeout - _AGAIN)):
            _ask(sock, targets, interfaces)
            await asyncio.sleep(pause)
    finally:
        transport.close()
    return tuple(heard.found.values())


class _Hearing(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.found: dict[str, Found] = {}

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        for each in matches(data, addr[0]):
            if len(self.found) < MOST:
                self.found.setdefault(each.address, each)

    def error_received(self, exc: Exception) -> None:
        log.debug("discovery.refused", error=type(exc).__name__)


def matches(datagram: bytes, host: str) -> list[Found]:
    """The devices in one answer; none in what is no answer. Pure; never raises.

    Whatever calls itself ProbeMatch counts: not all cameras get the wrapping and the action right.
    """
    try:
        root = etree.fromstring(datagram, _PARSER)
    except etree.XMLSyntaxError as error:
        log.debug("discovery.rubbish", host=host, error=type(error).__name__)
        return []
    if root.getroottree().docinfo.doctype:
        return []
    return [_found(each, host) for each in root.iter("{*}ProbeMatch")]


def _found(match: etree._Element, host: str) -> Found:
    scopes = _words(match, "Scopes")
    addresses = (text(each) for each in _words(match, "XAddrs")[:8])
    return Found(
        address=text(" ".join(_words(match, "Address"))) or host,
        host=host,
        xaddrs=tuple(each for each in addresses if each is not None and _is_web(each)),
        name=_scope(scopes, "name"),
        hardware=_scope(scopes, "hardware"),
        location=_scope(scopes, "location"),
    )


def _words(match: etree._Element, name: str) -> list[str]:
    element = next(match.iter(f"{{*}}{name}"), None)
    return [] if element is None or element.text is None else element.text.split()


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return False


def _scope(scopes: list[str], kind: str) -> str:
    start = f"{_SCOPE}{kind}/"
    told = (unquote(each[len(start) :]) for each in scopes if each.lower().startswith(start))
    return next(filter(None, (text(each) for each in told)), "")


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)  # cameras are on this network
    made.bind(("", 0))
    return made


def _ask(sock: socket.socket, targets: Sequence[tuple[str, int]], interfaces: Sequence[str] | None) -> None:
    for target in targets:
        # A fresh message each time: a device answers a repeated one only once.
        probe = _PROBE.format(id=uuid.uuid4()).encode()
        for index in _indices(interfaces) if target == GROUP else (0,):
            try:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("@iii", 0, 0, index))
                sock.sendto(probe, target)
            except OSError as error:  # down, or without an IPv4 address: nobody to be found there
                log.debug("discovery.no_way", interface=index, error=error.strerror)


def _indices(interfaces: Sequence[str] | None) -> Iterator[int]:
    for index, name in socket.if_nameindex():
        if interfaces is None or name in interfaces:
            yield index
