"""Events: listed, shown, and the files that prove them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BeforeValidator, JsonValue
from starlette.responses import FileResponse, Response

from edge.accounts.roles import Act, Asker
from edge.api import index
from edge.api.answers import nothing
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.index import Filter, Message
from edge.api.parts import Parts
from edge.api.reference import sends
from edge.evidence.places import located
from edge.orders.words import Moment
from inference.findings import Severity
from streams.problem import Text

router = APIRouter(route_class=Guarded, tags=["events"])

# Whatever else lies there is handed out as what no browser shows.
_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4", ".json": "application/json"}
_OTHER = "application/octet-stream"

_NEVER_AGAIN = 2.0**40  # s since 1970


def _moment(said: object) -> object:
    """In an address everything is text."""
    try:
        return float(said) if isinstance(said, str) else said
    except ValueError:
        return said


# A number of s since 1970, or RFC 3339.
When = Annotated[Moment, BeforeValidator(_moment), Query()]
Ident = Annotated[str, InPath(max_length=100, pattern=r"^[\w.-]+$")]


@router.get(
    "/events", openapi_extra=needs(Act.SEE), summary="The newest first; `before` is for the next page."
)
async def events(
    asker: Asks,
    box: Box,
    camera: Annotated[str | None, Query(max_length=64)] = None,
    kind: Annotated[
        str | None, Query(alias="type", max_length=64, description="Of which it begins with.")
    ] = None,
    phase: Annotated[str | None, Query(pattern="^(new|update|end)$")] = None,
    severity: Severity | None = None,
    since: When = 0.0,
    until: When = _NEVER_AGAIN,
    before: Annotated[int, Query(ge=0, le=1 << 62)] = 1 << 62,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, JsonValue]:
    wanted = Filter(camera, kind, phase, severity, since, until, before)
    only = None if asker.everywhere else asker.cameras
    found = await asyncio.to_thread(index.listing, box.events, wanted, only, most)
    following = found[-1].seq if len(found) == most else None
    return {"events": [_shown(each) for each in found], "before": following}


@router.get(
    "/events/{event_id}", openapi_extra=needs(Act.SEE), summary="All messages of one event, and its files."
)
async def event(event_id: Ident, asker: Asks, box: Box) -> dict[str, JsonValue]:
    messages = await messages_of(box, asker, event_id)
    files: list[JsonValue] = [
        {"n": n, **{key: value for key, value in proof.items() if key != "uri"}}
        for n, proof in enumerate(_proofs(messages))
    ]
    return {"event_id": event_id, "messages": [_shown(each) for each in messages], "files": files}


@router.get(
    "/events/{event_id}/files/{n}",
    openapi_extra=needs(Act.SEE),
    summary="One file; ranges are served.",
    response_class=Response,
    responses={200: sends("*/*")},
)
async def file(event_id: Ident, n: Annotated[int, InPath(ge=0, le=9999)], asker: Asks, box: Box) -> Response:
    """Named by its number: no path ever comes from whoever asks."""
    proofs = _proofs(await messages_of(box, asker, event_id))
    path = located(box.storage, str(proofs[n].get("uri"))) if n < len(proofs) else None
    if path is None or not await asyncio.to_thread(path.is_file):
        raise nothing(Text("this event has no such file any more", "该事件没有此文件或已清理"))
    kind = _TYPES.get(path.suffix, _OTHER)
    how = "attachment" if kind == _OTHER else "inline"
    return FileResponse(path, media_type=kind, filename=path.name, content_disposition_type=how)


async def messages_of(box: Parts, asker: Asker, event_id: str) -> list[Message]:
    """Those the asker may see. Raises HttpRefused where there are none: it is not told whose they are."""
    found = await asyncio.to_thread(index.of_event, box.events, event_id)
    seen = [each for each in found if asker.sees(each.camera)]
    if not seen:
        raise nothing(Text("there is no such event", "没有该事件"))
    return seen


def _shown(message: Message) -> dict[str, JsonValue]:
    return {"seq": message.seq, "camera": message.camera, **message.body}


def _proofs(messages: list[Message]) -> list[dict[str, JsonValue]]:
    """Each file once, in the order in which they were told."""
    found: dict[str, dict[str, JsonValue]] = {}
    for message in messages:
        data = message.body.get("data")
        proofs = data.get("proof") if isinstance(data, dict) else None
        for proof in proofs if isinstance(proofs, list) else ():
            if isinstance(proof, dict):
                found.setdefault(str(proof.get("uri")), proof)
    return list(found.values())
