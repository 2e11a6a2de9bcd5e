"""The site file for people: its text, what is wrong with it, its history, and the way back."""

import asyncio
import difflib
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import JSONResponse, Response

from edge.accounts.roles import Act
from edge.api.camera_item import Sha256
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.saving import reading, save, settled, sha256
from edge.orders.problems import OrderRefused
from edge.orders.sitefile import Applied, SiteFile
from edge.orders.words import FindingData
from edge.settings.finding import Finding
from edge.settings.masks import masked, unmasked
from edge.wire import rfc3339
from streams.problem import Problem, Text

router = APIRouter(route_class=Guarded, tags=["settings"])

_LONGEST = 512 * 1024  # characters of a site file: 1,000 cameras
_AROUND = 3  # lines before and after a change

Ident = Annotated[str, InPath(max_length=64)]


class Written(BaseModel):
    """text: of the whole file, *** where a password stands that is hidden. based_on: sha256 of the file it was made
    from."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    text: Annotated[str, Field(max_length=_LONGEST)]
    based_on: Sha256 | None = None


@router.get("/site", openapi_extra=needs(Act.CONFIG), summary="The site file's text, passwords hidden.")
async def site(asker: Asks, box: Box) -> dict[str, JsonValue]:
    text = await asyncio.to_thread(reading(box, asker).text)
    return {"text": await asyncio.to_thread(masked, text), "sha256": sha256(text)}


@router.post("/site/check", openapi_extra=needs(Act.CONFIG), summary="What `sandwatch check` says of a text.")
async def check(asked: Written, asker: Asks, box: Box) -> dict[str, JsonValue]:
    found = await asyncio.to_thread(_findings, reading(box, asker), asked.text)
    return {"findings": [each.model_dump(mode="json") for each in found]}


@router.post("/site", openapi_extra=needs(Act.SETUP), summary="Put a text in its place, and carry it out.")
async def write(asked: Written, asker: Asks, box: Box) -> Response:
    """409 with every finding where it is not right, or the file is another one by now."""
    return _applied(await save(box, asker, lambda _, old: _restored(asked.text, old), asked.based_on))


@router.get("/site/history", openapi_extra=needs(Act.CONFIG), summary="Former site files, the newest first.")
async def history(asker: Asks, box: Box) -> list[dict[str, JsonValue]]:
    copies = await asyncio.to_thread(reading(box, asker).history)
    return [
        {"id": each.id, "time": rfc3339(each.time), "who": each.who, "sha256": each.sha256} for each in copies
    ]


@router.get(
    "/site/history/{ident}", openapi_extra=needs(Act.CONFIG), summary="What was changed then, line by line."
)
async def changes(ident: Ident, asker: Asks, box: Box) -> dict[str, JsonValue]:
    """lines: of a unified diff against the copy before it, without a head; all of it, where there is none."""
    lines: list[JsonValue] = [*await asyncio.to_thread(_diff, reading(box, asker), ident)]
    return {"lines": lines}


@router.post("/site/history/{ident}/back", openapi_extra=needs(Act.SETUP), summary="As it was then.")
async def back(ident: Ident, asker: Asks, box: Box) -> Response:
    file = reading(box, asker)
    return _applied(await settled(box, asker, lambda: file.back(ident, f"console:{asker.name}")))


def _applied(applied: Applied) -> Response:
    return JSONResponse({"id": applied.id, "sha256": applied.sha256, "warnings": applied.warnings})


def _restored(text: str, old: str) -> str:
    """Raises OrderRefused, EditRefused."""
    new, lost = unmasked(text, old)
    if lost:
        raise OrderRefused(_HIDDEN, map(_told, lost))
    return new


def _findings(file: SiteFile, text: str) -> tuple[FindingData, ...]:
    try:
        return tuple(map(_told, file.checked(_restored(text, file.text())).warnings))
    except OrderRefused as refused:
        problem = refused.problem
        whole = FindingData(path="", line=1, level="error", en=problem.what.en, zh=problem.what.zh)
        return refused.findings or (whole,)


def _diff(file: SiteFile, ident: str) -> list[str]:
    """Raises OrderRefused, OrderFailed, EditRefused."""
    new = masked(file.copy(ident))
    idents = [each.id for each in file.history()]
    older = idents[idents.index(ident) + 1 :] if ident in idents else []
    old = masked(file.copy(older[0])) if older else ""
    return list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=_AROUND, lineterm=""))[2:]


def _told(finding: Finding) -> FindingData:
    message = finding.message
    return FindingData(
        path=finding.path, line=finding.mark.line, level=finding.level.value, en=message.en, zh=message.zh
    )


_HIDDEN = Problem(
    "config.hidden",
    Text("a password that is hidden was moved; nothing was changed", "隐藏的密码被移动；未作任何更改"),
    Text("write it anew where it belongs", "请在相应位置重新填写"),
)
