"""Turn a camera, or stop it; it stops by itself after the time given, at most 8 s.

云台控制：转动或停止。"""

from typing import Annotated, Literal

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.words import Camera, Order
from edge.settings.orders import Permission
from edge.wire import WireModel

PERMISSION = Permission.PTZ
READS = False

Speed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class Request(Order):
    """pan, tilt, zoom: of the camera's full speed; right, up and in are positive. seconds: how long (s)."""

    camera: Camera
    do: Literal["move", "stop"]
    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0
    seconds: Annotated[float, Field(ge=0.1, le=8, allow_inf_nan=False)] = 1.0


class Response(WireModel):
    """The camera took the command. A patrol stands back for its `hold`."""


async def handle(request: Request, box: Box, _call: Call) -> Response:
    camera = box.camera(request.camera)
    if request.do == "stop":
        await box.helm.stop(camera)
    else:
        await box.helm.move(camera, request.pan, request.tilt, request.zoom, request.seconds)
    return Response()
