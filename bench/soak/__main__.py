"""python -m bench.soak [--seconds S] [--cameras N] [--seed N] [--json FILE]. Ends with 1 where something did not hold."""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
from rich.console import Console

from bench.soak.box import Box, Sample
from bench.soak.centre import Centre
from bench.soak.faults import Stage
from bench.soak.operators import GROUP, MEMBERS, TOKEN, Operators
from bench.soak.room import Room, room
from bench.soak.schedule import Fault, Kind, schedule
from bench.soak.seen import courses, outages, waited
from bench.soak.verdict import LADDER, Findings, document, invariants, show
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.proxy import FaultyLine
from tests.support.remade import remade
from tests.support.rtsp import RtspServer

_PER_SERVER = 6  # cameras that lose their power together
_DISK = 1024  # MB: room for a minute of proof of 24 busy cameras beyond what is to be kept, which is looked at each minute
_START = 180.0  # s until all are live: 24 decoders start on two cores
_SAMPLE = 5.0  # s
_GAP = (3.0, 9.0)  # s between two faults
_WARM = 600.0  # s until memory and the like have to stand still: six cameras take five minutes
_DRAIN = 240.0  # s: what a dead broker had taken is sent again after 60 s, and again after 120


def main() -> int:
    options = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is put away
    console = Console(width=160)
    with tempfile.TemporaryDirectory(prefix="soak-") as made, ExitStack() as stack:
        place = stack.enter_context(room(Path(made) / "storage", _DISK))
        stage = _stage(stack, Path(made), place, options.cameras)
        try:
            found = asyncio.run(_Soak(stage, options).run())
        finally:
            if options.json:
                options.json.with_suffix(".log").write_text("".join(stage.box.raw), encoding="utf-8")
    held = list(invariants(found, _WARM))
    if options.json:
        options.json.write_text(document(found, held) + "\n", encoding="utf-8")
    show(found, held, console)
    return 1 if any(each.held is False for each in held) else 0


