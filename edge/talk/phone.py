"""Calls over HTTP: what cmd/talk offers by letters, for pages and programs that reach the box."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from edge.talk.letters import Name
from edge.talk.problems import bad_letter
from edge.talk.switchboard import Switchboard
from relay.http.body import JSON, text
from relay.http.callers import grant_of
from relay.signalling import Kind, Turned
from relay.tokens import Tokens

_LONGEST = 8 * 1024  # bytes: 64 names and a subject
_Body = TypeVar("_Body", bound=BaseModel)


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Call(_Asked):
    """As edge.talk.letters.Call."""

    caller: Name
    callee: Name | None = None
    members: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    subject: Annotated[str, Field(max_length=200)] = ""


class _Decline(_Asked):
    member: Name


@dataclass(frozen=True, slots=True)
class Phone:
    """clock: s since 1970."""

    switchboard: Switchboard
    tokens: Tokens
    clock: Callable[[], float] = field(default=time.time)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/v1/calls", self._call, methods=["POST"]),
            Route("/api/v1/calls/{call}/decline", self._decline, methods=["POST"]),
        ]

    async def _call(self, request: Request) -> Response:
        grant = grant_of(request, self.tokens, self.clock())
        asked = await _read(request, _Call)
        ticket = self.switchboard.call(grant, asked.caller, asked.callee, asked.members, asked.subject)
        return JSONResponse(asdict(ticket), 201)

    async def _decline(self, request: Request) -> Response:
        grant = grant_of(request, self.tokens, self.clock())
        asked = await _read(request, _Decline)
        self.switchboard.decline(grant, request.path_params["call"], asked.member)
        return Response(status_code=204)


async def _read(request: Request, kind: type[_Body]) -> _Body:
    """Raises HttpRefused, Turned (MALFORMED)."""
    body = await text(request, JSON, _LONGEST)
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        place = error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
        raise Turned(Kind.MALFORMED, bad_letter(str(place[0]) if place else "")) from None
