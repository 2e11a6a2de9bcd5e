"""Mute a camera or one of its rules until a time: its events are kept, marked, and call nobody.

在指定时间前静音：事件照常保存并标记，但不呼叫人员、不立案。"""

import time
from typing import Annotated

from pydantic import Field

from edge.orders.box import Box, Call
from edge.orders.mutes import Mute
from edge.orders.problems import OrderRefused, bad_time
from edge.orders.words import Camera, Moment, Order
from edge.settings.orders import Permission
from edge.wire import WireModel, rfc3339
from streams.problem import Text

PERMISSION = Permission.MUTE
READS = False

_LONGEST = 31 * 86400.0  # s: whoever needs more takes the rule out of the site file


class Request(Order):
    """rule: None mutes all of the camera. until: None lifts the mute of just that camera and rule."""

    camera: Camera
    rule: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    until: Moment | None
    reason: Annotated[str, Field(max_length=200)] = ""


class MuteData(WireModel):
    camera: str
    rule: str | None
    until: str
    by: str
    reason: str


class Response(WireModel):
    """All that is muted now."""

    mutes: tuple[MuteData, ...]


async def handle(request: Request, box: Box, call: Call) -> Response:
    box.rule(box.camera(request.camera), request.rule)
    now = time.time()
    until = now if request.until is None else request.until
    if request.until is not None and not now < until <= now + _LONGEST:
        raise OrderRefused(bad_time(_TIME))
    box.mutes.set(
        Mute(camera=request.camera, rule=request.rule, until=until, by=call.who.name, reason=request.reason),
        now,
    )
    return Response(mutes=tuple(_data(mute) for mute in box.mutes.now(now)))


def _data(mute: Mute) -> MuteData:
    return MuteData(
        camera=mute.camera, rule=mute.rule, until=rfc3339(mute.until), by=mute.by, reason=mute.reason
    )


_TIME = Text("until has to lie within the next 31 days", "until 须在今后 31 天之内")