class _Soak:
    def __init__(self, stage: Stage, options: argparse.Namespace) -> None:
        self._stage, self._options = stage, options
        self._samples: list[Sample] = []
        self._broken: BaseException | None = None
        self._centre = Centre(stage.broker.port)
        self._operators = Operators(stage.box.url, tuple(stage.lines), options.seed)

    async def run(self) -> Findings:
        stage = self._stage
        listening = asyncio.create_task(self._centre.run())
        listening.add_done_callback(self._failed)
        stage.box.start()
        await self._until(_START, "not all cameras came", lambda: len(stage.box.live()) == len(stage.lines))
        began = time.monotonic()
        visiting = asyncio.create_task(self._operators.run())
        sampling = asyncio.create_task(self._sample(began))
        await self._play(began)
        await asyncio.sleep(LADDER)
        await _over(visiting, sampling)
        await self._until(_DRAIN, None, lambda: not self._missing())
        if missing := sorted(self._missing()):
            sys.stderr.write(f"missing after {_DRAIN:.0f} s: {missing[:30]}\n")
        chain, entries = await asyncio.to_thread(self._verified)
        ended = await asyncio.to_thread(stage.box.stop)
        await self._until(5.0, None, lambda: not self._missing())
        await _over(listening)
        return self._found(time.monotonic() - began, chain, entries, ended)

    def _failed(self, task: asyncio.Task[None]) -> None:
        """A centre that fails would make a gateway look bad."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error

    async def _play(self, began: float) -> None:
        kinds = [kind for kind in Kind if kind is not Kind.DISK or self._stage.box.room.small]
        going: set[asyncio.Task[None]] = set()
        for fault in schedule(self._options.seed, self._options.seconds, kinds, _GAP):
            await asyncio.sleep(began + fault.at - time.monotonic())
            if self._broken is not None:
                raise self._broken
            if not self._stage.box.alive:
                break
            _say(began, fault, self._samples)
            going.add(asyncio.create_task(self._stage.carry_out(fault)))
        await asyncio.gather(*going)

    async def _sample(self, began: float) -> None:
        while True:
            try:
                self._samples.append(await asyncio.to_thread(self._stage.box.sample, began))
            except (psutil.Error, OSError):
                return  # it is gone, which its exit code tells
            await asyncio.sleep(_SAMPLE)

    def _stored(self) -> dict[int, float]:
        return {
            int(line["seq"]): float(line["heard"])
            for line in self._stage.box.lines
            if line["event"] == "event.stored"
        }

    def _missing(self) -> set[int]:
        return self._stored().keys() - self._centre.first.keys()

    def _verified(self) -> tuple[list[str], int]:
        """As an auditor does it, beside the running gateway."""
        room = self._stage.box.room
        command = [*room.prefix, sys.executable, "-m", "edge", "evidence", "verify", "--json", str(room.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.stdout:
            return [done.stderr], 0
        told = json.loads(done.stdout)
        return [f"{each['fault']} {each['what']}" for each in told["findings"]], told["entries"]

    async def _until(self, patience: float, words: str | None, so: Callable[[], bool]) -> None:
        """words: what it means that it did not come; None: it is looked at later."""
        end = time.monotonic() + patience
        while not so():
            if self._broken is not None:
                raise self._broken
            if time.monotonic() > end or not self._stage.box.alive:
                if words is not None:
                    raise RuntimeError(f"{words}: {self._stage.box.raw[-5:]}")
                return
            await asyncio.sleep(0.5)

    def _found(self, seconds: float, chain: list[str], entries: int, ended: int) -> Findings:
        box, done = self._stage.box, self._stage.done
        lines = box.lines
        return Findings(
            seconds=seconds,
            seed=self._options.seed,
            cameras=len(self._stage.lines),
            stored=self._stored(),
            arrived=self._centre.first,
            dropped=self._centre.dropped,
            repeats=self._centre.repeats,
            broker_deaths=[
                (each.began, self._centre.back(each.began))
                for each in done
                if each.kind is Kind.BROKER_KILLED
            ],
            chain=chain,
            entries=entries,
            samples=self._samples,
            waits=[(each.camera, waited(each, done)) for each in outages(lines, tuple(self._stage.lines))],
            courses=courses(done, lines),
            visits=(self._operators.joined, self._operators.turned),
            stray=[
                line
                for line in box.raw
                if not line.startswith("{") or "Traceback" in line or ".defect" in line
            ],
            ended=ended,
            left_out=[] if box.room.small else ["disk full: this machine lets us make no mount namespace"],
        )


def _stage(stack: ExitStack, folder: Path, place: Room, cameras: int) -> Stage:
    """Everything but the gateway is running."""
    (folder / "broker").mkdir()
    broker = stack.enter_context(Mosquitto(folder / "broker"))
    clip = remade(folder / "clip.mp4", frames=60)
    servers = [stack.enter_context(RtspServer(files=[clip])) for _ in range(-(-cameras // _PER_SERVER))]
    lines = {
        f"camera-{number}": stack.enter_context(FaultyLine(servers[number % len(servers)].port))
        for number in range(cameras)
    }
    link = stack.enter_context(FaultyLine(broker.port, framed=False))
    port = free_port()
    box = Box(folder, _site(place.path, link.port, port, lines), place, port, SANDWATCH_SECRET_SOAK=TOKEN)
    stack.callback(box.kill)
    return Stage(box, broker, link, lines, servers)


def _site(storage: Path, broker: int, port: int, lines: dict[str, FaultyLine]) -> str:
    members = "".join(f"        - {{name: {name}, role: operator}}\n" for name in MEMBERS)
    streams = "".join(_STREAM.format(name=name, url=line.url) for name, line in lines.items())
    return _SITE.format(storage=storage, broker=broker, port=port, group=GROUP, members=members) + streams


_SITE = """\
site: {{id: soak, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{broker}", keepalive: 5s}}
storage: {{path: "{storage}"}}
evidence: {{gigabytes: 0.1, free_gigabytes: 0.1}}
http: {{listen: "127.0.0.1:{port}"}}
access:
  tokens: [{{name: soak, secret: !secret soak, may: [publish, watch, speak], groups: ["*"], members: ["*"], cameras: ["*"]}}]
talk:
  groups:
    - name: {group}
      members:
{members}log: {{level: info, format: json}}
streams:
"""
_STREAM = """\
  - name: {name}
    url: "{url}"
    allow_networks: ["127.0.0.0/8"]
    fps: 2
    rules: [{{kind: zone, objects: [heavy_vehicle], dwell: 0.4s, repeat: 10s}}]
"""


async def _over(*tasks: asyncio.Task[None]) -> None:
    """Raises what they failed with."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


def _say(began: float, fault: Fault, samples: list[Sample]) -> None:
    box = f"{samples[-1].rss:.0f} MiB" if samples else ""
    sys.stderr.write(
        f"{time.monotonic() - began:7.1f} s  {fault.kind.value} for {fault.lasts:.1f} s  {box}\n"
    )
    sys.stderr.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="A gateway under faults.")
    parser.add_argument("--seconds", type=float, default=1800.0, help="of faults")
    parser.add_argument("--cameras", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--json", type=Path, help="keep what was measured in this file, and the gateway's journal beside it"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
