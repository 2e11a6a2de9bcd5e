"""The client's side of tus 1.0.0 (https://tus.io/protocols/resumable-upload), with one server.

Core protocol, and where the server offers them the extensions checksum and termination. Redirects are not followed, and
an upload's address has to be on the server of the site file: neither a server nor whoever sits before it can make this
box send proof, or its token, elsewhere (OWASP: server-side request forgery).
"""

import asyncio
import base64
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from edge.upload import problems
from edge.upload.pace import Bucket
from edge.upload.problems import Displaced, FileRefused, ResourceGone, UploadLost, UploadRefused
from streams.outgoing import ForbiddenAddress, networks_of, sockets

VERSION = "1.0.0"
CHUNK = 1 << 20
"""Bytes per request: what a proxy lets through that was not configured for us (nginx: 1 MiB), and the most that is sent
twice where a server throws an unfinished piece away."""

_PIECE = 1 << 14  # bytes between two looks at the rate
_CONNECT = 15.0  # s: three lost SYNs on a bad mobile link
_SILENCE = 60.0  # s without an answer: a hand-over between 4G cells, and a server that flushes to a slow disk
_SLOWEST = 4096.0  # bytes/s: what a 2G line carries; what the kernel has taken drains at least so fast
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server offers (4.2: OPTIONS). algorithm: of Upload-Checksum; None: it verifies no pieces."""

    algorithm: str | None = None
    terminates: bool = False
    largest: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a server is with an upload: bytes it has of how many (None: not told), and the SHA-256 of what it has, where it
    tells it (RFC 9530, Repr-Digest)."""

    offset: int
    length: int | None
    sha256: str | None


