"""The site file, without comments, and without secrets.

读取站点配置（不含密钥）。"""

import asyncio

from edge.orders.box import Box, Call
from edge.orders.problems import OrderRefused, not_available
from edge.orders.words import Order
from edge.settings.orders import Permission
from edge.wire import WireModel
from streams.problem import Text

PERMISSION = Permission.CONFIG_GET
READS = True


class Request(Order):
    pass


class Response(WireModel):
    """config: YAML. masked: where "***" stands for a secret that the file itself holds; such a file cannot be applied
    until they are !secret NAME. sha256: of the file, for based_on."""

    config: str
    masked: tuple[str, ...]
    sha256: str


async def handle(_request: Request, box: Box, _call: Call) -> Response:
    if box.site_file is None:
        raise OrderRefused(not_available(NAMED))
    shown = await asyncio.to_thread(box.site_file.shown)
    return Response(config=shown.text, masked=shown.masked, sha256=shown.sha256)


NAMED = Text("configuration", "配置")
