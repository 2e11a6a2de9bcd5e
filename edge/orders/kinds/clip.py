"""What a camera recorded between two times, as it was sent: never encoded again.

调取录像（原始码流，不重新编码）。"""

import time
from typing import Annotated

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.kept import file_data
from edge.orders.problems import OrderRefused, bad_time
from edge.orders.words import Camera, FileData, Moment, Order
from edge.settings.orders import Permission
from edge.wire import WireModel
from streams.problem import Text

PERMISSION = Permission.CLIP
READS = False

_LONGEST = 600.0  # s: 300 MB of a camera with 4 Mbit/s
_AHEAD = 300.0  # s from now that it may end: whoever wants more asks again


class Request(Order):
    """from, to: of what is shown; `to` may be up to 5 minutes ahead."""

    camera: Camera
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]


class Response(WireModel):
    """In order of time; a gap between two, or at an end, is what nobody recorded. Event recordings are named whole:
    their hashes are in the chain of evidence."""

    files: tuple[FileData, ...]


async def handle(request: Request, box: Box, call: Call) -> Response:
    box.camera(request.camera)
    start, end = request.start, request.end
    if not 0 < end - start <= _LONGEST or end > time.time() + _AHEAD:
        raise OrderRefused(bad_time(_TIMES))
    pieces = await box.errands.clip(request.camera, start, end, call.progress)
    return Response(files=tuple(map(file_data, pieces)))


_TIMES = Text(
    "needs from before to, at most 10 min apart, and to at most 5 min from now",
    "from 须早于 to，相距不超过 10 分钟，且 to 不晚于 5 分钟后",
)
