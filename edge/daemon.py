"""The main process: vision workers -> outbox -> centres. It never touches a pixel.

worker process      reader -> Latest[Frame] -> look -> track -> rules -> snapshot -> Found
here                Found -> Outbox.append (committed) -> a publisher per centre, the case book, the chain of evidence
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import structlog

from edge.casebook import LASTING
from edge.desks import Desks, Origin, Services
from edge.envelope import Occurrence
from edge.fleet import Fleet
from edge.live import PacketFeed
from edge.liveness import Hearing, Liveness
from edge.mqtt_address import BrokerAddress
from edge.outbox import Outbox
from edge.outbox_file import Outcome, Spare
from edge.outbox_problems import OutboxError
from edge.plan import Plan
from edge.settings.centres import FIRST
from edge.settings.model import Site
from edge.status import Status
from edge.supervisor import supervise
from edge.worker.job import Job
from edge.worker.messages import Beat, CameraStatus, Fetched, Found, FromWorker, Ready, Refused, Trouble
from edge.worker.parent import VisionWorker
from streams.onvif.errors import OnvifError
from streams.onvif.spec import OnvifSpec
from streams.problem import Language, Misconfigured, Problem, Text
from streams.retry import Ladder

if TYPE_CHECKING:
    from edge.talk.house import Front

_FIRST_RESTART = 0.5  # s: a worker that died is back within 2 s, of which its start takes more than one
_SLOWEST_RESTART = 30.0  # s: a worker that dies at every start must not eat the box

_DISK_PATIENCE = 5.0  # s between two tries to store an event on a full disk: time for somebody to make room

log = structlog.get_logger()


class Daemon:
    """A site, running. `run` returns after `stop` is set and everything has been put away."""

    def __init__(
        self, site: Site, plan: Plan, broker: BrokerAddress, language: Language, origin: Origin
    ) -> None:
        """broker: of the first centre (edge.centres.address). Raises OSError where the site file cannot be read."""
        self._site = site
        self._plan = plan
        self._fleet = Fleet(plan.jobs)
        self.feed = PacketFeed(self._fleet)
        self.status = Status(language)
        self._hearing = Hearing()
        self._desks = Desks(site, broker, origin, self._fleet, self.status, uuid.uuid4().hex)
        self._front = _front(site)
        if self._front is not None:
            self._desks.talk(self._front.take)

    async def run(self, stop: asyncio.Event) -> None:
        """Raises Hopeless where a worker cannot do its job at all, OutboxBroken where the disk refuses."""
        abilities = ("events", "cases", "commands", *(("talk",) if self._front else ()))
        async with (
            await self._open_outbox() as outbox,
            self._desks.open(outbox, abilities) as services,
            contextlib.AsyncExitStack() as running,
        ):
            watched = []
            for name, work in self._services(services, outbox).items():
                watched.append(await running.enter_async_context(_beside(work(), name)))
            await _until(stop, watched)
            log.info("daemon.stopping", cameras=self.status.summary())

    def _services(self, desks: Services, outbox: Outbox) -> Services:
        """All that runs, in the order of starting: who stops first comes last."""
        services = dict(desks)
        for number, job in enumerate(self._plan.jobs):
            services[f"worker-{number}"] = partial(self._keep_running, number, job, outbox)
        for stream in self._site.streams:
            if stream.onvif is not None:
                services[f"onvif-{stream.name}"] = partial(self._keep_asking, stream.name, stream.onvif)
        if self._front is not None:
            ringing = self._desks.commands[FIRST]
            services["talk"] = partial(
                self._front.keep, self._site, self.feed, self.status, ringing, more=self._desks.routes
            )
        services["liveness"] = Liveness(self.status, outbox, self._hearing).run
        return services

    async def _open_outbox(self) -> Outbox:
        storage = self._site.storage
        try:
            storage.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(_no_storage(storage.path, error)) from error
        outbox = await self._desks.outbox()
        if outbox.recovered is not None:
            self.status.problem("outbox", outbox.recovered)
        grounded = {camera.name for job in self._plan.jobs for camera in job.cameras if camera.land}
        await _close_orphans(
            outbox, "restart", None, lambda case: case.type in LASTING and case.camera in grounded
        )
        return outbox

    async def _keep_asking(self, camera: str, spec: OnvifSpec) -> None:
        """The camera's ONVIF, for as long as we run."""
        from edge.control import service  # noqa: PLC0415 (a site without ONVIF never pays for zeep)

        def failed(error: Exception, wait: float) -> None:
            log.warning("onvif.lost", camera=camera, why=str(error), again_in_s=round(wait, 1))
            if isinstance(error, OnvifError):
                self.status.problem("onvif", error.problem(camera), camera=camera)

        ladder = Ladder(Random())  # noqa: S311 (jitter)
        await supervise(
            f"onvif-{camera}",
            service(camera, spec, self._fleet, self.status, self._desks.ordered.helm),
            ladder,
            failed,
        )

    async def _keep_running(self, number: int, job: Job, outbox: Outbox) -> None:
        """One worker after another, for as long as we run."""

        async def receive(message: FromWorker) -> None:
            with self._hearing.message(number):
                await self._receive(message, outbox)
            if isinstance(message, Ready):
                self._fleet.ready(number)
                for camera in job.cameras:  # what lasts and nobody knows any more
                    await _close_orphans(
                        outbox, "lost", camera.name, lambda case: not _lost(case, message.goes_on)
                    )

        def died(error: Exception, wait: float) -> None:
            self.status.worker_died(number, error, wait)

        async def watched() -> None:
            try:
                worker = VisionWorker(job, receive, self.feed.take)
                self._fleet.started(number, worker)
                with self._hearing.worker(number):
                    await worker.run()
            finally:
                # Whatever the worker had under way, it can no longer end; what lasts, the next one goes on with.
                for camera in job.cameras:
                    await _close_orphans(
                        outbox, "worker_lost", camera.name, lambda case: case.type in LASTING
                    )

        ladder = Ladder(Random(), first=_FIRST_RESTART, cap=_SLOWEST_RESTART)  # noqa: S311 (jitter)
        await supervise(f"worker-{number}", lambda: _Run(watched()), ladder, died)

    async def _receive(self, message: FromWorker, outbox: Outbox) -> None:
        match message:
            case Found(occurrence=occurrence):
                await self._store(occurrence, outbox)
            case CameraStatus():
                self.status.camera(message)
            case Trouble():
                self.status.trouble(message)
            case Beat():
                self.status.beat(message)
            case Fetched():
                self._desks.ordered.errands.heard(message)
            case Ready():
                log.info("worker.ready", pid=message.pid)
            case Refused():  # VisionWorker.run raises it instead of handing it on
                self.status.problem("worker", message.problem)

    async def _store(self, occurrence: Occurrence, outbox: Outbox) -> None:
        """Until it is on disk: while there is no room, the worker waits and pictures are dropped, no event is."""
        while True:
            try:
                receipt = await outbox.append(occurrence)
            except OutboxError as refused:
                self.status.problem("outbox", refused.problem)
                await self._wait_for_room(occurrence)
                continue
            self.status.problem("outbox", None)
            if receipt.outcome is Outcome.STORED:
                self.status.event(occurrence, receipt.seq)
                if self._front is not None and not self._desks.muted(occurrence):
                    self._front.event(occurrence)
            return

    async def _wait_for_room(self, occurrence: Occurrence) -> None:
        try:
            await asyncio.sleep(_DISK_PATIENCE)
        except asyncio.CancelledError:
            log.error(
                "outbox.lost",
                id=occurrence.id,
                camera=occurrence.camera,
                why="stopped before it could be stored",
            )
            raise


