"""Networks of their own on this machine: a box and somebody far away, who both reach a server and not one another."""

import asyncio
import ctypes
import os
import subprocess
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

T = TypeVar("T")
_CLONE_NEWNET = 0x40000000  # setns(2)
SERVER = "10.77.0.1"
BOX, FAR = "10.77.1.2", "10.77.2.2"
_GATES = {"box": "10.77.1", "far": "10.77.2"}


class Apart:
    """`with Apart() as apart: apart.run("far", work())`. Places: box, far and server. Needs root (CAP_NET_ADMIN).

    The server has SERVER, which both reach; it forwards nothing between them.
    """

    def __init__(self) -> None:
        self._prefix = f"sw{os.getpid() % 100_000}-{threading.get_ident() % 1000}"
        self._threads: list[ThreadPoolExecutor] = []

    def __enter__(self) -> Self:
        try:
            for place in ("server", *_GATES):
                _ip("netns", "add", self.name(place))
        except subprocess.CalledProcessError as error:
            raise AssertionError(
                "this test makes network namespaces, which takes root (CAP_NET_ADMIN and CAP_SYS_ADMIN): "
                + error.stderr.decode()
            ) from None
        self._in("server", "link", "set", "lo", "up")
        self._in("server", "address", "add", f"{SERVER}/32", "dev", "lo")
        for place, net in _GATES.items():
            self._connect(place, net)
        self.run("server", _write("/proc/sys/net/ipv4/ip_forward", "0"))
        return self

    def __exit__(self, *_: object) -> None:
        for threads in self._threads:
            threads.shutdown()
        for place in ("server", *_GATES):
            subprocess.run(["ip", "netns", "delete", self.name(place)], check=False, capture_output=True)

    def name(self, place: str) -> str:
        """Of the namespace, for `ip netns exec`."""
        return f"{self._prefix}-{place}"

    def enter(self, place: str) -> None:
        """The thread that calls this, and those it makes, are there from now on."""
        _enter(self.name(place))

    def command(self, place: str, *words: str) -> list[str]:
        """Of a program that is to run there."""
        return ["ip", "netns", "exec", self.name(place), *words]

    def moves(self, place: str) -> None:
        """The network gives it another address, as a phone has it that goes from one to the other."""
        net, device = _GATES[place], f"{place}{os.getpid() % 100_000}"
        self._in(place, "address", "del", f"{net}.2/24", "dev", device)
        self._in(place, "address", "add", f"{net}.3/24", "dev", device)
        self._in(place, "route", "add", "default", "via", f"{net}.1")

    def start(self, place: str, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """On a loop and a thread of its own in that place."""
        threads = ThreadPoolExecutor(1, initializer=_enter, initargs=(self.name(place),))
        self._threads.append(threads)
        return threads.submit(asyncio.run, work)

    def run(self, place: str, work: Coroutine[Any, Any, T]) -> T:
        return self.start(place, work).result(120)

    def _connect(self, place: str, net: str) -> None:
        near, far = f"{place}{os.getpid() % 100_000}", f"s{place}{os.getpid() % 100_000}"
        _ip(
            "link",
            "add",
            near,
            "netns",
            self.name(place),
            "type",
            "veth",
            "peer",
            "name",
            far,
            "netns",
            self.name("server"),
        )
        for where, link, host in ((place, near, 2), ("server", far, 1)):
            self._in(where, "address", "add", f"{net}.{host}/24", "dev", link)
            self._in(where, "link", "set", link, "up")
        self._in(place, "link", "set", "lo", "up")
        self._in(place, "route", "add", "default", "via", f"{net}.1")

    def _in(self, place: str, *words: str) -> None:
        _ip("-n", self.name(place), *words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _enter(name: str) -> None:
    """This thread, and those it makes, are there from now on."""
    with Path("/run/netns", name).open("rb") as namespace:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


async def _write(path: str, text: str) -> None:
    Path(path).write_text(text)


async def carry(port: int, to: tuple[str, int], over: "threading.Event") -> None:
    """TCP from that port of SERVER to the other place, until it is over: signalling has a way where media have none."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*to)
        await asyncio.gather(_pour(reader, back), _pour(there, writer))

    server = await asyncio.start_server(one, SERVER, port)
    async with server:
        while not over.is_set():
            await asyncio.sleep(0.05)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    sink.close()
