"""The main process: vision workers -> outbox -> centres. It never touches a pixel.

worker process      reader -> Latest[Frame] -> look -> track -> rules -> snapshot -> Found
here                Found -> Intake -> Outbox.append (committed) -> a publisher per centre, the case book, the chain of
                    evidence

What sees (edge.sight) lives as long as the daemon. What works on the outbox (edge.shift) is put away and opened anew
where another site file changes it; events wait meanwhile.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Coroutine, Iterator
from typing import Any

import structlog

from edge import logs
from edge.casebook import LASTING
from edge.centres import address
from edge.crew import Crew
from edge.envelope import Occurrence
from edge.fleet import Fleet
from edge.intake import Intake
from edge.liveness import Liveness
from edge.mqtt_address import BrokerAddress
from edge.origin import Origin
from edge.plan import Plan
from edge.reload.difference import Difference
from edge.reload.service import Reload, Settings
from edge.settings.model import Site
from edge.shift import Shift, Standing
from edge.sight import Sight
from edge.status import Status
from edge.worker.job import Shares
from edge.worker.messages import Fetched
from streams.problem import Language

log = structlog.get_logger()


class Daemon:
    """A site, running. `run` returns after `stop` is set and everything has been put away."""

    def __init__(
        self, site: Site, plan: Plan, broker: BrokerAddress, language: Language, origin: Origin
    ) -> None:
        """broker: of the first centre (edge.centres.address). Raises OSError where the site file cannot be read."""
        self.now = Settings(site, plan)
        self.status = Status(language)
        self._fleet, self._intake = Fleet(plan.jobs), Intake(self.status)
        self._sight = Sight(self._fleet, self.status, self._intake, self._fetched)
        feed, helm, boot_id = self._sight.feed, self._sight.helm, uuid.uuid4().hex
        self._standing = Standing(origin, self._fleet, feed, self.status, self._intake, helm, boot_id)
        self._shift = Shift(site, broker, self._standing)
        self._liveness = Liveness(self.status, self._intake, self._sight.hearing)
        self._reload = (
            Reload(origin.file, origin.reload, self, self.status, self._liveness.ready)
            if origin.reload
            else None
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Raises Hopeless where a worker cannot do its job at all, OutboxBroken where the disk refuses."""
        await self._shift.begin()
        watch = Crew()
        try:
            await self._intake.close_orphans("restart", None, self._goes_on)
            self._sight.begin(self.now.site)
            watch.begin("liveness", self._liveness.run())
            if self._reload is not None:
                await self._reload.begun()
            while await self._moment(stop, watch):
                pass
            log.info("daemon.stopping", cameras=self.status.summary())
        finally:
            await watch.end_all()
            await self._sight.end()
            await self._shift.end()

    @property
    def online(self) -> bool:
        return self._shift.online

    @property
    def shares(self) -> Shares:
        return self._fleet.shares

    async def change(self, to: Settings, what: Difference) -> None:
        """Only what differs. Raises what the desks cannot be opened with; what sees is as it was then."""
        if what.desks:
            await self._shift.end()
            self._shift = Shift(to.site, address(to.site), self._standing)
            await self._shift.begin()
        else:
            self._shift.seat(to.site)
        await self._sight.change(to.site, to.plan, what)
        if "log" in what.sections:
            logs.configure(to.site.log.level, to.site.log.format)
        self.now = to

    async def _moment(self, stop: asyncio.Event, watch: Crew) -> bool:
        """Until something has to be done; whether it was, and we go on. A service that ends ends the daemon, with its error."""
        with (
            _asked(stop.wait()) as stopping,
            _asked(self._reload.next() if self._reload else None) as another,
        ):
            services = [*watch.tasks, *self._sight.crew.tasks, *self._shift.crew.tasks]
            waited: list[asyncio.Future[Any]] = [stopping, another, *services]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                return False
            if failed := [task for task in services if task.done()]:
                return await self._went_back(failed[0])
            another.result()
        assert self._reload is not None
        await self._reload.take()
        return True

    async def _went_back(self, failed: asyncio.Task[None]) -> bool:
        """Where it is the settings that it failed of, those before are in force again. Raises its error where not."""
        error = failed.exception()
        if not isinstance(error, Exception) or self._reload is None:
            failed.result()
            return False
        if not await self._reload.back(error, desks=failed in self._shift.crew.tasks):
            raise error
        return True

    def _fetched(self, message: Fetched) -> None:
        self._shift.fetched(message)

    def _goes_on(self, case: Occurrence) -> bool:
        """What lasts, and a worker will know of."""
        grounded = {camera.name for job in self.now.plan.jobs for camera in job.cameras if camera.land}
        return case.type in LASTING and case.camera in grounded


@contextlib.contextmanager
def _asked(work: Coroutine[Any, Any, object] | None) -> Iterator[asyncio.Future[object]]:
    """Beside the body. None: what never happens."""
    future = asyncio.get_running_loop().create_future() if work is None else asyncio.ensure_future(work)
    try:
        yield future
    finally:
        future.cancel()
