"""How the box and its cameras are.

本机与各摄像机的状态。"""

from pydantic import JsonValue

from edge.orders.box import Box, Call
from edge.orders.words import Order
from edge.settings.orders import Permission
from edge.wire import WireModel

PERMISSION = Permission.STATUS
READS = True


class Request(Order):
    pass


class Response(WireModel):
    """What edge.orders.report.report tells."""

    status: dict[str, JsonValue]


async def handle(_request: Request, box: Box, _call: Call) -> Response:
    return Response(status=dict(box.report()))
