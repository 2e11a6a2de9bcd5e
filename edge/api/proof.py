"""Evidence handed over: the same bundle as `sandwatch evidence export` makes."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from edge.accounts import problems
from edge.accounts.roles import Act
from edge.api.events import messages_of
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.parts import Parts
from edge.api.reference import sends
from edge.evidence.choosing import Wanted
from edge.evidence.export import Maker
from edge.evidence.opening import FILE
from edge.evidence.problems import key_unreadable
from edge.evidence.reading import ChainReader
from edge.evidence.service import ring
from edge.orders.words import Moment

router = APIRouter(route_class=Guarded, tags=["evidence"])

_BLOCK = 1 << 18


class Export(BaseModel):
    """cases: ids of events; or since, until. talk: also what was said while the cases were open."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    cases: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[\w.-]{1,100}$")], ...], Field(max_length=200)
    ] = ()
    since: Moment | None = None
    until: Moment | None = None
    talk: bool = False


@router.post(
    "/evidence/export",
    openapi_extra=needs(Act.EXPORT),
    summary="A bundle that proves itself, as a zip.",
    response_class=Response,
    responses={200: sends("application/zip")},
)
async def export(asked: Export, asker: Asks, box: Box) -> Response:
    """One at a time. By time, and what was said, only for those who see all cameras."""
    if not asker.everywhere and (not asked.cases or asked.talk):
        raise problems.not_yours()
    if not asker.everywhere:
        for case in asked.cases:
            await messages_of(box, asker, case)
    if box.exporting.locked():
        raise problems.busy()
    async with box.exporting:
        file, size = await asyncio.to_thread(_made, box, asked)
    headers = {"Content-Length": str(size), "Content-Disposition": 'attachment; filename="evidence.zip"'}
    return StreamingResponse(_read(file), media_type="application/zip", headers=headers)


def _made(box: Parts, asked: Export) -> tuple[BinaryIO, int]:
    """The bundle, which nobody else can open and which is gone when it is closed. Raises EvidenceRefused, KeyTrouble,
    StoreError."""
    now = time.time()
    key = ring(box.storage, box.evidence).current()
    if key is None:
        raise key_unreadable(str(box.storage / "device.key"), "it is not there")
    ca = box.evidence.tsa.ca_file if box.evidence.tsa else None
    since, until = asked.since or 0.0, now if asked.until is None else asked.until
    wanted = Wanted(asked.cases, talk=asked.talk) if asked.cases else Wanted((), since, until, asked.talk)
    with (
        tempfile.TemporaryDirectory(prefix=".export-", dir=box.storage) as folder,
        ChainReader(box.storage / FILE) as reader,
    ):
        target = Path(folder) / "evidence.zip"
        Maker(box.storage, key, ca, f"sandwatch {version('sandwatch')}", now).export(reader, wanted, target)
        file = target.open("rb")
        return file, os.fstat(file.fileno()).st_size


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block
