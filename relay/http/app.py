"""The box's HTTP: signalling, the console's pages, and whether it is well."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relay.http.refusals import on_failure, on_http, on_problem
from streams.problem import ProblemError

_CORS_AGE = (
    600  # s a browser need not ask again: settings change seldom, and a restart tells at once what is wrong
)

# No page of ours loads anything from elsewhere, stands in a frame or runs what is written into it; the microphone is
# for this origin only. blob: is where a browser keeps the sound worklet it was given.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Permissions-Policy": "microphone=(self), camera=(self), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# 30 days: the box may be given another address, and its name to something else.
_ONLY_HTTPS = {"Strict-Transport-Security": f"max-age={30 * 86_400}"}


def application(
    routes: Sequence[BaseRoute],
    origins: Sequence[str] = (),
    alive: Callable[[], bool] = lambda: True,
    *,
    only_https: bool = False,
) -> Starlette:
    """routes: of the signalling and of the pages. origins: other sites' pages that may use it from a browser. alive: whether
    the box does its work. only_https: browsers are to keep to it (RFC 6797); nobody may then pass over a certificate they do
    not trust, so never with one that the box made itself."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "If-Match"],
        expose_headers=["Location", "ETag", "Link", "Accept-Patch", "Retry-After"],
        max_age=_CORS_AGE,
    )
    app = Starlette(
        routes=[Route("/healthz", _health(alive), methods=["GET"]), *routes],
        middleware=[Middleware(_Careful, headers=_HEADERS | (_ONLY_HTTPS if only_https else {})), cors],
        exception_handlers={ProblemError: on_problem, HTTPException: on_http, Exception: on_failure},
    )
    app.router.redirect_slashes = False  # a redirected POST loses its body in many a device
    return app


def _health(alive: Callable[[], bool]) -> Callable[[Request], Awaitable[Response]]:
    """Open to everybody, and tells nothing but whether the box does its work."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}) if alive() else JSONResponse({"status": "failing"}, 503)

    return healthz


@dataclass(frozen=True, slots=True)
class _Careful:
    """What a browser is told of every answer. Answers that say nothing themselves are not kept: they are for one caller."""

    app: ASGIApp
    headers: Mapping[str, str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if not ("etag" in headers and scope["method"] == "GET"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, careful)
