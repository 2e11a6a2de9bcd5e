"""The HTTP server: uvicorn on the daemon's own loop, as a service that the supervisor keeps."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import h11
import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from edge import certificate
from edge.settings.web import SELF_SIGNED, HttpSettings, HttpTls
from streams.problem import Problem, ProblemError, Text

_HEAD = 16 * 1024  # bytes of a request's head: a token of 4 kB, and a browser's own fields
_REQUEST = 20.0  # s for a request to arrive whole; its body has 10 s of them by itself (relay.http.body)
# Connections, idle ones too: each costs a descriptor, of which a process has 1,024 outside systemd.
_HELD = 511
# At once. uvicorn counts idle connections as well, and would refuse everybody for their sake.
_REQUESTS = _HELD + 1
_IDLE = 15  # s a connection is kept for the next request: trickled candidates come in less
_GOODBYE = 2  # s for answers under way when we stop
_BACKLOG = 128
_LOOK = 86_400.0  # s between two looks at the box's own certificate, which is renewed weeks before it ends

log = structlog.get_logger()


class WebRefused(ProblemError):
    """The server cannot start. It may later: the address may come up, the other program go."""


class WebService:
    """Listens until it is cancelled. Raises WebRefused where it cannot. bound: told when it could. folder: for the box's own
    certificate, where it makes one."""

    def __init__(
        self,
        http: HttpSettings,
        app: ASGIApp,
        bound: Callable[[], None] = lambda: None,
        folder: Path = Path(),
    ) -> None:
        self._http, self._app, self._bound, self._folder = http, app, bound, folder

    async def run(self) -> None:
        if self._http.tls != SELF_SIGNED:
            await self._listen(_tls(self._http.tls) if self._http.tls else None)
            return
        own = await self._own()
        context = _tls(own)
        renewing = asyncio.create_task(self._renew(context))
        try:
            await self._listen(context)
        finally:
            renewing.cancel()

    async def _own(self) -> HttpTls:
        try:
            made = await asyncio.to_thread(certificate.kept, self._folder)
        except OSError as error:
            raise WebRefused(_no_certificate(self._folder, error)) from None
        log.warning("web.certificate", sha256=made.fingerprint, until=f"{made.ends:%Y-%m-%d}")
        return HttpTls(cert_file=made.cert_file, key_file=made.key_file)

    async def _renew(self, context: ssl.SSLContext) -> None:
        """Whoever connects from then on is shown the new one."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                made = await asyncio.to_thread(certificate.kept, self._folder)
                context.load_cert_chain(made.cert_file, made.key_file)
            except OSError as error:
                log.error("web.not_renewed", why=error.strerror)

    async def _listen(self, context: ssl.SSLContext | None) -> None:
        with _bound(self._http) as sock:
            server = _Server(_config(self._app, context))
            serving = asyncio.ensure_future(server.serve(sockets=[sock]))
            log.info("web.listening", url=self._http.url)
            self._bound()
            try:
                await asyncio.shield(serving)
            finally:
                server.should_exit = True
                if not (await asyncio.wait([serving], timeout=_GOODBYE))[0]:
                    await server.hang_up()
                await asyncio.wait([serving])
                log.info("web.stopped", url=self._http.url)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's."""
        yield

    async def hang_up(self) -> None:
        """On whatever is still answered. uvicorn's own way out logs each as an error, with its traceback."""
        for each in self.server_state.connections.copy():
            if isinstance(each, _Bounded):
                each.transport.abort()
        await asyncio.sleep(0)  # they hear of it: what is cut off before its end is nobody's fault then
        for task in self.server_state.tasks.copy():
            task.cancel()


def _quietly(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # nobody cancels it but we, when we stop
            await app(scope, receive, send)

    return answer


class _Bounded(H11Protocol):
    """uvicorn's HTTP/1.1, but a request has to arrive whole in time: uvicorn itself waits for ever for the rest of a
    head, and for a body nobody reads any more. When there are too many connections, whoever has asked for nothing for the
    longest time goes: thousands that say nothing must not keep out somebody who does."""

    _deadline: asyncio.TimerHandle | None = None
    _heard = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._heard = self.loop.time()
        if len(self.connections) > _HELD:
            self._make_room()
        self._arm()

    def _make_room(self) -> None:
        waiting = [each for each in self.connections if isinstance(each, _Bounded) and each.waits]
        eldest = min(waiting, key=lambda each: each._heard, default=self)
        self.connections.discard(eldest)
        eldest.transport.abort()

    def shutdown(self) -> None:
        """Streams end at once when the server stops: by themselves they never would."""
        if not self.waits and (b"accept", b"text/event-stream") in self.scope["headers"]:
            self.transport.close()
        else:
            super().shutdown()

    @property
    def waits(self) -> bool:
        """Nothing of it is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not (self.waits and self.conn.their_state is h11.IDLE):  # half a head makes nobody younger
            self._heard = self.loop.time()
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._arm()
        else:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(_REQUEST, self.transport.abort)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _config(app: ASGIApp, context: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        _quietly(app),
        http=_Bounded,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_REQUESTS,
        timeout_keep_alive=_IDLE,
        h11_max_incomplete_event_size=_HEAD,
        backlog=_BACKLOG,
        ssl_context_factory=(lambda _config, _default: context) if context else None,
    )


@contextlib.contextmanager
def _bound(http: HttpSettings) -> Iterator[socket.socket]:
    """uvicorn ends the whole process where it cannot bind: so we do."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    with contextlib.closing(sock):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        try:
            sock.bind((http.host, http.port))
            sock.listen(_BACKLOG)  # whoever is told that we listen may connect, if uvicorn is not there yet
        except OSError as error:
            raise WebRefused(_cannot_listen(http.listen, error)) from None
        yield sock


def _tls(files: HttpTls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(files.cert_file, files.key_file)
    except OSError as error:  # ssl.SSLError is one
        raise WebRefused(_bad_certificate(files, error)) from None
    return context


def _cannot_listen(listen: str, error: OSError) -> Problem:
    why = error.strerror or "refused"
    return Problem(
        "web.listen",
        Text(f"cannot listen on {listen}: {why}", f"无法监听 {listen}：{why}"),
        Text(
            "check http.listen; another program may have the port, and ports below 1024 need a right of their own",
            "请检查 http.listen；端口可能被其他程序占用，1024 以下端口需要额外权限",
        ),
    )


def _no_certificate(folder: Path, error: OSError) -> Problem:
    why = error.strerror or "refused"
    return Problem(
        "web.own_certificate",
        Text(f"no certificate can be kept in {folder}: {why}", f"无法在 {folder} 中保存证书：{why}"),
        Text("check storage.path: its disk and its rights", "请检查 storage.path 的磁盘与权限"),
    )


def _bad_certificate(files: HttpTls, error: OSError) -> Problem:
    why = error.strerror or type(error).__name__
    return Problem(
        "web.certificate",
        Text(
            f"the certificate {files.cert_file} with the key {files.key_file} cannot be used: {why}",
            f"无法使用证书 {files.cert_file} 与私钥 {files.key_file}：{why}",
        ),
        Text(
            "check both files under http.tls: PEM, readable by the daemon's user, and of one another",
            "请检查 http.tls 下的两个文件：PEM 格式、守护进程用户可读、且互相匹配",
        ),
    )
