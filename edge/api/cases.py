"""Cases: listed, shown, and what people at the console say of them."""

import asyncio
import time
import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from edge.accounts.roles import Act, Asker
from edge.api.answers import nothing
from edge.api.events import Ident
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.parts import Parts
from edge.cases import reading
from edge.cases.archive import Archived
from edge.cases.case import Case
from edge.cases.problems import CaseRefused
from edge.cases.requests import ask
from edge.cases.words import SAID, Said, wrong
from edge.store import StoreMissing
from relay.http.refusals import HttpRefused
from streams.problem import Text

router = APIRouter(route_class=Guarded, tags=["cases"])

_PATIENCE = 10.0  # s for the case book, which looks once a second
_MOST = 1000

_JSON: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class Verb(StrEnum):
    DISPATCH = "dispatch"
    CLOSE = "close"
    EVALUATE = "evaluate"
    REOPEN = "reopen"


_KINDS = {
    Verb.DISPATCH: "dispatched",
    Verb.CLOSE: "closed",
    Verb.EVALUATE: "evaluated",
    Verb.REOPEN: "reopened",
}
_Line = Annotated[str, Field(max_length=4000)]
_Lines = Annotated[tuple[_Line, ...], Field(max_length=100)]


class Words(BaseModel):
    """As docs/cases.md has them: unit, officers, deadline, remark of a dispatch; finding, proof of a closing; grade,
    remark of an evaluation; remark of a reopening."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    unit: _Line | None = None
    officers: _Lines | None = None
    deadline: datetime | None = None
    finding: _Line | None = None
    proof: _Lines | None = None
    grade: int | None = None
    remark: _Line | None = None


@router.get("/cases", openapi_extra=needs(Act.SEE), summary="The most urgent first.")
async def cases(
    asker: Asks,
    box: Box,
    which: reading.Which = reading.Which.OPEN,
    camera: Annotated[str | None, Query(max_length=64)] = None,
) -> list[dict[str, JsonValue]]:
    now = time.time()
    try:
        found = await asyncio.to_thread(reading.listing, box.storage, which, camera, now)
    except StoreMissing:  # nothing has happened yet
        return []
    return [_shown(case, now) for case in found if asker.sees(case.camera)][:_MOST]


@router.get("/cases/{event_id}", openapi_extra=needs(Act.SEE), summary="One case, and every step of it.")
async def case(event_id: Ident, asker: Asks, box: Box) -> dict[str, JsonValue]:
    found = await _found(box, asker, event_id)
    steps = [_JSON.validate_python(note.step.model_dump(mode="json")) for note in found.notes]
    return {**_shown(found.case, time.time()), "course": [*steps]}


@router.post(
    "/cases/{event_id}/{verb}", openapi_extra=needs(Act.ANSWER), summary="Dispatch, close, evaluate, reopen."
)
async def say(event_id: Ident, verb: Verb, words: Words, asker: Asks, box: Box) -> Response:
    """409 where the case is not at that point; 503 where the case book does not answer."""
    found = await _found(box, asker, event_id)
    word = _word(verb, words, asker)
    async with box.answering:
        path = box.storage / reading.FILE
        answer = await asyncio.to_thread(ask, path, found.case.event_id, word, _PATIENCE)
    return JSONResponse(answer.model_dump(mode="json"), 200 if answer.done else 409)


async def _found(box: Parts, asker: Asker, event_id: str) -> Archived:
    """Raises HttpRefused."""
    gone = nothing(Text("there is no such case", "没有该案件"))
    try:
        found = await asyncio.to_thread(reading.find, box.storage, event_id)
    except (CaseRefused, StoreMissing):
        raise gone from None
    if found.case.event_id != event_id or not asker.sees(found.case.camera):
        raise gone
    return found


def _word(verb: Verb, words: Words, asker: Asker) -> Said:
    """Raises HttpRefused."""
    told = words.model_dump(exclude_none=True)
    by = {"id": uuid.uuid4().hex, "by": asker.name, "time": datetime.now(UTC)}
    try:
        return SAID.validate_python({**told, "kind": _KINDS[verb], **by})
    except ValidationError as error:
        raise HttpRefused(422, wrong(error)) from None


def _shown(case: Case, now: float) -> dict[str, JsonValue]:
    return {
        **_JSON.validate_python(case.model_dump(mode="json")),
        "under_way": case.under_way,
        "is_overdue": case.overdue(now),
    }
