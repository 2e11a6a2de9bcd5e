"""Parcels: a file that was sent, checked whole, and put into the site."""

import asyncio
import secrets
import shutil
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from edge.accounts import problems
from edge.accounts.roles import Act
from edge.api.answers import nothing
from edge.api.gate import Asks, Box, Streamed, needs
from edge.api.parts import Parts
from edge.api.reference import PROBLEM, sends
from edge.api.saving import save
from edge.api.siting import sited
from edge.ground.asking import asked
from edge.ground.words import Take
from edge.settings.edit import Value, edit, remove
from edge.settings.loader import Loaded
from inference.findings import Severity
from inference.geodesy.layer import LayerSpec, Word
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text

router = APIRouter(route_class=Streamed, tags=["ground"])

_FOUND: dict[str, Any] = {"application/json": {}}
FOLDER = "parcels"
_LARGEST = (
    24 << 20
)  # bytes: what 10 Mbit/s bring in the time that a request has; unpacked it may be ten times as much
_COPIES = 20  # folders that are kept: dated copies of the site file name them

Attribute = Annotated[Word | None, Query()]


@router.post(
    "/parcels",
    openapi_extra=needs(Act.SETUP),
    summary="Check a file of parcels, and take it in.",
    responses={
        201: sends("application/json"),
        422: {"description": "What is wrong with it, and where.", "content": {**_FOUND, **PROBLEM}},
    },
)
async def take(
    request: Request,
    asker: Asks,
    box: Box,
    layer: Annotated[Word, Query()],
    crs: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    key: Annotated[Word | None, Query(alias="id")] = None,
    name: Attribute = None,
    severity: Severity = Severity.MEDIUM,
    skip: Annotated[bool, Query(description="Leave bad features out, and name them.")] = False,
) -> Response:
    """The body: GeoJSON, or a Shapefile in a zip. 422 with every finding where a site does not take it: nothing is
    repaired. A layer of that name is replaced."""
    if not asker.everywhere:
        raise problems.not_yours()
    loaded = await sited(box)
    if (position := loaded.site.site.position) is None:
        raise HttpRefused(409, _NOWHERE)
    if box.measuring.locked():
        raise problems.busy()
    async with box.measuring:
        sent = await _sent(request)
        bad = "skip" if skip else "refuse"
        spec = LayerSpec(
            name=layer, file=Path(layer), crs=crs, severity=severity, key=key, label=name, bad=bad
        )
        found = await _taken(box, sent, spec, position)
        if not found["fit"]:
            return JSONResponse(found, 422)
        await save(box, asker, lambda loaded, text: _with(loaded, text, spec, str(found["file"])))
        site = (await sited(box)).site
        await asyncio.to_thread(_sweep, box.storage / FOLDER, {layer.file.parent for layer in site.parcels})
    return JSONResponse(found, 201)


@router.delete(
    "/parcels/{layer}",
    openapi_extra=needs(Act.SETUP),
    status_code=204,
    summary="The layer is not looked at any more.",
)
async def drop(layer: Annotated[str, InPath(max_length=64)], asker: Asks, box: Box) -> None:
    await save(box, asker, lambda loaded, text: _without(loaded, text, layer))


async def _sent(request: Request) -> bytes:
    """Raises HttpRefused."""
    kept = bytearray()
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > _LARGEST:
            raise HttpRefused(413, _LARGE, {"Connection": "close"})
    return bytes(kept)


async def _taken(
    box: Parts, sent: bytes, spec: LayerSpec, position: tuple[float, float]
) -> dict[str, JsonValue]:
    folder = (box.storage / FOLDER / secrets.token_hex(8)).absolute()
    await asyncio.to_thread(folder.mkdir, parents=True, mode=0o700)
    file = folder / "sent"
    try:
        await asyncio.to_thread(file.write_bytes, sent)
        found = await asked(Take(sent=file, folder=folder, spec=spec, position=position))
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder)
        raise
    await asyncio.to_thread(_leave, folder, keep=bool(found["fit"]))
    return found


def _leave(folder: Path, *, keep: bool) -> None:
    if keep:
        (folder / "sent").unlink()
    else:
        shutil.rmtree(folder)


def _with(loaded: Loaded, text: str, spec: LayerSpec, file: str) -> str:
    """In the place of the layer of that name, or behind the others."""
    names = [each.layer for each in loaded.site.parcels]
    place = names.index(spec.name) if spec.name in names else len(names)
    layer = _told(spec, file)
    return edit(text, ("parcels", place), layer) if names else edit(text, ("parcels",), [layer])


def _told(spec: LayerSpec, file: str) -> Value:
    told: dict[str, Value] = {"layer": spec.name, "file": file, "severity": spec.severity.value}
    wanted = {"crs": spec.crs, "id": spec.key, "name": spec.label}
    told.update({key: value for key, value in wanted.items() if value is not None})
    return {**told, "bad": "skip"} if spec.bad == "skip" else told


def _without(loaded: Loaded, text: str, layer: str) -> str:
    names = [each.layer for each in loaded.site.parcels]
    if layer not in names:
        raise nothing(Text("there is no such layer", "没有该图层"))
    return remove(text, ("parcels", names.index(layer)))


def _sweep(folder: Path, used: set[Path]) -> None:
    kept = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime)
    for old in kept[:-_COPIES]:
        if old not in used:
            shutil.rmtree(old)


_NOWHERE = Problem(
    "parcels.position",
    Text("the site file does not say where the site is", "站点文件未填写站点位置"),
    Text("fill in site.position: latitude, longitude", "请填写 site.position：纬度、经度"),
)
_LARGE = Problem(
    "parcels.large",
    Text(f"the file is larger than {_LARGEST >> 20} MB", f"文件超过 {_LARGEST >> 20} MB"),
    Text("take only the parcels near the site; zip a Shapefile", "请只取站点周边的地块；Shapefile 请压缩"),
)
