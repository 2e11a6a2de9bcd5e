"""Decode and analyse everything a camera sends, at once and for as long as something moves.

立即完整分析。"""

from edge.orders.box import Box, Call
from edge.orders.words import Camera, Order
from edge.settings.orders import Permission
from edge.wire import WireModel
from edge.worker.messages import Look

PERMISSION = Permission.LOOK
READS = False


class Request(Order):
    camera: Camera


class Response(WireModel):
    """The camera was told; what it finds comes as events."""


async def handle(request: Request, box: Box, _call: Call) -> Response:
    box.fleet.order(Look(camera=box.camera(request.camera)))
    return Response()
