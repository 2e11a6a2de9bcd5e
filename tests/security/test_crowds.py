"""Thousands that connect and say nothing, or say it letter by letter: bounded, and no hindrance to those who work."""

import asyncio
import contextlib
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.console_alone import NAME
from tests.support.consoles import PASSWORD

CROWD = 10_000
GROWN = 100.0  # MB: 511 connections with their buffers, and what the allocator keeps
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def room() -> Iterator[int]:
    """How many connections this process may have; as many as the machine lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield min(CROWD, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@dataclass(frozen=True, slots=True)
class Console:
    port: int
    pid: int

    @property
    def megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    async def said(self, *words: bytes) -> Stream:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.writelines(words)
        return reader, writer


@contextlib.asynccontextmanager
async def console(folder: Path, patience: float = 20.0) -> AsyncIterator[Console]:
    command = [sys.executable, "-m", "tests.support.console_alone", str(folder), str(patience)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        try:
            yield Console(int(await asyncio.to_thread(process.stdout.readline)), process.pid)
        finally:
            process.kill()


@contextlib.asynccontextmanager
async def entered(at: Console) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.port}/api/v1", timeout=60) as client:
        answer = await client.post("/login", json={"name": NAME, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        yield client


async def test_ten_thousand_that_say_nothing(tmp_path: Path, room: int) -> None:
    async with console(tmp_path) as at, entered(at) as client:
        before = at.megabytes
        crowd: list[Stream] = []
        answered = 0
        while len(crowd) < room:
            crowd += await asyncio.gather(*(at.said() for _ in range(100)))
            if len(crowd) % 2000 == 0:
                answer = await client.get("/status", headers={"Connection": "close"})
                answered += answer.status_code == 200
        assert answered == room // 2000
        assert at.descriptors < 700
        assert at.megabytes - before < GROWN
        stranger = httpx.AsyncClient(timeout=60)
        assert (await stranger.get(f"http://127.0.0.1:{at.port}/healthz")).status_code == 200
        await stranger.aclose()
        for _, writer in crowd:
            writer.transport.abort()


HEAD = b"GET /healthz HTTP/1.1\r\nHost: box\r\n"
TRICKLES = {
    "a head": (b"GET /healthz HTTP/1.1\r\n", b"X: y\r\n"),
    "a request line": (b"GET /", b"x"),
    "a body": (b"POST /api/v1/login HTTP/1.1\r\nHost: box\r\nContent-Type: application/json\r\n"
               b"Content-Length: 4000\r\n\r\n", b"["),
    "chunks": (b"POST /api/v1/login HTTP/1.1\r\nHost: box\r\nContent-Type: application/json\r\n"
               b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n"),
    "a body that nobody reads": (b"GET /healthz HTTP/1.1\r\nHost: box\r\nContent-Length: 4000\r\n\r\n", b"["),
}  # fmt: skip


@pytest.mark.parametrize("kind", TRICKLES)
async def test_letter_by_letter(kind: str, tmp_path: Path) -> None:
    begin, drop = TRICKLES[kind]
    async with console(tmp_path, patience=1.0) as at:
        streams = await asyncio.gather(*(at.said(begin) for _ in range(60)))
        async with asyncio.timeout(60):
            await asyncio.gather(*(trickled(*stream, drop) for stream in streams))
        assert await works(at)


async def works(at: Console) -> bool:
    """For those who ask in time, which a loaded machine may keep us from."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.TransportError):
                async with entered(at) as client:
                    return (await client.get("/status")).status_code == 200


async def trickled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, drop: bytes) -> None:
    """Until the box has had enough of it."""
    with contextlib.suppress(ConnectionError):
        while not reader.at_eof():
            writer.write(drop)
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await reader.read(65536)
    writer.close()


async def test_websockets_there_are_none(tmp_path: Path) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    async with console(tmp_path, patience=1.0) as at:
        reader, writer = await at.said(HEAD, upgrade, key)
        with contextlib.suppress(ConnectionError):
            assert not (await reader.readline()).startswith(b"HTTP/1.1 101")
        async with asyncio.timeout(60):
            await trickled(reader, writer, b"\x81\x01")


async def test_answers_that_nobody_fetches(tmp_path: Path) -> None:
    """Requests one behind the other, and no answer is read: what waits is bounded."""
    async with console(tmp_path) as at:
        before = at.megabytes
        streams = await asyncio.gather(*(at.said(*[HEAD + b"\r\n"] * 1000) for _ in range(40)))
        async with console_client(at) as client:
            for _ in range(20):
                assert (await client.get("/healthz")).status_code == 200
        assert at.megabytes - before < GROWN
        for _, writer in streams:
            writer.transport.abort()


def console_client(at: Console) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.port}", timeout=60)
