"""Have a file of evidence uploaded next.

优先上传一个证据文件。"""

from typing import Annotated

from pydantic import Field, JsonValue

from edge.orders.box import Box, Call
from edge.orders.problems import OrderRefused, not_available
from edge.orders.words import Order
from edge.settings.orders import Permission
from edge.upload.problems import UploadRefused
from edge.wire import WireModel
from streams.problem import Text

PERMISSION = Permission.UPLOAD
READS = False


class Request(Order):
    """uri: as an event's proof names it."""

    uri: Annotated[str, Field(min_length=1, max_length=400)]


class Response(WireModel):
    """upload: how it stands (edge.upload)."""

    upload: dict[str, JsonValue]


async def handle(request: Request, box: Box, _call: Call) -> Response:
    if box.upload is None:
        raise OrderRefused(not_available(Text("uploads", "上传")))
    try:
        asked = await box.upload(request.uri)
    except UploadRefused as refused:
        raise OrderRefused(refused.problem) from refused
    return Response(upload=asked.model_dump(mode="json"))
