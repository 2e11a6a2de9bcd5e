"""What is raised inside the API, as HTTP says it (RFC 9457, in both languages). The one place where it is mapped."""

import json
import math

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from edge.accounts.problems import AccountRefused
from edge.cases.problems import CaseRefused
from edge.evidence.problems import EvidenceRefused
from edge.orders.problems import OrderRefused
from edge.store import StoreError
from relay.http.refusals import HttpRefused, on_problem
from streams.problem import Problem, ProblemError, Text


async def refused(request: Request, error: Exception) -> Response:
    """For Starlette: whatever of ours is raised."""
    assert isinstance(error, ProblemError)
    response = await on_problem(request, _mapped(error))
    if isinstance(error, OrderRefused) and error.findings:
        found = [each.model_dump(mode="json") for each in error.findings]
        response = JSONResponse(
            {**json.loads(bytes(response.body)), "findings": found},
            response.status_code,
            media_type=response.media_type,
        )
    return response


async def malformed(request: Request, error: Exception) -> Response:
    """For FastAPI: what was sent is not repeated, there may be a password in it."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    place = ".".join(_shown(part) for part in found[0]["loc"]) if found else ""
    return await on_problem(request, HttpRefused(422, invalid(place)))


def nothing(what: Text) -> HttpRefused:
    """Not there, or not for whoever asks: it is not told which."""
    do = Text("check the address", "请检查地址")
    return HttpRefused(404, Problem("http.not_found", what, do))


def invalid(place: str) -> Problem:
    return Problem(
        "http.invalid",
        Text(f"the request is not right at: {place}", f"请求有误，位置：{place}"),
        Text("see /api/docs", "请查看 /api/docs"),
    )


def _mapped(error: ProblemError) -> HttpRefused:
    match error:
        case HttpRefused():
            return error
        case AccountRefused():
            return HttpRefused(error.status, error.problem, _headers(error))
        case CaseRefused() | EvidenceRefused():
            status = 404 if error.problem.code.endswith((".unknown", ".unknown_case", ".nothing")) else 409
            return HttpRefused(status, error.problem)
        case StoreError():
            return HttpRefused(503, error.problem, {"Retry-After": "5"})
    return HttpRefused(409, error.problem)


def _headers(error: AccountRefused) -> dict[str, str]:
    headers = {} if error.wait is None else {"Retry-After": str(math.ceil(error.wait))}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="sandwatch"'
    return headers


def _shown(part: object) -> str:
    """A name of ours, or a number; a key that somebody made up is not repeated."""
    text = str(part)
    return text if text.isascii() and text.replace("_", "").isalnum() and len(text) <= 40 else "?"
