"""Who asks: the token of a request, and what it allows."""

import base64
import binascii

from starlette.requests import Request

from relay.http.refusals import forbidden, unauthorized
from relay.token_problems import missing, not_for_this, not_in_url
from relay.tokens import Grant, Tokens
from relay.wish import Wish


def allowed(request: Request, tokens: Tokens, wish: Wish, now: float) -> Grant:
    """For a new session. Raises HttpRefused (401, 403) and TokenRefused."""
    grant = grant_of(request, tokens, now)
    if not grant.allows(wish):
        raise forbidden(not_for_this())
    return grant


def grant_of(request: Request, tokens: Tokens, now: float | None) -> Grant:
    """now: s since 1970; None: of a session that is open, whose holder the token's end does not stop."""
    token, in_url = _token(request)
    if token is None:
        raise unauthorized(missing(), offered=False)
    grant = tokens.holder(token) if now is None else tokens.check(token, now)
    if in_url and not grant.scope.in_url:
        raise unauthorized(not_in_url(), offered=True)
    return grant


def url_token(request: Request) -> str | None:
    return request.query_params.get("token")


def _token(request: Request) -> tuple[str | None, bool]:
    """The token, and whether it stood in the address: as ?token=, or as the password before the host, which clients
    send as HTTP Basic."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip() or None, False
        case "basic":
            return _password(value.strip()), True
    return url_token(request), True


def _password(value: str) -> str | None:
    """Of HTTP Basic (RFC 7617)."""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2] or None
    except (binascii.Error, UnicodeDecodeError):
        return None
