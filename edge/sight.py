"""What sees: the vision workers, and what the cameras say of themselves. It lives as long as the daemon; of a change of the
site file it takes what differs, and every other camera goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import structlog

from edge.casebook import LASTING
from edge.crew import Crew
from edge.envelope import Occurrence
from edge.fleet import Fleet
from edge.intake import Intake
from edge.live import PacketFeed
from edge.liveness import Hearing
from edge.orders.helm import Helm
from edge.plan import Plan
from edge.reload.difference import Difference
from edge.settings.model import Site
from edge.status import Status
from edge.supervisor import supervise
from edge.worker.messages import Beat, CameraStatus, Fetched, Found, FromWorker, Ready, Refused, Trouble
from edge.worker.parent import VisionWorker
from streams.onvif.errors import OnvifError
from streams.onvif.spec import OnvifSpec
from streams.retry import Ladder

_FIRST_RESTART = 0.5  # s: a worker that died is back within 2 s, of which its start takes more than one
_SLOWEST_RESTART = 30.0  # s: a worker that dies at every start must not eat the box
_RETIRE = (
    10.0  # s for a worker whose last camera was removed to end its events: what a worker may be silent for
)

log = structlog.get_logger()


class Sight:
    """fetched: told what came of errands."""

    def __init__(
        self, fleet: Fleet, status: Status, intake: Intake, fetched: Callable[[Fetched], None]
    ) -> None:
        self.feed, self.hearing, self.helm = PacketFeed(fleet), Hearing(), Helm()
        self.crew = Crew()
        self._fleet, self._status, self._intake, self._fetched = fleet, status, intake, fetched
        self._removed: dict[int, set[str]] = {}
        self._emptied: dict[int, asyncio.Event] = {}

    def begin(self, site: Site) -> None:
        for number in sorted(self._fleet.running):
            self._start(number)
        self._ask(site, frozenset(stream.name for stream in site.streams))

    async def change(self, site: Site, plan: Plan, what: Difference) -> None:
        """From one checked site file to the next."""
        silent = what.removed | what.control
        await self.crew.end(*(f"onvif-{camera}" for camera in silent))
        if what.workers:
            await self._exchange_all(plan, what)
        else:
            await self._exchange(plan, what)
        for camera in silent:
            self.helm.leaves(camera)
        for camera in what.removed:
            self._status.forget(camera)
        self._ask(site, what.added | what.control)

    async def end(self) -> None:
        """The workers have told what they had open when it returns."""
        names = [task.get_name() for task in self.crew.tasks]
        await self.crew.end(*names)

    async def _exchange(self, plan: Plan, what: Difference) -> None:
        before, running = self._fleet.shares, self._fleet.running
        self._fleet.take(plan.jobs)
        for number in sorted(running):
            gone = before[number] - self._fleet.shares[number]
            self._removed.setdefault(number, set()).update(gone)
            anew, rules = what.anew & before[number], what.rules & before[number]
            if anew or rules or before[number] != self._fleet.shares[number] or "log" in what.sections:
                self._fleet.tell(number, anew, rules)
        for number in sorted(running - self._fleet.running):
            await self._retire(number)
        for number in sorted(self._fleet.running - running):
            self._start(number)

    async def _exchange_all(self, plan: Plan, what: Difference) -> None:
        await self.crew.end(*(f"worker-{number}" for number in self._fleet.running))
        self._fleet.take(plan.jobs)
        for camera in what.removed:
            await self._close_orphans("removed", camera)
        for number in sorted(self._fleet.running):
            self._start(number)

    async def _retire(self, number: int) -> None:
        """Once it has ended the events of its last cameras."""
        try:
            async with asyncio.timeout(_RETIRE):
                await self._emptied[number].wait()
        except TimeoutError:
            log.warning("worker.retired_unheard", worker=number)
        await self.crew.end(f"worker-{number}")
        await self._forsake(number)

    def _start(self, number: int) -> None:
        self._emptied[number] = asyncio.Event()
        self.crew.begin(f"worker-{number}", self._keep_running(number))

    def _ask(self, site: Site, cameras: frozenset[str]) -> None:
        for stream in site.streams:
            if stream.onvif is not None and stream.enabled and stream.name in cameras:
                self.crew.begin(f"onvif-{stream.name}", self._keep_asking(stream.name, stream.onvif))

    async def _keep_asking(self, camera: str, spec: OnvifSpec) -> None:
        """The camera's ONVIF, for as long as we run."""
        from edge.control import service  # noqa: PLC0415 (a site without ONVIF never pays for zeep)

        def failed(error: Exception, wait: float) -> None:
            log.warning("onvif.lost", camera=camera, why=str(error), again_in_s=round(wait, 1))
            if isinstance(error, OnvifError):
                self._status.problem("onvif", error.problem(camera), camera=camera)

        ladder = Ladder(Random())  # noqa: S311 (jitter)
        make = service(camera, spec, self._fleet, self._status, self.helm)
        await supervise(f"onvif-{camera}", make, ladder, failed)

    async def _keep_running(self, number: int) -> None:
        """One worker after another, for as long as we run."""

        async def receive(message: FromWorker) -> None:
            with self.hearing.message(number):
                await self._receive(message, number)

        def died(error: Exception, wait: float) -> None:
            self._status.worker_died(number, error, wait)

        async def watched() -> None:
            try:
                worker = VisionWorker(self._fleet.job(number), receive, self.feed.take)
                self._fleet.started(number, worker)
                with self.hearing.worker(number):
                    await worker.run()
            finally:
                self._fleet.gone(number)
                # Whatever the worker had under way, it can no longer end; what lasts, the next one goes on with.
                for camera in self._fleet.shares[number] | self._removed.get(number, set()):
                    await self._close_orphans("worker_lost", camera, lambda case: case.type in LASTING)

        ladder = Ladder(Random(), first=_FIRST_RESTART, cap=_SLOWEST_RESTART)  # noqa: S311 (jitter)
        await supervise(f"worker-{number}", lambda: _Run(watched()), ladder, died)

    async def _receive(self, message: FromWorker, number: int) -> None:
        match message:
            case Found(occurrence=occurrence):
                await self._intake.store(occurrence)
            case CameraStatus():
                if message.camera.removesuffix("/record") in self._fleet.cameras:
                    self._status.camera(message)
            case Trouble():
                if message.camera is None or message.camera in self._fleet.cameras:
                    self._status.trouble(message)
            case Beat():
                kept = (
                    message.cameras.keys() & self._fleet.cameras
                )  # one that is removed may be told of once more
                told = {camera: message.cameras[camera] for camera in kept}
                self._status.beat(message.model_copy(update={"cameras": told}))
            case Fetched():
                self._fetched(message)
            case Ready():
                await self._ready(message, number)
            case Refused():  # VisionWorker.run raises it instead of handing it on
                self._status.problem("worker", message.problem)

    async def _ready(self, message: Ready, number: int) -> None:
        """It watches what it was told last, and has told what it had open of what was removed."""
        log.info("worker.ready", pid=message.pid, cameras=sorted(self._fleet.shares[number]))
        self._fleet.ready(number)
        await self._forsake(number)
        for camera in self._fleet.shares[number]:  # what lasts and nobody knows any more
            await self._close_orphans("lost", camera, lambda case: not _lost(case, message.goes_on))
        if not self._fleet.shares[number]:
            self._emptied[number].set()

    async def _forsake(self, number: int) -> None:
        for camera in self._removed.pop(number, set()) - self._fleet.cameras:
            await self._close_orphans("removed", camera)

    async def _close_orphans(
        self, reason: str, camera: str, spare: Callable[[Occurrence], bool] = lambda _: False
    ) -> None:
        await self._intake.close_orphans(reason, camera, spare)


def _lost(case: Occurrence, goes_on: tuple[str, ...]) -> bool:
    """Whether it outlasts a restart, and the worker that started does not know it."""
    return case.type in LASTING and case.event_id not in goes_on


class _Run:
    """A coroutine as a Service."""

    def __init__(self, work: Awaitable[None]) -> None:
        self._work = work

    async def run(self) -> None:
        await self._work
