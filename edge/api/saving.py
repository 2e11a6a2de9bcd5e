"""A change of the site file by a person at a page: validated whole, with a dated copy, at once carried out."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from edge.accounts import problems
from edge.accounts.roles import Asker
from edge.api.parts import Parts
from edge.orders.box import Who
from edge.orders.office import DIRECT
from edge.orders.problems import OrderRefused
from edge.orders.sitefile import Applied, SiteFile
from edge.settings.finding import SettingsError
from edge.settings.loader import Loaded, load_text
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text

_PAUSE = 0.5  # s between two tries while the change before is carried out, which takes up to two
_TRIES = 10


async def save(
    box: Parts, asker: Asker, change: Callable[[Loaded, str], str], based_on: str | None = None
) -> Applied:
    """change: of what is loaded and its text, in a thread; should raise ProblemError alone. based_on: sha256 of the file
    as whoever changes it saw it. Raises AccountRefused, HttpRefused, OrderRefused (with findings), OrderFailed."""
    file = reading(box, asker)
    return await settled(box, asker, lambda: _saved(file, asker, change, based_on))


async def settled(box: Parts, asker: Asker, work: Callable[[], Awaitable[Applied]]) -> Applied:
    """Does it, on record, as soon as the change before it is carried out."""
    for _ in range(_TRIES):
        try:
            applied = await work()
        except OrderRefused as refused:
            if refused.problem.code != "config.on_trial":
                raise
            await asyncio.sleep(_PAUSE)
        else:
            break
    else:
        applied = await work()
    # In the audit, as an order that does the same is.
    await box.orders.note("config.apply", Who(f"console:{asker.name}", asker.orders), DIRECT, applied.id)
    return applied


async def _saved(
    file: SiteFile, asker: Asker, change: Callable[[Loaded, str], str], based_on: str | None
) -> Applied:
    old = await asyncio.to_thread(file.text)
    if based_on not in (None, sha256(old)):
        raise HttpRefused(409, _CHANGED)
    new = await asyncio.to_thread(_changed, file, old, change)
    return await file.apply(new, f"console:{asker.name}", sha256(old))


def reading(box: Parts, asker: Asker) -> SiteFile:
    """For those who see all cameras: each of them stands in it. Raises AccountRefused, HttpRefused."""
    if not asker.everywhere:
        raise problems.not_yours()
    if box.site_file is None:
        raise HttpRefused(409, _FIXED)
    return box.site_file


def sha256(text: str) -> str:
    """As a page names the file it saw."""
    return hashlib.sha256(text.encode()).hexdigest()


def _changed(file: SiteFile, old: str, change: Callable[[Loaded, str], str]) -> str:
    try:
        loaded = load_text(old, str(file.path))
    except SettingsError:
        file.checked(old)  # the same, said with its findings
        raise
    return change(loaded, old)


_CHANGED = Problem(
    "config.changed",
    Text("somebody else changed the site file meanwhile; nothing was saved", "站点文件刚被他人更改；未保存"),
    Text("open it anew, and make your change again", "请重新打开后再修改"),
)
_FIXED = Problem(
    "config.fixed",
    Text("this box's site file cannot be changed from here", "无法从此处更改本网关的站点文件"),
    Text("edit it on the box", "请在网关上编辑"),
)
