"""Why a request is not fulfilled, as HTTP says it: a status, and a problem (RFC 9457) in both languages."""

import math
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from relay.signalling import Kind, verdict
from relay.tokens import TokenRefused
from streams.problem import Problem, ProblemError, Text

_STATUS = {
    Kind.MALFORMED: 400,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.UNACCEPTABLE: 406,
    Kind.TAKEN: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.NO_RESTART: 422,
    Kind.BUSY: 503,
}
_REALM = 'realm="sandwatch"'


class HttpRefused(ProblemError):
    """What only HTTP knows: headers, media types, methods."""

    def __init__(self, status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = dict(headers or {})
        super().__init__(problem)


def unauthorized(problem: Problem, *, offered: bool) -> HttpRefused:
    """RFC 6750, 3: a request without a token is told of no error. offered: a token was sent."""
    challenge = f'Bearer {_REALM}, error="invalid_token"' if offered else f"Bearer {_REALM}"
    return HttpRefused(401, problem, {"WWW-Authenticate": challenge})


def forbidden(problem: Problem) -> HttpRefused:
    challenge = f'Bearer {_REALM}, error="insufficient_scope"'
    return HttpRefused(403, problem, {"WWW-Authenticate": challenge})


async def on_problem(_request: Request, error: Exception) -> Response:
    """For Starlette: whatever of ours is raised."""
    assert isinstance(error, ProblemError)
    match error:
        case HttpRefused():
            return _reply(error.status, error.problem, error.headers)
        case TokenRefused():
            return await on_problem(_request, unauthorized(error.problem, offered=True))
    kind, wait = verdict(error)
    headers = {} if wait is None else {"Retry-After": str(math.ceil(wait))}
    return _reply(_STATUS[kind], error.problem, headers)


async def on_http(_request: Request, error: Exception) -> Response:
    """For Starlette: what it raises itself, for paths and methods that are not there."""
    assert isinstance(error, HTTPException)
    problem = _METHOD if error.status_code == 405 else _NO_PATH
    return _reply(error.status_code, problem, error.headers or {})


async def on_failure(_request: Request, _error: Exception) -> Response:
    return _reply(500, _FAILED, {})


def _reply(status: int, problem: Problem, headers: Mapping[str, str]) -> Response:
    content = {
        "type": "about:blank",
        "status": status,
        "code": problem.code,
        "title": problem.what.en,
        "detail": problem.do.en,
        "en": {"what": problem.what.en, "do": problem.do.en},
        "zh": {"what": problem.what.zh, "do": problem.do.zh},
    }
    return JSONResponse(content, status, headers, media_type="application/problem+json")


_ADDRESS = Text("check the address", "请检查地址")
_NO_PATH = Problem("http.not_found", Text("there is nothing at this address", "该地址不存在"), _ADDRESS)
_METHOD = Problem("http.method", Text("this method is not for this address", "该地址不支持此方法"), _ADDRESS)
_FAILED = Problem(
    "http.failed",
    Text("something went wrong inside", "内部错误"),
    Text("look into the gateway's log", "请查看网关日志"),
)
