"""The faults of the schedule, carried out on the stage."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.soak.box import Box
from bench.soak.schedule import Fault, Kind
from tests.support.mosquitto import Mosquitto
from tests.support.proxy import FaultyLine, garbled_pictures, without_pictures
from tests.support.rtsp import RtspServer

_SHARE = 0.01  # of the bytes of a picture: hardly any of them can be decoded then
_JUMP = 3600.0  # s forward, and back when the fault ends
_FPS = re.compile(r"(?m)^    fps: ([12])$")

Act = Callable[[Fault], Coroutine[None, None, frozenset[str]]]
_NO_CAMERA = frozenset({"-"})


@dataclass(frozen=True, slots=True)
class Done:
    """A fault that was carried out, from s to s of time.monotonic. cameras: whose pictures it touches; all: empty."""

    kind: Kind
    began: float
    ended: float
    cameras: frozenset[str]


@dataclass
class Stage:
    """lines: to the cameras, by name. servers: each of every len(servers)-th line."""

    box: Box
    broker: Mosquitto
    link: FaultyLine
    lines: dict[str, FaultyLine]
    servers: Sequence[RtspServer]
    done: list[Done] = field(default_factory=list)

    async def carry_out(self, fault: Fault) -> None:
        """And back."""
        began = time.monotonic()
        cameras = await self._acts()[fault.kind](fault)
        self.done.append(Done(fault.kind, began, time.monotonic(), cameras))

    def _acts(self) -> dict[Kind, Act]:
        return {
            Kind.RESET: self._reset,
            Kind.STALL: self._stall,
            Kind.GARBLED: self._garbled,
            Kind.BLANK: self._blank,
            Kind.POWER: self._power,
            Kind.BROKER_CUT: self._cut,
            Kind.BROKER_STALL: self._silent,
            Kind.BROKER_KILLED: self._killed,
            Kind.WORKER: self._worker,
            Kind.DISK: self._disk,
            Kind.CLOCK: self._clock,
            Kind.RELOAD: self._reload,
        }

    def _line(self, fault: Fault) -> tuple[str, FaultyLine]:
        return list(self.lines.items())[fault.target % len(self.lines)]

    async def _reset(self, fault: Fault) -> frozenset[str]:
        name, line = self._line(fault)
        line.reset()
        return frozenset({name})

    async def _stall(self, fault: Fault) -> frozenset[str]:
        name, line = self._line(fault)
        line.stall()
        await asyncio.sleep(fault.lasts)
        line.resume()
        return frozenset({name})

    async def _garbled(self, fault: Fault) -> frozenset[str]:
        name, line = self._line(fault)
        line.rtp = garbled_pictures(fault.target, _SHARE)
        await asyncio.sleep(fault.lasts)
        line.rtp = None
        return frozenset({name})

    async def _blank(self, fault: Fault) -> frozenset[str]:
        name, line = self._line(fault)
        line.rtp = without_pictures
        await asyncio.sleep(fault.lasts)
        line.rtp = None
        return frozenset({name})

    async def _power(self, fault: Fault) -> frozenset[str]:
        number = fault.target % len(self.servers)
        server = self.servers[number]
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(fault.lasts)
        await asyncio.to_thread(server.start)
        return frozenset(name for at, name in enumerate(self.lines) if at % len(self.servers) == number)

    async def _cut(self, fault: Fault) -> frozenset[str]:
        """Refused all the while: what connects is thrown out."""
        until = time.monotonic() + fault.lasts
        while time.monotonic() < until:
            self.link.reset()
            await asyncio.sleep(0.1)
        return _NO_CAMERA

    async def _silent(self, fault: Fault) -> frozenset[str]:
        self.link.stall()
        await asyncio.sleep(fault.lasts)
        self.link.resume()
        return _NO_CAMERA

    async def _killed(self, fault: Fault) -> frozenset[str]:
        await asyncio.to_thread(self.broker.kill)
        await asyncio.sleep(fault.lasts)
        await asyncio.to_thread(self.broker.start)
        return _NO_CAMERA

    async def _worker(self, fault: Fault) -> frozenset[str]:
        workers = self.box.workers()
        if workers:
            os.kill(workers[fault.target % len(workers)], signal.SIGKILL)
        return frozenset()

    async def _disk(self, fault: Fault) -> frozenset[str]:
        await asyncio.to_thread(self.box.room.fill)
        await asyncio.sleep(fault.lasts)
        self.box.room.empty()
        return frozenset()

    async def _clock(self, fault: Fault) -> frozenset[str]:
        self.box.shift(_JUMP if fault.target % 2 else -_JUMP)
        await asyncio.sleep(fault.lasts)
        self.box.shift(0.0)
        return frozenset()

    async def _reload(self, fault: Fault) -> frozenset[str]:
        """One camera is to look at 1 picture a second instead of 2, or the other way round; by a new file in its place."""
        text = self.box.site_file.read_text(encoding="utf-8")
        places = list(_FPS.finditer(text))
        number = fault.target % len(places)
        at = places[number].start(1)
        _replace(self.box.site_file, f"{text[:at]}{'1' if text[at] == '2' else '2'}{text[at + 1 :]}")
        return frozenset({list(self.lines)[number]})


def _replace(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.rename(file)
