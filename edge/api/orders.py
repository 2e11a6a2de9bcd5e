"""Orders to the box, as over MQTT (docs/commands.md), and the site file without its secrets."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from edge.accounts import problems
from edge.accounts.roles import Act, Asker
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.parts import Parts
from edge.api.reference import PROBLEM, sends
from edge.api.watching import EVENT_STREAM, sent
from edge.orders.box import Who
from edge.orders.office import Way
from edge.orders.words import Answer, Refused

router = APIRouter(route_class=Guarded, tags=["orders"])

_TURNED_DOWN: dict[str, Any] = {
    "description": "The order was refused; or who asks was.",
    "content": {"application/json": {}, **PROBLEM},
}
_REFUSED: dict[int | str, dict[str, Any]] = dict.fromkeys((403, 409), _TURNED_DOWN)
_PATIENCE = 960.0  # s: a clip of ten minutes that is yet to come


@router.post(
    "/orders/{name}",
    openapi_extra=needs(Act.ORDER),
    summary="One command; its last answer, or all of them.",
    responses={200: sends("application/json", EVENT_STREAM), **_REFUSED},
)
async def order(
    name: Annotated[str, InPath(max_length=64)],
    fields: dict[str, JsonValue],
    request: Request,
    asker: Asks,
    box: Box,
) -> Response:
    """fields: of the command; without an `id` it is given one. All answers as they come for `Accept:
    text/event-stream`. 403 and 409 where nothing was done; what was begun and failed is told in `state`."""
    _check_camera(asker, fields)
    answers = _asked(box, asker, name, fields)
    if EVENT_STREAM in request.headers.get("accept", ""):
        return StreamingResponse(_streamed(answers), media_type=EVENT_STREAM)
    return await _last(answers)


@router.get(
    "/config",
    openapi_extra=needs(Act.CONFIG),
    summary="The site file, its secrets masked.",
    responses=_REFUSED,
)
async def config(asker: Asks, box: Box) -> Response:
    if not asker.everywhere:
        raise problems.not_yours()
    return await _last(_asked(box, asker, "config.get", {}))


def _asked(box: Parts, asker: Asker, name: str, fields: dict[str, JsonValue]) -> AsyncIterator[Answer]:
    who = Who(f"console:{asker.name}", asker.orders)
    return box.orders.ask(name, {"id": uuid.uuid4().hex, **fields}, who, Way(time.time() + _PATIENCE))


def _check_camera(asker: Asker, fields: dict[str, JsonValue]) -> None:
    """Who is limited to cameras orders of those only. Raises AccountRefused."""
    camera = fields.get("camera")
    if not asker.everywhere and not (isinstance(camera, str) and asker.sees(camera)):
        raise problems.not_yours()


async def _last(answers: AsyncIterator[Answer]) -> Response:
    last: Answer | None = None
    async for answer in answers:
        last = answer
    if last is None:
        raise problems.busy()
    status = 200
    if isinstance(last, Refused):
        status = 403 if last.code == "order.forbidden" else 409
    return JSONResponse(last.model_dump(mode="json"), status)


async def _streamed(answers: AsyncIterator[Answer]) -> AsyncIterator[str]:
    async for answer in answers:
        yield sent(answer.state, answer.model_dump(mode="json"))
