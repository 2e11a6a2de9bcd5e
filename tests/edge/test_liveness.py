"""What systemd hears of the daemon, on a real socket of its own kind."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from edge import notify
from edge.envelope import Message
from edge.letter import Letter
from edge.liveness import Hearing, Liveness
from edge.notify import Notify
from edge.outbox import Outbox
from edge.publisher import State
from edge.status import Status
from streams.problem import Problem, Text
from streams.reader import CameraState
from tests.support.occurrences import SEAL, message

PATIENCE_S = 60.0  # nothing waits this long unless it is broken


class Manager:
    """The other end of $NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(PATIENCE_S)

    def close(self) -> None:
        self.socket.close()

    def told(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    async def hears(self) -> dict[str, str]:
        return await asyncio.to_thread(self.told)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with closing(Manager(tmp_path / "notify")) as manager:
        yield manager


@asynccontextmanager
async def running(liveness: Liveness) -> AsyncIterator[None]:
    task = asyncio.create_task(liveness.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_systemd_hears_ready_and_then_signs_of_life(manager: Manager, tmp_path: Path) -> None:
    status = Status("en", cameras={"gate": CameraState.LIVE, "pit": CameraState.RETRYING})
    status.link = (State.ONLINE, None)
    async with await Outbox.open(tmp_path / "outbox", SEAL, "boot") as outbox:
        await outbox.append(message("case"))
        async with running(Liveness(status, outbox, Hearing(), Notify(str(manager.path), 0.2))):
            assert "READY" in await manager.hears()
            assert await manager.hears() == {
                "WATCHDOG": "1",
                "STATUS": "1 of 2 cameras live; centre online; 1 events waiting",
            }


async def test_what_is_wrong_with_the_site_file_is_said_first(manager: Manager, tmp_path: Path) -> None:
    status = Status("zh")
    status.problem("config", Problem("config.invalid", Text("has an error", "有错误"), Text("do", "请更正")))
    notify = Notify(str(manager.path), 0.2)
    async with (
        await Outbox.open(tmp_path / "outbox", SEAL, "boot") as outbox,
        running(Liveness(status, outbox, Hearing(), notify)),
    ):
        assert (await manager.hears())["STATUS"].startswith("有错误 | 0 路")


async def test_a_reload_has_a_beginning_and_an_end(manager: Manager, tmp_path: Path) -> None:
    """As sd_notify(3) wants it: when it began, and READY after it."""
    notify = Notify(str(manager.path))
    before = time.monotonic_ns() // 1000
    notify.reloading()
    said = await manager.hears()
    assert said["RELOADING"] == "1"
    assert before <= int(said["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    async with await Outbox.open(tmp_path / "outbox", SEAL, "boot") as outbox:
        Liveness(Status("en"), outbox, Hearing(), notify).ready()
        assert "READY" in await manager.hears()


async def test_an_outbox_that_hangs_is_no_life(manager: Manager, tmp_path: Path) -> None:
    held = threading.Event()

    def seal(letter: Letter, seq: int) -> Message:
        held.wait(PATIENCE_S)
        return SEAL(letter, seq)

    async with await Outbox.open(tmp_path / "outbox", seal, "boot") as outbox:
        storing = asyncio.create_task(outbox.append(message("case")))
        await asyncio.sleep(0)
        liveness = Liveness(Status("en"), outbox, Hearing(), Notify(str(manager.path), 0.2), patience=0.05)
        async with running(liveness):
            assert "READY" in await manager.hears()
            for _ in range(3):
                assert "WATCHDOG" not in await manager.hears()
            held.set()
            await storing
            while "WATCHDOG" not in await manager.hears():
                pass


async def test_a_worker_nobody_listens_to_is_no_life(manager: Manager, tmp_path: Path) -> None:
    now = [0.0]
    hearing = Hearing(lambda: now[0])
    async with await Outbox.open(tmp_path / "outbox", SEAL, "boot") as outbox:
        with hearing.worker(0):
            now[0] = 1000.0
            async with running(Liveness(Status("en"), outbox, hearing, Notify(str(manager.path), 0.2))):
                assert "READY" in await manager.hears()
                assert "WATCHDOG" not in await manager.hears()
        async with running(Liveness(Status("en"), outbox, hearing, Notify(str(manager.path), 0.2))):
            while "READY" not in await manager.hears():
                pass
            assert "WATCHDOG" in await manager.hears()


def test_a_worker_is_given_its_time() -> None:
    now = [0.0]
    hearing = Hearing(lambda: now[0])
    with hearing.worker(3):
        now[0] = 60.0  # a model from a slow card on a cold start
        assert hearing.silent() == []
        with hearing.message(3):
            now[0] = 4000.0  # the disk is full: the event waits, and so does the worker
            assert hearing.silent() == []
        now[0] += 20.0
        assert hearing.silent() == []
        now[0] += 20.0
        assert hearing.silent() == [3]
    assert hearing.silent() == []


def test_an_abstract_socket_is_meant_by_an_at_sign() -> None:
    name = f"@sandwatch-test-{os.getpid()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as heard:
        heard.bind("\0" + name[1:])
        heard.settimeout(PATIENCE_S)
        Notify(name).stopping()
        assert heard.recv(100) == b"STOPPING=1"


def test_what_the_environment_says() -> None:
    assert Notify.of({}) == Notify(None, None)
    ours = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}
    assert Notify.of(ours) == Notify("/run/notify", 60.0)
    assert Notify.of({**ours, "WATCHDOG_PID": "1"}) == Notify("/run/notify", None)


def test_nobody_there_is_no_trouble(tmp_path: Path) -> None:
    Notify(None).ready("")
    Notify(str(tmp_path / "gone")).ready("")


def test_programs_we_start_do_not_inherit_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/notify")
    notify.manager.cache_clear()
    try:
        assert notify.manager().address == notify.manager().address == "/run/notify"
        assert "NOTIFY_SOCKET" not in os.environ
    finally:
        notify.manager.cache_clear()
