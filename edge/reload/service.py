"""The one way by which another site file comes into force, whoever wrote it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import structlog

from edge.notify import manager
from edge.orders.history import FILE, ROLLED_BACK, History
from edge.orders.probation import PATIENCE
from edge.orders.trial import Note, Trial
from edge.orders.trial import does_not_run as rolled_back
from edge.plan import Plan
from edge.reload.checked import checked
from edge.reload.difference import Difference, difference
from edge.reload.lookout import Lookout
from edge.reload.problems import does_not_run, invalid
from edge.settings.finding import Level, SettingsError
from edge.settings.model import Site
from edge.status import Status
from edge.worker.job import Shares
from streams.problem import Problem

log = structlog.get_logger()

_TOLD = 20  # findings that are logged


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked site file, as the gateway runs it."""

    site: Site
    plan: Plan


class Running(Protocol):
    """The gateway."""

    @property
    def now(self) -> Settings: ...

    @property
    def online(self) -> bool:
        """Whether the first centre's broker is connected."""

    @property
    def shares(self) -> Shares:
        """Who watches which camera."""

    async def change(self, to: Settings, what: Difference) -> None:
        """Raises what the desks cannot be opened with; nothing else is changed then, and they are to be changed back."""


@dataclass(frozen=True, slots=True)
class _Former:
    """What there was before. ordered: the new ones came by an order or the console. until: s of the loop's clock, by which
    they have proven themselves."""

    settings: Settings
    what: Difference
    ordered: bool
    until: float


class Reload:
    """`next` and `take` by turns, for as long as the gateway runs."""

    def __init__(
        self, file: Path, wanted: asyncio.Event, running: Running, status: Status, ready: Callable[[], None]
    ) -> None:
        """ready: says that it works again."""
        self._file, self._wanted, self._running, self._status = file, wanted, running, status
        self._ready = ready
        self._lookout = Lookout(file, wanted)
        self._trial = Trial(file)
        self._former: _Former | None = None
        self._returned: tuple[str, Problem] | None = None
        """A text that was put back in the place of another, and why."""

    async def begun(self) -> None:
        """The file that runs first is kept as well."""
        await self._noted()

    async def next(self) -> None:
        """Returns when `take` is due."""
        await self._lookout.next()

    async def take(self) -> None:
        """The file as it is now, if it is a good one."""
        manager().reloading()
        try:
            await self._taken()
        finally:
            self._ready()

    async def back(self, error: Exception, *, desks: bool) -> bool:
        """A part has failed: to the settings before, if it began with the new ones. desks: whether it is one of those
        that work on the outbox. False: it did not."""
        former, self._former = self._former, None
        if former is None or asyncio.get_running_loop().time() > former.until:
            return False
        if desks and not former.what.desks:
            return False
        what = difference(self._running.now.site, former.settings.site)
        if not desks:
            what = replace(what, sections=what.sections | {"workers"})
        await self._failed(error, former.ordered)
        await self._running.change(former.settings, what)
        self._ready()
        return True

    async def _taken(self) -> None:
        now = self._running.now
        note = await asyncio.to_thread(lambda: self._trial.note)
        ordered = note is not None and note.state == "trying"
        self._remember(note)
        try:
            loaded, planned = await asyncio.to_thread(checked, self._file, self._held, now.site.storage.path)
        except SettingsError as error:
            await self._refused(error, ordered)
            return
        for warning in loaded.warnings:
            log.warning("config.warning", finding=warning.say(self._status.language))
        await self._noted()
        what = difference(now.site, loaded.site)
        to = Settings(loaded.site, planned)
        try:
            await self._carry_out(to, what)
        except Exception as error:  # noqa: BLE001 (whatever the new settings are not opened with, the old ones go on)
            await self._failed(
                error, ordered
            )  # before the desks are open again, which look at what is on trial
            await self._running.change(now, what.of_desks)
            return
        self._status.problem("config", await asyncio.to_thread(self._why))
        until = asyncio.get_running_loop().time() + PATIENCE
        self._former = _Former(now, what, ordered, until) if what else self._former

    def _held(self, site: Site) -> Shares:
        """Workers that are all started anew hold nobody."""
        return () if difference(self._running.now.site, site).workers else self._running.shares

    async def _carry_out(self, to: Settings, what: Difference) -> None:
        """What an order put in place is on trial while the broker has to be reached again with it."""
        tried = what.desks and self._running.online
        if not tried and what.desks:
            await self._kept()  # the desks that are opened with it tell whoever asked
        if what:
            log.info("config.reload", **_told(what))
            began = time.monotonic()
            await self._running.change(to, what)
            log.info("config.in_force", seconds=round(time.monotonic() - began, 2))
        else:
            log.info("config.same")
        if not what.desks:
            await self._kept()

    async def _kept(self) -> None:
        if await asyncio.to_thread(lambda: self._trial.on):
            await asyncio.to_thread(self._trial.keep)

    async def _noted(self) -> None:
        """A dated copy with who made it: what was put in place by order has one already."""
        note = await asyncio.to_thread(lambda: self._trial.note)
        who = ROLLED_BACK if note is not None and note.state == "rolled_back" else FILE
        history = History(self._running.now.site.storage.path / "config")
        try:
            copy = await asyncio.to_thread(lambda: history.noted(self._file.read_bytes(), who))
        except OSError as error:
            log.error("config.no_copy", why=error.strerror or type(error).__name__)
            return
        log.info("config.copy", id=copy.id, who=copy.who)

    async def _refused(self, error: SettingsError, ordered: bool) -> None:
        """The old one goes on."""
        for finding in [each for each in error.findings if each.level is Level.ERROR][:_TOLD]:
            log.error("config.error", finding=finding.say(self._status.language))
        if ordered:
            await self._failed(error, ordered)
        else:
            self._status.problem("config", invalid(error))

    async def _failed(self, error: Exception, ordered: bool) -> None:
        """What an order put in place is taken back; a person's file is left as he wrote it."""
        log.error("config.does_not_run", why=str(error))
        if not ordered:
            self._status.problem("config", does_not_run(error))
            return
        problem = rolled_back(error)
        await asyncio.to_thread(self._trial.roll_back, problem)
        self._remember(await asyncio.to_thread(lambda: self._trial.note))
        self._status.problem("config", problem)
        self._wanted.set()

    def _remember(self, note: Note | None) -> None:
        """Until another text is in force: the note goes when whoever asked was told."""
        if note is not None and note.state == "rolled_back" and note.why is not None:
            self._returned = (note.previous, note.why.problem)

    def _why(self) -> Problem | None:
        """Why the file is the one that was there before."""
        if self._returned is None or self._file.read_text("utf-8-sig") != self._returned[0]:
            self._returned = None
            return None
        return self._returned[1]


def _told(what: Difference) -> dict[str, object]:
    named = {name: sorted(getattr(what, name)) for name in ("added", "removed", "anew", "rules", "control")}
    named["sections"] = sorted(what.sections)
    return {name: value for name, value in named.items() if value}
