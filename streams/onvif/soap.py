"""SOAP to one camera: zeep with the WSDLs of onvif-zeep-async, over an HTTP line of our own.

The library's own line would do no HTTP digest, follow redirects, read answers of any size and wait 90 s.
SOAP 1.2, WS-Security UsernameToken Profile 1.1, RFC 7616 (HTTP digest), ONVIF Core 5.9 (security).
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from aiohttp import DigestAuthMiddleware
from lxml import etree
from zeep.exceptions import Fault, TransportError
from zeep.loader import parse_xml
from zeep.settings import Settings

from streams.networks import Networks
from streams.onvif.errors import (
    Busy,
    Garbled,
    NoService,
    OnvifError,
    Rubbish,
    TimedOut,
    Unreachable,
    WrongLogin,
)
from streams.onvif.library import WSDL, Addressing, SoapClient, UsernameToken, cached_document, is_auth_error
from streams.onvif.reading import items
from streams.outgoing import ForbiddenAddress, sockets
from streams.problem import Text

log = structlog.get_logger()

# A recorder with 64 channels describes its profiles in some 400 KB; nothing else comes near.
LARGEST_ANSWER = 1 << 20

# Names of namespaces, each with the WSDL that describes it and the binding in there.
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"

_WSDL = {DEVICE: "devicemgmt", MEDIA: "media", PTZ: "ptz", EVENTS: "events"}
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"

# Answers must be well-formed and hold no DTD: no entity is ever expanded and nothing else is ever fetched.
# (What an element may contain is read leniently: that is a setting of the WSDL documents, not of this.)
_HARDENED = Settings(
    strict=True, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True, forbid_external=True
)

# A bare & in a stream's address is the most usual slip of cameras' XML, and it has one meaning only.
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")

_BUSY = frozenset({429, 502, 503, 504})
_HUNG_UP = Text("it hangs up", "对方断开连接")
_CLOSED = Text("the port is closed or there is no way to it", "端口未开放或网络不通")
_TOO_LONG = Text("its answer is too long", "应答过长")
_REDIRECTS = Text(
    "it redirects; switch plain HTTP on for ONVIF in the camera",
    "设备要求重定向；请在摄像机中为 ONVIF 启用 HTTP",
)
_INVALID = Text("invalid XML or not what ONVIF says", "XML 无效或不符合 ONVIF 规范")


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of an HTTP answer as zeep reads. Always one XML document: no multipart, no charset of its own."""

    status_code: int
    content: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/soap+xml"})
    encoding: None = None


class Line:
    """HTTP to one camera. Use as an async context manager.

    No redirects, no proxy, no cookies, no compression (an answer's size is its size on the wire), and a
    connection of its own for every request: cameras close idle ones just when the next request is sent.
    """

    def __init__(self, where: str, networks: Networks) -> None:
        self.where = where
        self.digest: DigestAuthMiddleware | None = None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=8, socket_factory=sockets(networks)),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # who calls knows how long; `Service.call` bounds it
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "sandwatch"},
        )

    async def close(self) -> None:
        await self._session.close()

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> Answer:
        """zeep's transport interface. Raises OnvifError, aiohttp.ClientError, TimeoutError."""
        request = self._session.post(
            address,
            data=etree.tostring(envelope, encoding="utf-8", xml_declaration=True),
            headers=headers,
            allow_redirects=False,
            middlewares=(self.digest,) if self.digest else (),
        )
        async with request as response:
            self._refuse(response.status)
            content = await self._read(response)
            if response.status in _BUSY and b"Fault" not in content:
                raise Busy(self.where)
            if not content.strip():
                raise Rubbish(self.where, _status(response.status))
            return Answer(response.status, _BARE_AMPERSAND.sub(b"&amp;", content))

    def _refuse(self, status: int) -> None:
        if status in (401, 403):
            raise WrongLogin(self.where)
        if status in (404, 405):
            raise NoService(self.where, _status(status))
        if 300 <= status < 400:
            raise Rubbish(self.where, _REDIRECTS)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        content = bytearray()
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > LARGEST_ANSWER:
                raise Rubbish(self.where, _TOO_LONG)
        return bytes(content)


