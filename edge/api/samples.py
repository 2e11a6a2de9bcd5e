"""How the box was: a sample every ten seconds for an hour, and every five minutes for a day."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean

import structlog

from edge.api.watch import Watch
from edge.outbox_file import Statistics
from edge.outbox_problems import OutboxError
from edge.status import Status
from edge.vitals import Gauge

log = structlog.get_logger()

_EVERY = 10.0  # s: a page's line of an hour is some 360 dots wide
_TOGETHER = 30  # samples to one of the day's
_HOUR, _DAY = 360, 288  # how many are kept: together 100 kB and 100 B more for each camera


class Span(StrEnum):
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Sample:
    """time: s since 1970. box: cpu, memory and disk (shares in use), celsius, waiting (rows in the outbox), waiting_s
    (how old the oldest is). cameras: fps and stalls (in the last hour) of each. None: not known."""

    time: float
    box: dict[str, float | None]
    cameras: dict[str, dict[str, float | None]]


@dataclass(slots=True)
class Samples:
    """Bounded. The day's are means."""

    hour: deque[Sample] = field(default_factory=lambda: deque(maxlen=_HOUR))
    day: deque[Sample] = field(default_factory=lambda: deque(maxlen=_DAY))
    _since: int = 0

    def add(self, sample: Sample) -> None:
        self.hour.append(sample)
        self._since += 1
        if self._since >= _TOGETHER:
            self._since = 0
            self.day.append(mean(tuple(self.hour)[-_TOGETHER:]))

    def over(self, span: Span) -> tuple[Sample, ...]:
        """The oldest first."""
        return tuple(self.hour if span is Span.HOUR else self.day)

    @property
    def last(self) -> Sample | None:
        return self.hour[-1] if self.hour else None


class Sampler:
    """A service of the daemon, beside the API."""

    def __init__(
        self,
        samples: Samples,
        gauge: Gauge,
        status: Status,
        watch: Watch,
        waiting: Callable[[], Awaitable[Statistics]],
    ) -> None:
        """waiting: of the outbox."""
        self._samples, self._gauge, self._status, self._watch = samples, gauge, status, watch
        self._waiting = waiting

    async def run(self) -> None:
        """Until it is cancelled."""
        await asyncio.to_thread(self._gauge.read)  # the processor's share counts from here
        while True:
            await asyncio.sleep(_EVERY)
            self._samples.add(await self.take())

    async def take(self) -> Sample:
        vitals = await asyncio.to_thread(self._gauge.read)  # a dying disk answers late
        box = {"cpu": vitals.cpu, "memory": vitals.memory, "disk": vitals.disk, "celsius": vitals.celsius}
        return Sample(time.time(), {**box, **await self._backlog()}, self._cameras())

    async def _backlog(self) -> dict[str, float | None]:
        try:
            found = await self._waiting()
        except OutboxError as error:  # the outbox says it itself, and what else is known is worth telling
            log.warning("samples.no_outbox", code=error.problem.code)
            return {"waiting": None, "waiting_s": None}
        return {"waiting": float(found.pending), "waiting_s": found.oldest_age_s}

    def _cameras(self) -> dict[str, dict[str, float | None]]:
        return {
            name: {"fps": self._watch.fps(name), "stalls": float(counts.stalls_per_hour)}
            for name, counts in self._status.counts.items()
        }


def mean(samples: Iterable[Sample]) -> Sample:
    """Of at least one; as old as the newest."""
    held = tuple(samples)
    names = {name for each in held for name in each.cameras}
    cameras = {name: _means([each.cameras[name] for each in held if name in each.cameras]) for name in names}
    return Sample(held[-1].time, _means([each.box for each in held]), cameras)


def _means(held: list[dict[str, float | None]]) -> dict[str, float | None]:
    return {name: _mean([each.get(name) for each in held]) for name in held[0]}


def _mean(values: list[float | None]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