def _front(site: Site) -> "Front | None":
    """None where nobody talks and nobody connects: such a box never pays for WebRTC."""
    if not site.talk.groups and site.http is None:
        return None
    from edge.talk.house import Front  # noqa: PLC0415

    return Front()


def _lost(case: Occurrence, goes_on: tuple[str, ...]) -> bool:
    """Whether it outlasts a restart, and the worker that started does not know it."""
    return case.type in LASTING and case.event_id not in goes_on


async def _close_orphans(outbox: Outbox, reason: str, camera: str | None, spare: Spare) -> None:
    """END the events nobody watches any more: of one camera, or of a daemon that died in their midst."""
    orphans = await outbox.close_orphans(reason, camera, spare)
    if orphans:
        log.info("outbox.closed_orphans", events=len(orphans), reason=reason, camera=camera)


def _no_storage(path: Path, error: OSError) -> Problem:
    return Problem(
        "storage.path",
        Text(f"storage.path: {path}: {error.strerror}", f"storage.path：{path}：{error.strerror}"),
        Text(
            "give a folder that the daemon's user may write to",
            "请指定守护进程的用户可以写入的目录",
        ),
    )


class _Run:
    """A coroutine as a Service."""

    def __init__(self, work: Awaitable[None]) -> None:
        self._work = work

    async def run(self) -> None:
        await self._work


@contextlib.asynccontextmanager
async def _beside(work: Awaitable[None], name: str) -> AsyncIterator[asyncio.Future[None]]:
    """Run `work` beside the body; when the body is left, cancel it and wait until it has put things away."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is not None:
            log.error("service.failed", service=name, error=str(task.exception()))


async def _until(stop: asyncio.Event, watched: list[asyncio.Future[None]]) -> None:
    """Wait for the stop; a service that ends before it ends the daemon, with its error."""
    stopping = asyncio.ensure_future(stop.wait())
    waited: list[asyncio.Future[Any]] = [stopping, *watched]
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    for service in watched:
        if service.done():
            service.result()
