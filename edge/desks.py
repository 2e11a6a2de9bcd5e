"""What works on the outbox: the case book, the chain of evidence, uploads, the clock, orders and the centres.

Each has every message, or is asked by somebody; none knows another but by what it is given here.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from starlette.routing import BaseRoute

from edge import centres
from edge.api.samples import Samples
from edge.cases.book import CONSUMER as CASES
from edge.cases.book import CaseBook
from edge.cases.duty import Duty
from edge.clocks import Clocks
from edge.commands import Commands, Handler
from edge.envelope import Occurrence
from edge.evidence.service import Evidence, birth_anchor
from edge.fleet import Fleet
from edge.mqtt_address import BrokerAddress
from edge.orders.door import Door
from edge.orders.fitting import fitted
from edge.orders.helm import Helm
from edge.orders.report import report
from edge.origin import Origin
from edge.outbox import Outbox
from edge.outbox_file import Limits
from edge.passes import Passes, nobody_passes
from edge.presence import Anchor, Birth
from edge.sealer import Sealer
from edge.seats import Seats
from edge.settings.centres import FIRST
from edge.settings.model import Site
from edge.site_id import SiteId
from edge.status import Status
from edge.supervisor import Service, supervise
from edge.upload.hours import Hours
from edge.upload.letters import uploaded
from edge.upload.problems import UploadRefused, off
from streams.problem import ProblemError
from streams.retry import Ladder

if TYPE_CHECKING:
    from edge.upload.service import Asked, Uploads

log = structlog.get_logger()

# The outbox's file over what waits in it: lists of what is known and who has what, and pages half full.
_SPACIOUS = 4

_EVIDENCE, _UPLOADS, _CONSOLE = "evidence", "uploads", "console"

Services = Mapping[str, Callable[[], Awaitable[None]]]


def _never(_uri: str) -> bool:
    return False


class Desks:
    """Of one daemon; single use."""

    def __init__(
        self,
        site: Site,
        first: BrokerAddress,
        origin: Origin,
        fleet: Fleet,
        status: Status,
        boot_id: str,
        helm: Helm,
        samples: Samples,
    ) -> None:
        """first: where the first centre's broker is. samples: of how the box was. Raises OSError where
        the site file cannot be read."""
        self._site, self._status, self._boot_id, self._samples = site, status, boot_id, samples
        self._where = SiteId(site.site.province, site.site.city, site.site.county, site.site.id)
        self._seats = Seats(site)
        rosters = {roster.name: roster for roster in site.rosters}
        self._duty = Duty(self._seats.responds, rosters, ZoneInfo(site.site.time_zone))
        self._origin, self._config = origin, origin.sha256()
        self._uploads: Uploads | None = None
        self.routes: tuple[BaseRoute, ...] = ()
        """Of the console, once open; none where nothing listens."""
        self.passes: Passes = nobody_passes
        """Gives signed-in people a token to watch with; to be set before it is opened."""
        online = asyncio.Event()
        self.ordered = fitted(
            site,
            fleet,
            status,
            boot_id,
            version("sandwatch"),
            online=online,
            site_file=origin.site_file(site),
            upload=self._upload if site.upload else None,
            helm=helm,
            rules=self._seats.rules,
        )
        self._doors = {
            name: Door(self.ordered.orders, name, broker.may)
            for name, broker in centres.settings(site).items()
        }
        self.commands = {
            name: Commands(self._where, {}, door, online=online if name == FIRST else asyncio.Event())
            for name, door in self._doors.items()
        }
        self._centres = centres.Centres(site, first, self._where, status, self.commands)
        self._sealer = Sealer(self._where, boot_id, (self._duty.extra, self.ordered.extra))

    def seat(self, site: Site) -> None:
        """Of a site that differs in its cameras alone. Raises OSError where the site file cannot be read."""
        self._site, self._config = site, self._origin.sha256()
        self._seats.take(site)

    def talk(self, take: Handler) -> None:
        """Who takes cmd/talk."""
        for name, door in self._doors.items():
            self.commands[name].handlers = {"talk": door.talk(take)}

    def muted(self, occurrence: Occurrence) -> bool:
        """Whether it is to call nobody."""
        return self.ordered.mutes.covers(occurrence.camera, occurrence.rule, occurrence.time)

    async def outbox(self) -> Outbox:
        """Raises OutboxError."""
        waiting = self._site.storage.waiting
        size = waiting.megabytes << 20
        return await Outbox.open(
            self._site.storage.outbox,
            self._sealer,
            self._boot_id,
            Limits(waiting.events, size, waiting.age, file_bytes=_SPACIOUS * size),
            consumers=self._consumers,
        )

    @property
    def _consumers(self) -> tuple[str, ...]:
        uploads = (_UPLOADS,) if self._site.upload else ()
        console = (_CONSOLE,) if self._site.http else ()
        return (*self._doors, CASES, _EVIDENCE, *uploads, *console)

    @asynccontextmanager
    async def open(self, outbox: Outbox, abilities: tuple[str, ...]) -> AsyncIterator[Services]:
        """What is to run beside the body, in the order of starting; to be stopped in the opposite one. Raises StoreError
        where a list cannot be used."""
        async with AsyncExitStack() as stack:
            cases = await stack.enter_async_context(await self._open_cases(outbox))
            services: dict[str, Callable[[], Awaitable[None]]] = {"cases": cases.run}
            if self._site.upload is not None:
                self._uploads = await stack.enter_async_context(await self._open_uploads(outbox, cases))
                services[_UPLOADS] = self._uploads.run
            clocks = Clocks(outbox.append, self._status.problem)
            self._sealer.clock = lambda: clocks.now
            services["clock"] = clocks.run
            birth = await self._birth(abilities)
            services[_EVIDENCE] = partial(
                self._keep, _EVIDENCE, lambda: self._evidence(outbox, cases, clocks)
            )
            services["orders"] = partial(self._keep, "orders", lambda: self.ordered.orders)
            if self._site.http is not None:
                services.update(await self._open_console(outbox, stack))
            delivering = self._centres.services(outbox, birth, cases.down, self._status.summary)
            services.update({f"centre-{name}": each for name, each in delivering.items()})
            yield services

    async def _open_console(self, outbox: Outbox, stack: AsyncExitStack) -> Services:
        """A site where nothing listens never pays for FastAPI."""
        from edge.accounts.desk import Accounts  # noqa: PLC0415
        from edge.api.api import Api  # noqa: PLC0415
        from edge.api.hub import Hub  # noqa: PLC0415
        from edge.api.index import Indexer  # noqa: PLC0415
        from edge.api.parts import Parts  # noqa: PLC0415
        from edge.api.samples import Sampler  # noqa: PLC0415
        from edge.api.watch import Watch  # noqa: PLC0415
        from edge.vitals import Gauge  # noqa: PLC0415

        site, status = self._site, self._status
        accounts = await stack.enter_async_context(await Accounts.open(site.storage.path))
        status.problem("accounts", accounts.mended)
        hub = Hub()
        watch = Watch(status, hub)
        parts = Parts(
            site.storage.path,
            self._seats.titles,
            accounts,
            status,
            self.ordered.orders,
            hub,
            watch,
            lambda: report(status, self._boot_id, version("sandwatch")),
            site.evidence,
            self._origin.site_file(site),
            self.ordered.errands,
            self.passes,
            samples=self._samples,
        )
        self.routes = tuple(Api(parts).routes())
        return {
            "console-watch": watch.run,
            "console-samples": Sampler(
                parts.samples, Gauge(site.storage.path), status, watch, outbox.statistics
            ).run,
            "console-events": partial(
                self._keep, "console-events", lambda: Indexer(parts.events, outbox.consumer(_CONSOLE), hub)
            ),
        }

    async def _open_cases(self, outbox: Outbox) -> CaseBook:
        return await CaseBook.open(
            self._site.storage.cases,
            outbox,
            self._duty,
            self._boot_id,
            keep=self._site.cases.keep,
            trouble=lambda problem: self._status.problem("cases", problem),
        )

    async def _open_uploads(self, outbox: Outbox, cases: CaseBook) -> "Uploads":
        """A site that uploads nothing never pays for an HTTP client."""
        from edge.upload.service import Uploads  # noqa: PLC0415

        settings, where = self._site.upload, self._site.site
        assert settings is not None
        return await Uploads.open(
            settings,
            Hours(settings, where.time_zone, where.position),
            self._site.storage.path,
            outbox.consumer(_UPLOADS),
            lambda upload: outbox.append(uploaded(upload, time.time())),
            open_cases=cases.open_cases,
            on_problem=lambda problem: self._status.problem("upload", problem),
        )

    async def _birth(self, abilities: tuple[str, ...]) -> Birth:
        return Birth(
            boot_id=self._boot_id,
            version=version("sandwatch"),
            time="",
            capabilities=abilities,
            evidence=await self._anchor(),
        )

    async def _anchor(self) -> Anchor | None:
        """None where the chain cannot be used yet: the service says why, and tries again."""
        site = self._site
        try:
            return await asyncio.to_thread(birth_anchor, site.storage.path, site.evidence, self._name)
        except (ProblemError, OSError) as error:
            log.warning("evidence.no_anchor", why=str(error))
            return None

    @property
    def _name(self) -> str:
        return self._where.source()

    def _evidence(self, outbox: Outbox, cases: CaseBook, clocks: Clocks) -> Evidence:
        return Evidence(
            self._site.storage.path,
            self._site.evidence,
            self._name,
            outbox.consumer(_EVIDENCE),
            cases.is_open,
            lambda: self._config,
            self._status.problem,
            self._uploads.held if self._uploads else _never,
            lambda: clocks.now.synchronised is not False,
        )

    async def _upload(self, uri: str) -> "Asked":
        if self._uploads is None:
            raise UploadRefused(off())
        return await self._uploads.ask(uri)

    async def _keep(self, name: str, make: Callable[[], Service]) -> None:
        """One whose failure holds up nobody else: said, and begun again."""

        def failed(error: Exception, wait: float) -> None:
            if isinstance(error, ProblemError):
                self._status.problem(name, error.problem)  # said when it begins or changes
            else:
                log.error(f"{name}.failed", exc_info=error, again_in_s=round(wait, 1))

        await supervise(name, make, Ladder(Random()), failed)  # noqa: S311 (jitter)
