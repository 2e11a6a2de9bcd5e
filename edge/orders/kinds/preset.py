"""Send a camera to one of its presets.

转到预置位。"""

from typing import Annotated

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.words import Camera, Order
from edge.settings.orders import Permission
from edge.wire import WireModel

PERMISSION = Permission.PTZ
READS = False


class Request(Order):
    camera: Camera
    preset: Annotated[str, Field(min_length=1, max_length=64)]


class Response(WireModel):
    """The camera took the command; it may take some seconds to arrive."""


async def handle(request: Request, box: Box, _call: Call) -> Response:
    await box.helm.go_to(box.camera(request.camera), request.preset)
    return Response()
