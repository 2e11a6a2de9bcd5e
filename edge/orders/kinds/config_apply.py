"""Put another site file in place: checked whole, tried, and put back if the box loses its broker by it.

下发站点配置：整体校验，试运行，失去连接则自动恢复。"""

import asyncio
import hashlib
from typing import Annotated

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.problems import OrderRefused, not_available
from edge.orders.sitefile import LARGEST, SiteFile
from edge.orders.trial import Note
from edge.orders.words import Order
from edge.settings.orders import Permission
from edge.wire import WireModel
from streams.problem import Text

PERMISSION = Permission.CONFIG_APPLY
READS = False

_LAST_WORD = 0.5  # s for `accepted` to be on its way before the services stop


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
    """Does not return where it was put in place: the next round answers (edge.orders.probation)."""
    site_file = box.site_file
    if site_file is None:
        raise OrderRefused(not_available(Text("configuration", "配置")))
    await asyncio.to_thread(_put, request, box, call, site_file)
    await asyncio.sleep(_LAST_WORD)
    site_file.restart()
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets")


def _put(request: Request, box: Box, call: Call, site_file: SiteFile) -> None:
    loaded = site_file.checked(request.config)
    digest = hashlib.sha256(request.config.encode()).hexdigest()

    def note(previous: str, copy: str) -> Note:
        result = Response(uri=copy, sha256=digest, warnings=len(loaded.warnings))
        return Note(who=call.who.name, id=call.id, previous=previous, result=result.model_dump(mode="json"))

    site_file.put(request.config, box.storage, note, request.based_on)
