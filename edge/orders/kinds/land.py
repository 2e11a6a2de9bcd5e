"""What is known of the ground, and orders about it: list, freeze, allow, forget.

动土监测：列表、定格基准、放行、重新学习。"""

import asyncio
import json
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from edge.geo import TextData
from edge.land import say
from edge.land.desk import ask, camera_of
from edge.land.orders import Allow, Forget, Freeze
from edge.land.orders import Order as LandOrder
from edge.land.problems import readable
from edge.land.records import records
from edge.orders.box import Box, Call
from edge.orders.problems import OrderFailed
from edge.orders.words import Camera, Moment, Order
from edge.settings.orders import Permission
from edge.wire import WireModel
from streams.problem import Problem, Text

PERMISSION = Permission.LAND
READS = False

_PATIENCE = 20.0  # s: a camera that is looked at once a minute takes its letters every half second


class Request(Order):
    """list: camera None is all. freeze, forget: of a camera, preset None is every one. allow: of a disturbance, until a
    time."""

    do: Literal["list", "freeze", "allow", "forget"]
    camera: Camera | None = None
    preset: Annotated[str, Field(max_length=64)] | None = None
    event_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    until: Moment | None = None
    note: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        needed = {
            "list": (),
            "freeze": (self.camera,),
            "forget": (self.camera,),
            "allow": (self.event_id, self.until),
        }
        if None in needed[self.do]:
            raise ValueError("names what it is about")
        return self


class Response(WireModel):
    """text: what came of an order. views: of a list, as `sandwatch land list --json`."""

    text: TextData | None = None
    views: list[JsonValue] | None = None


async def handle(request: Request, box: Box, _call: Call) -> Response:
    async with box.ground:
        if request.do == "list":
            return Response(views=await asyncio.to_thread(_listed, box, request.camera))
        return await asyncio.to_thread(_ordered, request, box)


def _listed(box: Box, camera: str | None) -> list[JsonValue]:
    with readable():
        found: list[JsonValue] = json.loads(say.as_json(records(box.storage, camera)))
    return found


def _ordered(request: Request, box: Box) -> Response:
    order: LandOrder
    if request.do == "allow":
        assert request.event_id is not None
        assert request.until is not None
        with readable():
            camera = camera_of(box.storage, request.event_id)
        order = Allow(event_id=request.event_id, until=request.until, note=request.note)
    else:
        assert request.camera is not None
        camera = request.camera
        order = (Freeze if request.do == "freeze" else Forget)(preset=request.preset)
    answer = ask(box.storage, camera, order, _PATIENCE)
    if not answer.done:
        raise OrderFailed(Problem("land.not_done", Text(answer.text.en, answer.text.zh), _DO))
    return Response(text=answer.text)


_DO = Text("see what land list says of it", "请查看 land list")
