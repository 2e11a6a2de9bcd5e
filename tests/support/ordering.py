"""A box that takes orders, with all its real parts but the vision workers."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from pydantic import JsonValue

from edge.fleet import Fleet
from edge.orders.audit import Audit, AuditLine
from edge.orders.box import Box, Who
from edge.orders.errands import Errands
from edge.orders.helm import Helm
from edge.orders.ledger import Ledger
from edge.orders.mutes import Mutes
from edge.orders.office import DIRECT, Orders, Way
from edge.orders.probation import Probation
from edge.orders.scribe import Scribe
from edge.orders.sitefile import SiteFile
from edge.orders.words import Answer
from edge.settings.orders import Permission
from edge.worker.job import CameraJob, Job
from edge.worker.messages import Cut, Fetched, Take, ToWorker
from edge.worker.parent import VisionWorker
from streams.problem import Problem, Text

CAMERAS = ("gate", "pit")
RULES = {"gate": frozenset({"zone"}), "pit": frozenset({"zone", "night"})}
CENTRE = Who("mqtt:county", frozenset(Permission))
_numbers = itertools.count()


class Told:
    """Stands for a worker's process: keeps what it is told, or answers it."""

    def __init__(self, obey: Callable[[ToWorker], None] = lambda _: None) -> None:
        self.orders: list[ToWorker] = []
        self._obey = obey

    def order(self, order: ToWorker) -> None:
        self.orders.append(order)
        self._obey(order)


class Cameras:
    """Stands for a job: only its cameras' names count here."""

    cameras = tuple(cast("CameraJob", type("Named", (), {"name": name})()) for name in CAMERAS)


class Place:
    """Where a box keeps things; another process may come after the first."""

    def __init__(self, storage: Path, site_file: SiteFile | None = None) -> None:
        self.storage, self.site_file = storage, site_file
        self.worker = Told()
        self.now: Callable[[], float] = time.time
        self.report: dict[str, JsonValue] = {"cameras": {}}
        self._box: Box | None = None

    def made(self, probation: Probation | None = None) -> tuple[Orders, Box]:
        fleet = Fleet(cast("tuple[Job, ...]", (Cameras(),)))
        fleet.started(0, cast("VisionWorker", self.worker))
        box = self._box = Box(
            self.storage,
            fleet,
            Errands(fleet),
            Helm(),
            Mutes(self.storage / "mutes.json"),
            lambda: self.report,
            RULES,
            self.site_file,
        )
        scribe = Scribe(partial(Ledger, self.storage / "orders.sqlite"), Audit(self.storage / "audit.jsonl"))
        return Orders(box, scribe, probation, clock=self._clock), box

    def fetches_nothing(self) -> None:
        """What the worker says to every errand that waits."""
        problem = Problem("x.y", Text("nothing", "无"), Text("wait", "等待"))
        for order in self.worker.orders:
            if isinstance(order, Take | Cut) and self._box is not None:
                self._box.errands.heard(Fetched(errand=order.errand, problem=problem))

    def _clock(self) -> float:
        return self.now()

    def audited(self) -> list[AuditLine]:
        lines = (self.storage / "audit.jsonl").read_text().splitlines()
        return [AuditLine.model_validate_json(line) for line in lines]

    def spoken(self) -> list[tuple[str, str, str | None]]:
        return [(line.command, line.outcome, line.code) for line in self.audited()]


@asynccontextmanager
async def working(orders: Orders) -> AsyncIterator[Orders]:
    """Until the block is left; then as a box that stops."""
    task = asyncio.create_task(orders.run())
    await asyncio.sleep(0)
    while orders._scribe._ledger is None and not task.done():
        await asyncio.sleep(0.005)
    try:
        yield orders
    finally:
        task.cancel()
        results = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError), results


def asked(**fields: JsonValue) -> dict[str, JsonValue]:
    """A request that is well formed."""
    return {"id": f"o{next(_numbers)}", "expires": time.time() + 60, **fields}


async def answers(
    orders: Orders, name: str, fields: dict[str, JsonValue], who: Who = CENTRE, way: Way = DIRECT
) -> list[Answer]:
    async with asyncio.timeout(60):
        return [answer async for answer in orders.ask(name, fields, who, way)]


async def last(orders: Orders, name: str, fields: dict[str, JsonValue], who: Who = CENTRE) -> Any:
    return (await answers(orders, name, fields, who))[-1]


def as_json(answer: Answer) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.model_dump_json())
    return read
