"""A tus 1.0.0 server for tests, written from the specification (tus.io/protocols/resumable-upload), with every fault that
servers and the ways to them have. `make test-tus` runs the same client against the protocol's reference server."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

VERSION = "1.0.0"


@dataclass
class File:
    """What the server holds of one upload."""

    length: int
    metadata: dict[str, str]
    content: bytearray = field(default_factory=bytearray)


@dataclass
class TusFiles:
    """checksum, digest: whether the server has the extension, and tells Repr-Digest (RFC 9530)."""

    checksum: bool = True
    digest: bool = True
    largest: int | None = None
    token: str | None = None
    port: int = 0
    files: dict[str, File] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    received: int = 0
    """Bytes of bodies, those of pieces that were thrown away too."""
    cut: list[int] = field(default_factory=list)
    """Bytes of a body after which the next PATCHes lose their connection, one each."""
    answers: dict[int, int] = field(default_factory=dict)
    """Status of the answer to the n-th request, counting from 0, in the place of the real one."""
    spoil: bool = False
    """Whether a byte goes bad on this server's disk."""
    location: str | None = None
    """Where it says that uploads are."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/files/"

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("OPTIONS", "/files/", self._options)
        app.router.add_post("/files/", self._create)
        app.router.add_route("HEAD", "/files/{name}", self._head)
        app.router.add_patch("/files/{name}", self._patch)
        app.router.add_delete("/files/{name}", self._delete)
        app.middlewares.append(self._common)
        return app

    @web.middleware
    async def _common(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        status = self.answers.get(len(self.requests))
        self.requests.append(request.method)
        if status is not None:
            elsewhere = {"Location": "http://192.0.2.1/files/x", "Tus-Resumable": VERSION}
            return web.Response(status=status, headers=elsewhere)
        if self.token is not None and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            return web.Response(status=412, headers={"Tus-Version": VERSION})
        answer = await handler(request)
        answer.headers["Tus-Resumable"] = VERSION
        return answer

    async def _options(self, _request: web.Request) -> web.Response:
        extensions = ["creation", "termination", *(["checksum"] if self.checksum else [])]
        headers = {"Tus-Version": VERSION, "Tus-Extension": ",".join(extensions)}
        if self.checksum:
            headers["Tus-Checksum-Algorithm"] = "sha1,sha256"
        if self.largest is not None:
            headers["Tus-Max-Size"] = str(self.largest)
        return web.Response(status=204, headers=headers)

    async def _create(self, request: web.Request) -> web.Response:
        pairs = [pair.split() for pair in request.headers.get("Upload-Metadata", "").split(",") if pair]
        about = {key: base64.b64decode(value).decode() for key, value in pairs}
        name = f"u{len(self.files)}"
        self.files[name] = File(int(request.headers["Upload-Length"]), about)
        return web.Response(status=201, headers={"Location": self.location or f"/files/{name}"})

    async def _head(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        headers = {"Upload-Offset": str(len(file.content)), "Upload-Length": str(file.length)}
        if self.digest and len(file.content) == file.length:
            digest = base64.b64encode(hashlib.sha256(file.content).digest()).decode()
            headers["Repr-Digest"] = f"sha-256=:{digest}:"
        return web.Response(headers={**headers, "Cache-Control": "no-store"})

    async def _patch(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        if request.content_type != "application/offset+octet-stream":
            return web.Response(status=415)
        if int(request.headers["Upload-Offset"]) != len(file.content):
            return web.Response(status=409)
        body = await self._body(request, file)
        if not self._sound(request, body):
            return web.Response(status=460)
        if self.checksum:
            file.content += body
        if self.spoil and file.content:
            file.content[0] ^= 1
        return web.Response(status=204, headers={"Upload-Offset": str(len(file.content))})

    async def _body(self, request: web.Request, file: File) -> bytes:
        """Without a checksum each byte counts as soon as it is there (protocol: Core, PATCH)."""
        limit = self.cut.pop(0) if self.cut else None
        body = bytearray()
        async for block in request.content.iter_chunked(1 << 12):
            taken = block if limit is None else block[: limit - len(body)]
            body += taken
            self.received += len(taken)
            if not self.checksum:
                file.content += taken
            if limit is not None and len(body) >= limit and request.transport is not None:
                request.transport.abort()
                break
        return bytes(body)

    def _sound(self, request: web.Request, body: bytes) -> bool:
        algorithm, _, digest = request.headers.get("Upload-Checksum", "").partition(" ")
        if not self.checksum or not algorithm:
            return True
        return hashlib.new(algorithm, body).digest() == base64.b64decode(digest)

    async def _delete(self, request: web.Request) -> web.Response:
        return web.Response(status=204 if self.files.pop(request.match_info["name"], None) else 404)


@asynccontextmanager
async def serving(files: TusFiles) -> AsyncIterator[TusFiles]:
    """On loopback; on the same port again, if it had one."""
    runner = web.AppRunner(files.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", files.port)
    await site.start()
    files.port = runner.addresses[0][1]
    try:
        yield files
    finally:
        await runner.cleanup()
