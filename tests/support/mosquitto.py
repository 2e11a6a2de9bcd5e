"""A real Mosquitto on loopback, and what tests need around it: a port, a gate in between, a witness."""

import asyncio
import contextlib
import json
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiomqtt

from tests.support.ports import free_port
from tests.support.told import faults

# Long enough for a busy machine; nothing waits this long unless it is broken.
PATIENCE_S = 120.0
# s: a test that waits for a process keeps its own loop from pinging, and no broker must think it dead for that.
_KEEPALIVE_S = 3600


@dataclass
class Mosquitto:
    """Runs inside `with`. `kill` is kill -9; `start` brings it back on the same port.

    users: name -> password; none: anonymous. lines: more of mosquitto.conf(5).
    """

    folder: Path
    users: dict[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        self.set_users(self.users)
        config = self.folder / "mosquitto.conf"
        login = f"password_file {self._passwords}" if self.users else "allow_anonymous true"
        head = (f"listener {self.port} 127.0.0.1", "persistence false", "user root", login)
        config.write_text("\n".join([*head, *self.lines]) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            command = ["mosquitto", "-v", "-c", str(config)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait_until_it_listens()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def set_users(self, users: dict[str, str]) -> None:
        """Takes effect on the next start."""
        self.users = users
        self._passwords.touch(mode=0o600)
        for name, password in users.items():
            command = ["mosquitto_passwd", "-b", str(self._passwords), name, password]
            subprocess.run(command, check=True, capture_output=True)

    @property
    def log(self) -> str:
        return (self.folder / "mosquitto.log").read_text()

    @property
    def _passwords(self) -> Path:
        return self.folder / "passwords"

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError(self.log)


@dataclass
class Gate:
    """A TCP relay before a broker: closed, it refuses; slammed, it cuts what goes through it."""

    behind: int
    port: int = field(default_factory=free_port)
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)

    async def slam(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.behind)
        except OSError:
            writer.close()
            return
        self._writers += [writer, back]
        await asyncio.gather(_pour(reader, back), _pour(there, writer))


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


@dataclass
class Witness:
    """Everything a subscriber received, in order of arrival."""

    messages: list[aiomqtt.Message] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Where boxes did not say what integrators are told that they say."""
        return [
            fault
            for one in self.messages
            if isinstance(one.payload, bytes)
            for fault in faults(str(one.topic), one.payload)
        ]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(one.payload) for one in self.messages if "/ev/" in str(one.topic)]

    def ids(self) -> list[str]:
        return [event["id"] for event in self.events()]

    def firsts(self) -> list[dict[str, Any]]:
        """Without repeats, each where it arrived first: what no centre acknowledges comes again."""
        found: dict[str, dict[str, Any]] = {}
        for event in self.events():
            found.setdefault(event["id"], event)
        return list(found.values())

    def first_ids(self) -> list[str]:
        return [event["id"] for event in self.firsts()]

    def states(self) -> list[dict[str, Any]]:
        return [json.loads(one.payload) for one in self.messages if str(one.topic).endswith("/birth")]


@asynccontextmanager
async def witness(port: int, into: Witness | None = None, **login: Any) -> AsyncIterator[Witness]:
    """Subscribed to everything on entry. A lost broker ends it quietly: open another into the same Witness."""
    seen = into or Witness()
    subscribed = asyncio.Event()

    async def listen() -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            async with aiomqtt.Client(
                "127.0.0.1", port, timeout=PATIENCE_S, keepalive=_KEEPALIVE_S, **login
            ) as client:
                await client.subscribe("sandwatch/#", qos=0)
                subscribed.set()
                async for message in client.messages:
                    seen.messages.append(message)

    task = asyncio.create_task(listen())
    try:
        await asyncio.wait_for(subscribed.wait(), PATIENCE_S)
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert seen.faults() == []


async def caught_up(port: int, seen: Witness) -> None:
    """The witness has received all that the broker had taken when this was called: a broker keeps the order."""
    mark = f"sandwatch/mark/{uuid.uuid4().hex}"
    async with aiomqtt.Client("127.0.0.1", port, timeout=PATIENCE_S) as client:
        await client.publish(mark, b"{}", qos=1)
    await until(lambda: any(str(one.topic) == mark for one in seen.messages), "the mark")


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait for it, patiently."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never came: {what or condition}") from None
