"""Cameras looked at, found, tried out, added and changed."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import JsonValue, SecretStr
from starlette.responses import Response

from edge import aside
from edge.accounts import problems
from edge.accounts.roles import Act, Asker
from edge.api.answers import nothing
from edge.api.camera_item import Change, Login, Look, New, Try, fields, item, put, told
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.parts import Parts
from edge.api.passwords import Keeper
from edge.api.reference import sends
from edge.api.saving import reading, save, sha256
from edge.api.siting import sited
from edge.api.stored_login import changed, fits
from edge.orders.problems import OrderRefused, no_camera
from edge.settings.edit import edit, remove
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from edge.worker.messages import Width
from streams.problem import ProblemError, Text

router = APIRouter(route_class=Guarded, tags=["cameras"])

_TRIED = 60.0  # s: six of listening, then its sub-streams one after the other
_LOOKED = 40.0  # s: three of listening, then eight cameras at a time with a few seconds each

Named = Annotated[str, InPath(max_length=64)]


@router.get(
    "/cameras/{name}/still",
    openapi_extra=needs(Act.SEE),
    summary="A picture of now, kept nowhere.",
    response_class=Response,
    responses={200: sends("image/jpeg")},
)
async def still(name: Named, asker: Asks, box: Box, width: Width | None = None) -> Response:
    """width: px, for a small tile over a thin line; without it as the camera sends it. Never enlarged."""
    if name not in box.cameras or not asker.sees(name):
        raise nothing(Text("there is no such camera", "没有该摄像机"))
    if box.errands is None or name not in box.errands.cameras:
        raise OrderRefused(no_camera(name))
    return Response(await box.stills.of(name, width, box.errands, box.storage), media_type="image/jpeg")


@router.get("/setup/cameras", openapi_extra=needs(Act.CONFIG), summary="Cameras as the site file has them.")
async def setup(asker: Asks, box: Box) -> dict[str, JsonValue]:
    """sha256: of the file, for a change that is based on it."""
    text = await asyncio.to_thread(reading(box, asker).text)
    found: list[JsonValue] = [told(stream) for stream in (await sited(box)).site.streams]
    return {"sha256": sha256(text), "cameras": found}


@router.post(
    "/setup/discover", openapi_extra=needs(Act.SETUP), summary="Who answers by ONVIF on the network."
)
async def discover(asked: Look, asker: Asks, box: Box) -> dict[str, JsonValue]:
    """With a login also their streams; it goes, hashed, to every camera that answers."""
    _everywhere(asker)
    login = _shown(asked)
    question: dict[str, JsonValue] = {
        "kind": "look",
        "hosts": [*asked.hosts],
        **login,
        **await _networks(box),
    }
    return await _aside(box, question, _LOOKED)


@router.post("/setup/try", openapi_extra=needs(Act.SETUP), summary="Open a camera once, and judge it.")
async def attempt(asked: Try, asker: Asks, box: Box) -> dict[str, JsonValue]:
    """picture: JPEG in base64."""
    _everywhere(asker)
    question: dict[str, JsonValue] = {
        "kind": "try",
        "url": asked.url.get_secret_value(),
        "transport": asked.transport,
        **await _login_of(box, asked),
        **await _networks(box),
    }
    return await _aside(box, question, _TRIED)


@router.post("/setup/cameras", openapi_extra=needs(Act.SETUP), status_code=201, summary="A new camera.")
async def add(asked: New, asker: Asks, box: Box) -> Response:
    """409 where the file would not be right with it, in the words of `sandwatch check`."""

    keeper = Keeper()

    def change(loaded: Loaded, text: str) -> str:
        return edit(text, ("streams", len(loaded.site.streams)), item(asked, keeper.keep))

    await _kept(box, asker, change, asked, keeper)
    return Response(status_code=201)


@router.patch(
    "/setup/cameras/{name}",
    openapi_extra=needs(Act.SETUP),
    status_code=204,
    summary="Change, pause, resume a camera.",
)
async def patch(name: Named, asked: Change, asker: Asks, box: Box) -> None:
    keeper = Keeper()

    def change(loaded: Loaded, text: str) -> str:
        number, stream = stream_of(loaded, name)
        found = fields(name, asked, keeper.keep)
        changed(stream, found)
        for key, value in found.items():
            text = put(loaded, text, number, key, value)
        return text

    await _kept(box, asker, change, asked, keeper)


@router.delete(
    "/setup/cameras/{name}", openapi_extra=needs(Act.SETUP), status_code=204, summary="Take a camera out."
)
async def drop(name: Named, asker: Asks, box: Box) -> None:
    await save(box, asker, lambda loaded, text: remove(text, ("streams", stream_of(loaded, name)[0])))


async def _kept(
    box: Parts, asker: Asker, change: Callable[[Loaded, str], str], asked: Change, keeper: Keeper
) -> None:
    """Where the change is refused, its password is not kept either."""
    try:
        await save(box, asker, change, asked.based_on)
    except ProblemError:
        await asyncio.to_thread(keeper.forget)
        raise


def stream_of(loaded: Loaded, name: str) -> tuple[int, StreamSettings]:
    """And its place in the file. Raises HttpRefused."""
    for number, stream in enumerate(loaded.site.streams):
        if stream.name == name:
            return number, stream
    raise nothing(Text("there is no such camera", "没有该摄像机"))


def _everywhere(asker: Asker) -> None:
    if not asker.everywhere:
        raise problems.not_yours()


async def _aside(box: Parts, question: JsonValue, patience: float) -> dict[str, JsonValue]:
    if box.opening.locked():
        raise problems.busy()
    async with box.opening:
        return await aside.asked("edge.probe.desk", question, patience)


def _shown(login: Login) -> dict[str, JsonValue]:
    password = login.password.get_secret_value() if login.password else None
    return {"username": login.username, "password": password}


async def _login_of(box: Parts, asked: Try) -> dict[str, JsonValue]:
    """What is shown, or without a password that of the camera, as its user. Raises HttpRefused."""
    if asked.password or not asked.camera:
        return _shown(asked)
    _, stream = stream_of(await sited(box), asked.camera)
    spec = stream.source_spec()
    username: str | None = getattr(spec, "username", None)
    password: SecretStr | None = getattr(spec, "password", None)
    if password is None or asked.username not in (None, "", username):
        return _shown(asked) if asked.username else {"username": username, "password": None}
    fits(stream, asked.url)
    return {"username": username, "password": password.get_secret_value()}


async def _networks(box: Parts) -> dict[str, JsonValue]:
    return {"networks": [str(each) for each in (await sited(box)).site.allow_networks]}
