"""A real probe and real answers over UDP; multicast goes out on the loopback interface."""

import asyncio
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.onvif.discovery import GROUP, Found, discover, matches
from tests.support.answering import alone

ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>urn:uuid:a</w:MessageID>'
    "<w:RelatesTo>{relates}</w:RelatesTo><w:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</w:To>"
    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</w:Action></e:Header><e:Body>"
    "<d:ProbeMatches><d:ProbeMatch><w:EndpointReference><w:Address>{address}</w:Address></w:EndpointReference>"
    "<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/type/ptz"
    " onvif://www.onvif.org/name/Gate%20Cam onvif://www.onvif.org/hardware/DS-2DE onvif://www.onvif.org/location/pit"
    "</d:Scopes><d:XAddrs>http://192.168.1.64/onvif/device_service file:///etc/passwd</d:XAddrs>"
    "<d:MetadataVersion>10</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
)


SECONDS = 4.0  # of listening; the answer comes at once, but for a machine that stands still


def answer(probe: bytes, address: str = "urn:uuid:1") -> list[bytes]:
    """What a camera says to a probe for cameras; nothing to anything else."""
    if b"Probe" not in probe or b"NetworkVideoTransmitter" not in probe:
        return []
    found = re.search(rb"MessageID>\s*([^<\s]+)", probe)
    assert found is not None
    return [ANSWER.format(relates=found[1].decode(), address=address).encode()]


class Responder(asyncio.DatagramProtocol):
    def __init__(self, reply: Callable[[bytes], list[bytes]]) -> None:
        self._reply = reply
        self.heard = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard += 1
        for each in self._reply(data):
            self._transport.sendto(each, addr)


@contextmanager
def bound(group: bool = False) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        if group:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(GROUP)
            loopback = socket.if_nametoindex("lo")
            member = struct.pack("@4sii", socket.inet_aton(GROUP[0]), 0, loopback)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        else:
            sock.bind(("127.0.0.1", 0))
        yield sock


async def test_a_camera_is_asked_itself() -> None:
    with bound() as sock:
        transport, responder = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Responder(answer), sock=sock
        )
        found = await discover(SECONDS, targets=[sock.getsockname()])
        assert responder.heard == 2  # a lost datagram must not hide a camera
        transport.close()
    assert found == (
        Found(
            address="urn:uuid:1",
            host="127.0.0.1",
            xaddrs=("http://192.168.1.64/onvif/device_service",),
            name="Gate Cam",
            hardware="DS-2DE",
            location="pit",
        ),
    )


async def test_everybody_on_an_interface_is_asked() -> None:
    with alone(), bound(group=True) as sock:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Responder(answer), sock=sock
        )
        found = await discover(SECONDS, interfaces=["lo"])
        assert [each.name for each in found] == ["Gate Cam"]
        assert await discover(0.3, interfaces=["no-such"]) == ()
        transport.close()


async def test_rubbish_and_floods_do_not_hide_a_camera() -> None:
    def reply(probe: bytes) -> list[bytes]:
        good = answer(probe)
        return [
            b"",
            b"\xff" * 500,
            good[0][:-30],
            *good,
            good[0].replace(b"<d:MetadataVersion>10", b"<x>"),
            *good,
        ]

    with bound() as sock:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Responder(reply), sock=sock
        )
        assert len(await discover(SECONDS, targets=[sock.getsockname()])) == 1
        transport.close()


async def test_nobody_there() -> None:
    with bound() as sock:
        nobody = sock.getsockname()
    assert await discover(0.4, targets=[nobody]) == ()


def test_entities_are_not_even_parsed() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    assert matches(bomb + ANSWER.partition("?>")[2].encode(), "10.0.0.1") == []
    assert matches((bomb.decode() + ANSWER.partition("?>")[2]).encode("utf-16"), "10.0.0.1") == []


def test_a_camera_that_gets_the_wrapping_wrong_is_found() -> None:
    sloppy = re.sub(r"</?d:ProbeMatches>", "", ANSWER).replace(
        "discovery/ProbeMatches", "discovery/ProbeMatch"
    )
    (found,) = matches(sloppy.encode(), "10.0.0.1")
    assert found.name == "Gate Cam"


@pytest.mark.parametrize("cut", ["MessageID", "Address", "Scopes", "XAddrs", "Types", "Action", "RelatesTo"])
def test_an_answer_with_something_missing_is_read_or_left(cut: str) -> None:
    whole = ANSWER.format(relates="urn:uuid:b", address="urn:uuid:1")
    without = re.sub(rf"<(\w+:{cut})>.*?</\1>", "", whole, flags=re.DOTALL)
    assert without != whole
    (found,) = matches(without.encode(), "10.0.0.1")
    assert found.address == ("10.0.0.1" if cut == "Address" else "urn:uuid:1")


@given(st.integers(0, len(ANSWER) - 1), st.binary(max_size=6), st.integers(0, 40))
def test_a_mangled_answer_never_raises(place: int, junk: bytes, cut: int) -> None:
    mangled = ANSWER.encode()[:place] + junk + ANSWER.encode()[place + cut :]
    for each in matches(mangled, "10.0.0.1"):
        assert each.address
        assert all(address.startswith("http") for address in each.xaddrs)