class TusServer:
    """An asynchronous context manager. Every method raises UploadLost and UploadRefused, also for a server that stalls."""

    def __init__(
        self, url: str, bucket: Bucket, *, token: str | None = None, ca_file: Path | None = None
    ) -> None:
        """Raises UploadRefused where ca_file cannot be read."""
        self._url, self._bucket = url, bucket
        self.place = urlsplit(url).netloc
        self._abilities: Abilities | None = None
        self._headers = {"Tus-Resumable": VERSION}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        try:
            self._trust = ssl.create_default_context(cafile=ca_file)
        except OSError:  # ssl.SSLError is one
            raise UploadRefused(problems.ca_file(str(ca_file))) from None
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT)
        allowed = networks_of(urlsplit(self._url).hostname or "")
        connector = aiohttp.TCPConnector(ssl=self._trust, socket_factory=sockets(allowed))
        self._client = aiohttp.ClientSession(timeout=limits, connector=connector, auto_decompress=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def abilities(self) -> Abilities:
        """Asked once per connection to the server, since it may be exchanged."""
        if self._abilities is None:
            status, told = await self._ask("OPTIONS", self._url)
            if status not in (200, 204) or VERSION not in _words(told.get("Tus-Version")):
                raise UploadRefused(problems.not_tus(self.place, status))
            self._abilities = _abilities(told)
        return self._abilities

    async def create(self, uri: str, size: int, sha256: str) -> str:
        """A new, empty upload: its address. Raises FileRefused."""
        able = await self.abilities()
        if able.largest is not None and size > able.largest:
            raise FileRefused(problems.too_large(uri, size))
        about = {"filename": uri.rpartition("/")[2], "uri": uri, "sha256": sha256}
        headers = {"Upload-Length": str(size), "Upload-Metadata": _metadata(about)}
        status, told = await self._ask("POST", self._url, headers)
        if status == 413:
            raise FileRefused(problems.too_large(uri, size))
        if status != 201 or "Location" not in told:
            raise UploadRefused(problems.not_tus(self.place, status))
        return self._own(urljoin(self._url, told["Location"]))

    async def standing(self, resource: str) -> Standing:
        """Raises ResourceGone."""
        headers = {"Want-Repr-Digest": "sha-256=10"}
        status, told = await self._ask("HEAD", self._own(resource), headers)
        offset = _number(told.get("Upload-Offset"))
        if status in (404, 410):
            raise ResourceGone
        if status not in (200, 204) or offset is None:
            raise UploadRefused(problems.not_tus(self.place, status))
        return Standing(offset, _number(told.get("Upload-Length")), _digest(told.get("Repr-Digest")))

    async def append(self, resource: str, offset: int, chunk: bytes) -> int:
        """Send the bytes at offset: the offset after them. Raises ResourceGone, Displaced."""
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(chunk)),
            "Upload-Offset": str(offset),
            **_checksum((await self.abilities()).algorithm, chunk),
        }
        status, told = await self._ask("PATCH", self._own(resource), headers, chunk)
        if status in (404, 410):
            raise ResourceGone
        if status == 413:
            raise UploadRefused(problems.body_limit(self.place))
        after = _number(told.get("Upload-Offset"))
        if status in (400, 409, 460) or (status == 204 and after != offset + len(chunk)):
            raise Displaced
        if status != 204 or after is None:
            raise UploadRefused(problems.not_tus(self.place, status))
        return after

    async def forget(self, resource: str) -> None:
        """Give up an upload, where the server lets us."""
        if (await self.abilities()).terminates:
            await self._ask("DELETE", self._own(resource))

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, Mapping[str, str]]:
        assert self._client is not None
        wait = _SILENCE + len(body) / _SLOWEST
        try:
            async with (
                asyncio.timeout(_CONNECT + wait) as limit,
                self._client.request(
                    method,
                    url,
                    headers={**self._headers, **(headers or {})},
                    data=self._paced(body, limit, wait) if body else None,
                    allow_redirects=False,
                ) as answer,
            ):
                status, told = answer.status, answer.headers
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._lost(error) from None  # its text may hold the address
        self._judge(status)
        return status, told

    async def _paced(self, body: bytes, limit: asyncio.Timeout, wait: float) -> AsyncIterator[bytes]:
        """At the rate; every piece that the way takes gives it time for the next."""
        now = asyncio.get_running_loop().time
        for start in range(0, len(body), _PIECE):
            piece = body[start : start + _PIECE]
            pause = self._bucket.take(len(piece), now())
            limit.reschedule(now() + pause + wait)
            await asyncio.sleep(pause)
            yield piece
        limit.reschedule(now() + wait)

    def _lost(self, error: Exception) -> UploadLost | UploadRefused:
        self._abilities = None
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return UploadRefused(problems.certificate(self.place))
        if isinstance(cause := getattr(error, "os_error", None), ForbiddenAddress):
            return UploadRefused(problems.forbidden(self.place, cause.why))
        why = "time-out" if isinstance(error, TimeoutError) else "no connection"
        return UploadLost(problems.unreachable(self.place, why))

    def _judge(self, status: int) -> None:
        """What means the same whatever was asked for."""
        if 300 <= status < 400:
            raise UploadRefused(problems.redirected(self.place))
        if status in (401, 403, 407):
            raise UploadRefused(problems.login(self.place, status))
        if (
            status in (408, 423, 425, 429) or status >= 500
        ):  # 423: our own request of before still holds the upload
            raise UploadLost(problems.unavailable(self.place, status))

    def _own(self, resource: str) -> str:
        """An address on the server of the site file."""
        ours, theirs = urlsplit(self._url), urlsplit(resource)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise UploadRefused(problems.redirected(self.place))
        return resource


def _abilities(told: Mapping[str, str]) -> Abilities:
    extensions = _words(told.get("Tus-Extension"))
    offered = _words(told.get("Tus-Checksum-Algorithm")) if "checksum" in extensions else []
    algorithm = next((name for name in ("sha256", "sha1") if name in offered), None)
    return Abilities(algorithm, "termination" in extensions, _number(told.get("Tus-Max-Size")))


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",")]


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None


def _metadata(about: Mapping[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in about.items())


def _checksum(algorithm: str | None, chunk: bytes) -> dict[str, str]:
    if algorithm is None:
        return {}
    digest = hashlib.new(algorithm, chunk, usedforsecurity=False).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def _digest(text: str | None) -> str | None:
    match = _DIGEST.search(text or "")
    return base64.b64decode(match[1]).hex() if match else None
