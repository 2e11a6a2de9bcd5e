"""The site as its file is now, as the API reads it."""

import asyncio

from edge.api.parts import Parts
from edge.settings.finding import SettingsError
from edge.settings.loader import Loaded, load
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text


async def sited(box: Parts) -> Loaded:
    """Raises HttpRefused where there is none that can be used."""
    if box.site_file is None:
        raise HttpRefused(409, _FIXED)
    try:
        return await asyncio.to_thread(load, box.site_file.path)
    except SettingsError:
        raise HttpRefused(409, _UNFIT) from None


_UNFIT = Problem(
    "config.invalid",
    Text("the site file has errors", "站点文件有错误"),
    Text("see the settings page, or run `sandwatch check`", "请查看设置页面，或运行 sandwatch check"),
)
_FIXED = Problem(
    "config.fixed",
    Text("the console cannot get at this box's site file", "控制台无法读取本网关的站点文件"),
    Text("look at it on the box", "请在网关上查看"),
)
