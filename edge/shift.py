"""The desks and the front of one site file, from their opening until they are put away. What sees goes on meanwhile."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.api.samples import Samples
from edge.crew import Crew
from edge.desks import Desks
from edge.envelope import Occurrence
from edge.fleet import Fleet
from edge.intake import Intake
from edge.live import PacketFeed
from edge.mqtt_address import BrokerAddress
from edge.orders.helm import Helm
from edge.origin import Origin
from edge.outbox import Outbox
from edge.settings.centres import FIRST
from edge.settings.model import Site
from edge.status import Status
from edge.worker.messages import Fetched
from streams.problem import Misconfigured, Problem, Text

if TYPE_CHECKING:
    from edge.talk.house import Front


@dataclass(frozen=True, slots=True)
class Standing:
    """What goes on whatever becomes of the site file."""

    origin: Origin
    fleet: Fleet
    feed: PacketFeed
    status: Status
    intake: Intake
    helm: Helm
    boot_id: str
    samples: Samples = field(default_factory=Samples)


class Shift:
    """Single use."""

    def __init__(self, site: Site, broker: BrokerAddress, standing: Standing) -> None:
        """broker: of the first centre (edge.centres.address). Raises OSError where the site file cannot be read."""
        self._site, self._standing = site, standing
        self.crew = Crew()
        self._desks = Desks(
            site,
            broker,
            standing.origin,
            standing.fleet,
            standing.status,
            standing.boot_id,
            standing.helm,
            standing.samples,
        )
        self._front = _front(site)
        if self._front is not None:
            self._desks.talk(self._front.take)
            self._desks.passes = self._front.passes
        self._open = AsyncExitStack()

    @property
    def online(self) -> bool:
        """Whether the first centre's broker is connected."""
        return self._desks.commands[FIRST].online.is_set()

    async def begin(self) -> None:
        """Raises OutboxError, StoreError or Misconfigured; nothing is open then."""
        try:
            await self._begin()
        except BaseException:
            await self.end()
            raise

    async def end(self) -> None:
        """Events wait from now on. Who began last is put away first."""
        await self._standing.intake.shut()
        await self.crew.end_all()
        await self._open.aclose()

    def seat(self, site: Site) -> None:
        """Of a site that differs in its cameras alone."""
        self._site = site
        self._desks.seat(site)
        if self._front is not None:
            self._front.seat(site)

    def fetched(self, message: Fetched) -> None:
        self._desks.ordered.errands.heard(message)

    async def _begin(self) -> None:
        standing = self._standing
        outbox = await self._open.enter_async_context(await self._outbox())
        await standing.intake.open(outbox, self._stored)
        abilities = ("events", "cases", "commands", *(("talk",) if self._front else ()))
        services = await self._open.enter_async_context(self._desks.open(outbox, abilities))
        for name, work in services.items():
            self.crew.begin(name, _run(work))
        if self._front is not None:
            talk = self._front.keep(
                self._site,
                standing.feed,
                standing.status,
                self._desks.commands[FIRST],
                more=self._desks.routes,
            )
            self.crew.begin("talk", talk)

    async def _outbox(self) -> Outbox:
        path = self._site.storage.path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(_no_storage(str(path), error)) from error
        outbox = await self._desks.outbox()
        if outbox.recovered is not None:
            self._standing.status.problem("outbox", outbox.recovered)
        return outbox

    def _stored(self, occurrence: Occurrence) -> None:
        if self._front is not None and not self._desks.muted(occurrence):
            self._front.event(occurrence)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def _front(site: Site) -> "Front | None":
    """None where nobody talks and nobody connects: such a box never pays for WebRTC."""
    if not site.talk.groups and site.http is None:
        return None
    from edge.talk.house import Front  # noqa: PLC0415

    return Front()


def _no_storage(path: str, error: OSError) -> Problem:
    return Problem(
        "storage.path",
        Text(f"storage.path: {path}: {error.strerror}", f"storage.path：{path}：{error.strerror}"),
        Text(
            "give a folder that the daemon's user may write to",
            "请指定守护进程的用户可以写入的目录",
        ),
    )
