"""What a map of the site shows: cameras and what they see, parcels, and where things happened."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import JsonValue, TypeAdapter

from edge.accounts.roles import Act
from edge.api import index
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.index import Message
from edge.api.parts import Parts
from edge.api.siting import sited
from edge.ground.asking import asked
from edge.ground.words import Lay, Point, Pointed
from edge.plan import layers_of, site_folder
from edge.settings.ground import GroundPoint, grounds
from edge.settings.loader import Loaded

router = APIRouter(route_class=Guarded, tags=["map"])

_READ = 3000  # messages looked at for events: some 10 MB, for a moment
_SHOWN = 500  # events: more hide each other
_RING: TypeAdapter[list[tuple[float, float]]] = TypeAdapter(list[tuple[float, float]])
_LONGEST = 90 * 24  # h


@router.get(
    "/map", openapi_extra=needs(Act.SEE), summary="Cameras, what they see, and parcels, in degrees WGS84."
)
async def site_map(asker: Asks, box: Box) -> dict[str, JsonValue]:
    """Longitude first. views: of each preset whose ground is known: place (where the camera stands) and outline (what it
    sees of the ground), each null where nobody knows.
    left: parcels there was no room for; unfit: layers that cannot be used, and why."""
    loaded = await sited(box)
    laid = await _laid(box, loaded)
    site, seen = loaded.site, laid["cameras"]
    assert isinstance(seen, dict)
    cameras: list[JsonValue] = [
        {
            "name": stream.name,
            "title": stream.title,
            "views": [seen[name] for name in _names(stream.name, stream.ground) if seen.get(name)],
        }
        for stream in site.streams
        if asker.sees(stream.name)
    ]
    place: list[JsonValue] | None = (
        [site.site.position[1], site.site.position[0]] if site.site.position else None
    )
    title = site.site.title or site.site.id
    return {
        "title": title,
        "place": place,
        "cameras": cameras,
        "parcels": laid["parcels"],
        "left": laid["left"],
        "unfit": laid["unfit"],
    }


@router.get(
    "/map/events", openapi_extra=needs(Act.SEE), summary="Events whose place is known, the newest first."
)
async def site_events(
    asker: Asks, box: Box, hours: Annotated[int, Query(ge=1, le=_LONGEST)] = 24
) -> list[dict[str, JsonValue]]:
    """place: longitude and latitude; outline: of a disturbance. Each as its last message has it."""
    only = None if asker.everywhere else asker.cameras
    wanted = index.Filter(since=time.time() - 3600 * hours)
    found = await asyncio.to_thread(index.listing, box.events, wanted, only, _READ)
    return list(_placed(found))[:_SHOWN]


async def _laid(box: Parts, loaded: Loaded) -> dict[str, JsonValue]:
    """Worked out anew where the site file or a file of parcels is another one."""
    folder = site_folder(loaded)
    layers = layers_of(loaded.site, folder)
    cameras = tuple(
        Pointed(name=name, points=points, elevation=folder / stream.elevation if stream.elevation else None)
        for stream in loaded.site.streams
        for name, points in _names(stream.name, stream.ground).items()
    )
    task = Lay(cameras=cameras, position=loaded.site.site.position, layers=layers)
    async with box.measuring:
        files = await asyncio.to_thread(lambda: [_changed(each.file) for each in layers])
        key = f"{task.model_dump_json()} {files}"
        if box.laid.get("key") != key:
            box.laid.clear()
            box.laid.update(key=key, map=await asked(task))
        found = box.laid["map"]
    assert isinstance(found, dict)
    return found


def _names(stream: str, points: tuple[GroundPoint, ...]) -> dict[str, tuple[Point, ...]]:
    """Of each preset, by a name of its own."""
    return {
        f"{stream}\n{preset or ''}": tuple(Point(**each.model_dump(exclude={"preset"})) for each in held)
        for preset, held in grounds(points).items()
    }


def _changed(file: Path) -> tuple[int, int]:
    """What tells whether it is another one; (0, 0): it is not there."""
    try:
        stat = file.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


def _placed(newest_first: Iterable[Message]) -> Iterator[dict[str, JsonValue]]:
    seen = set()
    for message in newest_first:
        if message.kind != "event" or message.event_id in seen:
            continue
        if (where := _where(message.body.get("data"))) is not None:
            seen.add(message.event_id)
            yield {**_about(message), **where}


def _about(message: Message) -> dict[str, JsonValue]:
    data = message.body["data"]
    assert isinstance(data, dict)
    told = {key: data.get(key) for key in ("severity", "phase", "since", "area_m2")}
    return {"event_id": message.event_id, "type": message.type, "camera": message.camera, **told}


def _where(data: JsonValue) -> dict[str, JsonValue] | None:
    """Of a disturbance its outline; else where its surest object was."""
    if not isinstance(data, dict):
        return None
    match data:
        case {"geo": {"coordinates": [[_, _, _, *_] as ring, *_]}}:
            return {"place": _middle(ring), "outline": ring}
        case {"objects": [{"attributes": {"lon": lon, "lat": lat}}, *_]}:
            return {"place": [lon, lat], "outline": None}
    return None


def _middle(ring: list[JsonValue]) -> list[JsonValue]:
    """Of its corners, the last of which is the first again."""
    corners = _RING.validate_python(ring)[1:]
    return [round(fmean(each), 7) for each in zip(*corners, strict=True)]
