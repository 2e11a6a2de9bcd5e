"""Put another site file in place: checked whole, tried, and put back if the box loses its broker by it.

下发站点配置：整体校验，试运行，失去连接则自动恢复。"""

import asyncio
from typing import Annotated

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.problems import OrderFailed, OrderRefused, not_available
from edge.orders.sitefile import LARGEST, SiteFile
from edge.orders.words import Order
from edge.settings.orders import Permission
from edge.wire import WireModel
from streams.problem import Text

PERMISSION = Permission.CONFIG_APPLY
READS = False

_LAST_WORD = 0.5  # s for `accepted` to be on its way before the desks are put away
_PACE = 0.1  # s between two looks at what became of it


class Request(Order):
    """config: YAML. based_on: sha256 of the file that was changed (config.get); None: whatever is there now."""

    config: Annotated[str, Field(min_length=1, max_length=LARGEST)]
    based_on: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Response(WireModel):
    """It is in place, and the broker was reached with it. uri: the dated copy; sha256: of the new file."""

    uri: str
    sha256: str
    warnings: int


async def handle(request: Request, box: Box, call: Call) -> Response:
    """Where the desks have to be opened anew for it, those answer (edge.orders.probation)."""
    site_file = box.site_file
    if site_file is None:
        raise OrderRefused(not_available(Text("configuration", "配置")))
    applied = await asyncio.to_thread(site_file.put, request.config, call.who.name, request.based_on, call.id)
    await asyncio.sleep(_LAST_WORD)
    site_file.reload()
    await _judged(site_file)
    return Response(uri=applied.uri, sha256=applied.sha256, warnings=applied.warnings)


async def _judged(site_file: SiteFile) -> None:
    """Until it is kept. Raises OrderFailed where it was put back."""
    while (note := await asyncio.to_thread(lambda: site_file.trial.note)) is not None:
        if note.why is not None:
            raise OrderFailed(note.why.problem)
        if note.state == "kept":
            return
        await asyncio.sleep(_PACE)