class Service:
    """One service of the camera at one address.

    token: None, or the login that WS-Security puts into every request.
    """

    def __init__(self, line: Line, address: str, timeout: float, token: UsernameToken | None) -> None:
        self._line, self._address, self._timeout, self._token = line, address, timeout, token
        self._operations: Any = None

    async def load(self, namespace: str, binding: str) -> "Service":
        """Make `call` ready: read the WSDL (from the package, once per process) on a thread of its own."""
        document = await cached_document(str(WSDL / f"{_WSDL[namespace]}.wsdl"))
        client = SoapClient(
            document,
            wsse=self._token,
            transport=self._line,
            settings=_HARDENED,
            plugins=[Addressing()],
        )
        self._operations = client.create_service(f"{{{namespace}}}{binding}", self._address)
        return self

    async def call(
        self, operation: str, *, patience: float | None = None, headers: Sequence[Any] = (), **parameters: Any
    ) -> Any:
        """One operation of the WSDL; a zeep object. patience: s, the service's own if None. Raises OnvifError."""
        if headers:
            parameters["_soapheaders"] = list(headers)
        work = getattr(self._operations, operation)(**parameters)
        return await self._bounded(operation, work, patience)

    async def plain(self, namespace: str, operation: str, **fields: str) -> etree._Element:
        """One operation of a service that has no WSDL in the package; its answer's element. Raises OnvifError."""
        return await self._bounded(operation, self._plain(namespace, operation, fields), None)

    async def _plain(self, namespace: str, operation: str, fields: dict[str, str]) -> etree._Element:
        envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"s": _ENVELOPE, "n": namespace})
        body = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
        request = etree.SubElement(body, f"{{{namespace}}}{operation}")
        for name, value in fields.items():
            etree.SubElement(request, f"{{{namespace}}}{name}").text = value
        if self._token is not None:
            self._token.apply(envelope, {})
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{namespace}/{operation}"'}
        answer = await self._line.post_xml(self._address, envelope, headers)
        # zeep's annotation says str; bytes are what it is given everywhere, and what carries an encoding.
        content: Any = answer.content
        return self._opened(parse_xml(content, None, settings=_HARDENED))

    def _opened(self, envelope: etree._Element) -> etree._Element:
        found = envelope.find(f"{{{_ENVELOPE}}}Body/*")
        if found is None:
            raise Rubbish(self._line.where, _INVALID)
        if found.tag == f"{{{_ENVELOPE}}}Fault":
            said = "".join(found.itertext())
            raise WrongLogin(self._line.where) if "auth" in said.lower() else _fault(self._line.where, said)
        return found

    async def _bounded(self, operation: str, work: Any, patience: float | None) -> Any:
        try:
            async with asyncio.timeout(self._timeout if patience is None else patience):
                return await work
        except OnvifError as known:
            failed: OnvifError = known
        except Exception as error:  # noqa: BLE001 (zeep and lxml let out whatever a strange answer makes of them)
            failed = failure(error, self._line.where)
            log.debug("onvif.failed", where=self._line.where, operation=operation, error=type(error).__name__)
        # Outside the handlers: it must carry no context, which would quote the answer.
        raise failed


def failure(error: Exception, where: str) -> OnvifError:
    """Our exception for one of zeep's, lxml's or aiohttp's. Raise it outside the `except` block."""
    match error:
        case TimeoutError():
            return TimedOut(where)
        case aiohttp.ClientConnectorError() | OSError():
            cause = getattr(error, "os_error", None)
            return Unreachable(where, cause.why if isinstance(cause, ForbiddenAddress) else _CLOSED)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientConnectionError():
            return Unreachable(where, _HUNG_UP)
        case Fault():
            codes = (getattr(each, "text", each) for each in items(error.subcodes))
            return WrongLogin(where) if is_auth_error(error) else _fault(where, " ".join(map(str, codes)))
        case TransportError(status_code=200):
            return Garbled(where, _INVALID)
    return Rubbish(where, _INVALID)


def _fault(where: str, said: str) -> OnvifError:
    """Its words are the camera's own and may quote anything: only what we know by name is passed on."""
    if "ActionNotSupported" in said or "NotImplemented" in said:
        return NoService(where)
    return Rubbish(where, Text("it answers with a fault", "设备返回错误"))


def _status(status: int) -> Text:
    return Text(f"HTTP {status}", f"HTTP {status}")
