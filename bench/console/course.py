"""Plays it: the box with four cameras, the people, and the floor under the same people."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import aiohttp
import aiomqtt
import psutil

from bench import box, scenes
from bench.box import Desk
from bench.console.clients import LISTS, PAGES
from bench.report import Goal, Report, spread
from bench.scenes import Coding, Scene
from bench.server import served
from tests.support.ports import free_port

_CAMERAS = 4
_CODING = Coding(2.0, "cbr")
_SCENE = Scene("visited-quick", 60.0, scenes.visits(2, first=15.3, pause=12.0), seed=2)
_START = 60.0  # s for a start on a slow and busy box
_QUIET = 10.0  # s in which nobody is at the console: what the box takes anyhow
_SETTLE = 25.0  # s: cameras are at rest
_PASSWORD = "river sand truck 17"

Said = Mapping[str, Any]
T = TypeVar("T")


def measured(clients: int, seconds: float, repeats: int) -> Report:
    return asyncio.run(_measured(clients, seconds, repeats))


@dataclass(slots=True)
class _Found:
    """One sample per repeat. alone: cores of the daemon's main process while nobody is there; cpu: while they are."""

    ours: list[Said] = field(default_factory=list)
    floors: list[Said] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    floor_cpu: list[float] = field(default_factory=list)
    heard: dict[str, float] = field(default_factory=dict)


async def _measured(clients: int, seconds: float, repeats: int) -> Report:
    found = _Found()
    with box.desk() as desk, served(scenes.made(_SCENE, [_CODING])[_CODING]) as camera:
        port = free_port()
        site = desk.site([camera.url] * _CAMERAS, more=f"http: {{listen: '127.0.0.1:{port}'}}")
        async with box.daemon(desk, site) as main, _centre(desk, found.heard):
            cookie = await _entered(desk, f"http://127.0.0.1:{port}")
            await asyncio.sleep(_SETTLE)
            for _ in range(repeats):
                await _repeat(found, main, partial(_people, clients=clients, seconds=seconds), port, cookie)
    return _reported(found, clients, seconds)


async def _repeat(
    found: _Found, main: psutil.Process, people: Callable[[int, str], Awaitable[Said]], port: int, cookie: str
) -> None:
    """In turn, so that a slow minute of the machine hits both."""
    found.alone.append((await _during(main, asyncio.sleep(_QUIET)))[1])
    said, spent = await _during(main, people(port, cookie))
    found.ours.append(said)
    found.cpu.append(spent)
    with _bare(said["bytes"]) as (process, bare):
        said, spent = await _during(process, people(bare, ""))
    found.floors.append(said)
    found.floor_cpu.append(spent)


def _reported(found: _Found, clients: int, seconds: float) -> Report:
    ours, heard = found.ours, found.heard
    delays = [1000 * (at - heard[one]) for said in ours for one, at in said["heard"] if one in heard]
    figures: dict[str, Any] = {
        "clients": clients,
        "seconds": seconds,
        "asked_per_s": sum(map(len, ours[0]["ms"].values())) / seconds,
        "lists_ms": {path: spread(_answers(ours, (path,))) for path in LISTS if _answers(ours, (path,))},
        "pages_ms": spread(_answers(ours, PAGES)),
        "floor_lists_ms": spread(_answers(found.floors, LISTS)),
        "floor_pages_ms": spread(_answers(found.floors, PAGES)),
        "event_after_the_broker_ms": spread(delays) if delays else None,
        "main_cores": spread(found.cpu),
        "main_cores_nobody_there": spread(found.alone),
        "floor_cores": spread(found.floor_cpu),
    }
    failed = sum(said["failed"] for said in ours)
    return Report(figures, {"answered": Goal(failed, "failures", at_most=0)})


def _answers(said: Sequence[Said], paths: tuple[str, ...]) -> list[float]:
    return [ms for one in said for path in paths for ms in one["ms"].get(path, [])]


async def _during(process: psutil.Process, work: Awaitable[T]) -> tuple[T, float]:
    """What came of it, and the cores that the process took meanwhile."""
    before, begin = box.cpu(process), time.monotonic()
    said = await work
    return said, (box.cpu(process) - before) / (time.monotonic() - begin)


async def _people(port: int, cookie: str, *, clients: int, seconds: float) -> Said:
    command = (
        sys.executable,
        "-m",
        "bench.console.clients",
        f"http://127.0.0.1:{port}",
        str(clients),
        str(seconds),
    )
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, "SANDWATCH_COOKIE": cookie}
    )
    said: Said = json.loads((await process.communicate())[0])
    return said


@contextlib.contextmanager
def _bare(sizes: Mapping[str, int]) -> Iterator[tuple[psutil.Process, int]]:
    port = free_port()
    process = subprocess.Popen(
        (sys.executable, "-m", "bench.console.bare", str(port)), stdin=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(dict(sizes)))
    process.stdin.close()
    try:
        _listening(port)
        yield psutil.Process(process.pid), port
    finally:
        process.kill()
        process.wait()


def _listening(port: int) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("the floor's server did not start")


async def _entered(desk: Desk, url: str) -> str:
    """The first administrator's cookie."""
    code = None
    async with asyncio.timeout(_START):
        while code is None or '"web.listening"' not in desk.log.read_text(encoding="utf-8"):
            await asyncio.sleep(0.2)
            code = code or _code(desk)
    first = {"code": code, "name": "duty", "password": _PASSWORD}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/api/v1/first-start", json=first) as answer,
    ):
        answer.raise_for_status()
        return answer.headers["Set-Cookie"].partition(";")[0]


def _code(desk: Desk) -> str | None:
    for line in desk.log.read_text(encoding="utf-8").splitlines():
        if '"accounts.first_start"' in line:
            return str(json.loads(line)["code"])
    return None


@asynccontextmanager
async def _centre(desk: Desk, heard: dict[str, float]) -> AsyncIterator[None]:
    """When each message came to the broker's other clients, by its id."""

    async def listen() -> None:
        async for message in client.messages:
            heard.setdefault(json.loads(bytes(message.payload))["id"], time.time())

    async with aiomqtt.Client("127.0.0.1", desk.port) as client:
        await client.subscribe("sandwatch/+/+/+/+/+/ev/#", 1)
        task = asyncio.create_task(listen())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
