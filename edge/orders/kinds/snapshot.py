"""A picture of now from a camera's best stream, kept as evidence.

全分辨率抓拍，存为证据文件。"""

import asyncio
import base64
from typing import Annotated

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.kept import file_data
from edge.orders.words import Camera, FileData, Order
from edge.settings.orders import Permission
from edge.wire import WireModel

PERMISSION = Permission.SNAPSHOT
READS = False


class Request(Order):
    """inline_kb: a picture of at most so many KiB comes with the answer, too."""

    camera: Camera
    inline_kb: Annotated[int, Field(ge=0, le=256)] = 0


class Response(WireModel):
    """jpeg: base64 (RFC 4648, 4); None where it was not asked for, is larger, or the answer is a repeat."""

    file: FileData
    jpeg: str | None = None


async def handle(request: Request, box: Box, _call: Call) -> Response:
    piece = await box.errands.still(box.camera(request.camera))
    jpeg: str | None = None
    if piece.proof.size <= request.inline_kb * 1024:
        raw = await asyncio.to_thread((box.storage / piece.proof.uri).read_bytes)
        jpeg = base64.b64encode(raw).decode()
    return Response(file=file_data(piece), jpeg=jpeg)
