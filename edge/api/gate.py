"""The gate before every endpoint: who asks, whether they may, whether our own page sent it, and how much they send.

A route of class Guarded names its right in `openapi_extra=needs(...)`; one without cannot be made.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from edge.accounts import problems
from edge.accounts.desk import Accounts
from edge.accounts.roles import Act, Asker
from edge.accounts.secrecy import csrf, same
from edge.api.answers import invalid
from edge.api.parts import Parts
from relay.http.body import JSON, text
from relay.http.refusals import HttpRefused

# __Host-: no other host, path or plain HTTP can set it (RFC 6265bis, 4.1.3.2).
COOKIE = "__Host-sandwatch"
# A header that only a page of our origin can send, with a value derived from the session. Not a second cookie to
# compare with: cookies know no ports, and another program on this host could set both.
CSRF = "X-Sandwatch-CSRF"
OPEN = "open"

_SAFE = frozenset({"GET", "HEAD"})
_LARGEST = 1 << 20  # bytes: a site file of a hundred cameras is a third of it
_STRANGER = 4 << 10  # bytes, of somebody who is not known yet: a name, a password, a code

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def needs(act: Act | None) -> dict[str, Any]:
    """What a route says of itself. None: open to everybody."""
    return {"x-right": act.value if act is not None else OPEN}


class Guarded(APIRoute):
    whole = True
    """A body is JSON, and read before the endpoint runs."""

    @property
    def act(self) -> Act | None:
        """Raises KeyError where a route does not say."""
        right = (self.openapi_extra or {})["x-right"]
        return None if right == OPEN else Act(right)

    def get_route_handler(self) -> Handler:
        act, handle = self.act, super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if act is not None:
                request.state.asker = await admitted(request, parts_of(request).accounts, act)
            if self.whole:
                request = await _read(request, _STRANGER if act is None else _LARGEST)
            return await handle(request)

        return guarded


class Streamed(Guarded):
    """The endpoint reads the body itself, of whatever kind, and bounds it."""

    whole = False


async def admitted(request: Request, accounts: Accounts, act: Act) -> Asker:
    """Raises AccountRefused: 401, 403."""
    asker = await asking(request, accounts)
    if asker is None:
        raise problems.nobody()
    if not asker.may(act):
        raise problems.not_yours()
    return asker


async def asking(request: Request, accounts: Accounts, *, used: bool = True) -> Asker | None:
    """By a token, or by the cookie of a session; of the latter, what changes something has to come from our page. used:
    by a person. Raises AccountRefused."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return await accounts.bearer(token.strip()) if scheme.lower() == "bearer" else None
    session = session_of(request)
    user = await accounts.holder(session, used=used) if session else None
    if user is None:
        return None
    if request.method not in _SAFE and not same(request.headers.get(CSRF, ""), csrf(session)):
        raise problems.forged()
    return user.asker


def session_of(request: Request) -> str:
    """ "" where there is none."""
    return request.cookies.get(COOKIE, "")


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def asker_of(request: Request) -> Asker:
    asker: Asker = request.state.asker
    return asker


Asks = Annotated[Asker, Depends(asker_of)]
Box = Annotated[Parts, Depends(parts_of)]


async def _read(request: Request, largest: int) -> Request:
    """The same with its body read, within limits of size, time and depth. Raises HttpRefused."""
    if request.method in _SAFE or not _has_body(request):
        return request
    body = await text(request, JSON, largest)
    try:
        # Refuses what is nested too deep: the standard library's, which FastAPI uses, would fail.
        from_json(body, allow_inf_nan=False)
    except ValueError:
        raise HttpRefused(400, invalid("body")) from None

    async def receive() -> Message:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    return Request(request.scope, receive)


def _has_body(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers
