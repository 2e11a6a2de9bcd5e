"""How the box and its cameras are, now and as it changes."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from edge.accounts import problems
from edge.accounts.roles import Act, Asker
from edge.api import index
from edge.api.gate import Asks, Box, Guarded, asking, needs
from edge.api.hub import Listener
from edge.api.parts import Parts
from edge.api.reference import sends
from edge.wire import rfc3339
from streams.problem import Text

router = APIRouter(route_class=Guarded, tags=["watch"])

_PAUSED = Text("paused: nothing is connected to it", "已暂停：未连接")
EVENT_STREAM = "text/event-stream"
# s: proxies and telephone networks forget connections that are silent for a minute; and so long somebody who may not
# see any more goes on seeing.
_BEAT = 15.0


@router.get("/status", openapi_extra=needs(Act.SEE), summary="The box: link, cameras, what is wrong.")
async def status(asker: Asks, box: Box) -> dict[str, JsonValue]:
    """Of the box itself only to those who see all of it."""
    told = dict(box.report())
    if asker.everywhere:
        return told
    cameras, troubles = told["cameras"], told["troubles"]
    assert isinstance(cameras, dict)
    assert isinstance(troubles, list)
    return {
        "boot_id": told["boot_id"],
        "version": told["version"],
        "cameras": {name: each for name, each in cameras.items() if asker.sees(name)},
        "troubles": [
            each for each in troubles if isinstance(each, dict) and asker.sees(str(each["camera"] or ""))
        ],
    }


@router.get(
    "/cameras", openapi_extra=needs(Act.SEE), summary="Each camera: state in words, rate, last event."
)
async def cameras(asker: Asks, box: Box) -> list[dict[str, JsonValue]]:
    last = await asyncio.to_thread(index.last_times, box.events)
    found: list[dict[str, JsonValue]] = []
    for name, title in box.cameras.items():
        if not asker.sees(name):
            continue
        paused = box.errands is not None and name not in box.errands.cameras
        shown, counts = box.status.shown(name), None if paused else box.status.counts.get(name)
        if paused:
            shown = _PAUSED
        found.append(
            {
                "name": name,
                "title": title,
                "state": {"en": shown.en, "zh": shown.zh},
                "paused": paused,
                "fps": None if paused else box.watch.fps(name),
                "last_event": rfc3339(last[name]) if name in last else None,
                "counts": counts.model_dump(mode="json", exclude_none=True) if counts else None,
            }
        )
    return found


@router.get(
    "/changes",
    openapi_extra=needs(Act.SEE),
    summary="Events, cases and states of cameras as they come.",
    response_class=Response,
    responses={200: sends(EVENT_STREAM)},
)
async def changes(request: Request, asker: Asks, box: Box) -> Response:
    """Server-sent events (WHATWG HTML, 9.2). It ends where the session does, or where a reader does not keep up: read
    the lists anew then."""
    if box.hub.full:
        raise problems.busy()
    return StreamingResponse(_told(request, asker, box), media_type=EVENT_STREAM)


async def _told(request: Request, asker: Asker, box: Parts) -> AsyncIterator[str]:
    with box.hub.listening(asker) as listener:
        yield "retry: 3000\n\n"
        while not listener.lost:
            said = await _next(listener)
            if said is None and await asking(request, box.accounts, used=False) != asker:
                return
            yield said or ":\n\n"


async def _next(listener: Listener) -> str | None:
    """None: nothing for a while."""
    try:
        async with asyncio.timeout(_BEAT):
            change = await listener.queue.get()
    except TimeoutError:
        return None
    return sent(change.kind, change.data)


def sent(kind: str, data: object) -> str:
    """One server-sent event; JSON has no line breaks."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
