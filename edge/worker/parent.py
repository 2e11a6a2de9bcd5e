"""The daemon's side of one vision worker: start it, listen to it, notice when it is gone."""

import asyncio
import contextlib
import os
import pickle
import socket
import sys
from collections.abc import Awaitable, Callable

import structlog
from pydantic import ValidationError

from edge.supervisor import Hopeless
from edge.worker.job import Job
from edge.worker.link import packed
from edge.worker.messages import (
    FROM_WORKER,
    LONGEST_LINE,
    TO_WORKER,
    Change,
    FromWorker,
    Refused,
    Stop,
    ToWorker,
)
from streams.crossing import HEAD, Content, Garbled, content, head
from streams.problem import Misconfigured

_FIRST_WORD = 60.0  # s: loading a model from a slow SD card on a cold start
_SILENCE = 10.0  # s without a heartbeat (one a second): the process hangs
_LEAVE = 1.5  # s a worker has to close its events and go, of the 3 s in which Ctrl-C must end everything

_PACKETS = 1 << 18  # bytes of them read ahead: a key frame of 1080p
_BACKLOG = 1 << 20  # bytes: a job of some hundred cameras, or ten thousand orders

Take = Callable[[int, Content], None]
"""Told a channel and what came on it: first what the stream is, then its packets, and its sound."""

log = structlog.get_logger()


def _nobody_watches(_: int, __: Content) -> None:
    pass


class WorkerLost(Exception):
    """The worker's process died, hung or spoke nonsense. Starting a fresh one mends that."""


class WorkerRefused(Misconfigured, Hopeless):
    """The worker says its job cannot be done at all; `problem` says why. Starting another will not help."""


class VisionWorker:
    """One worker process. Single use: a fresh one is built for every start.

    `run` raises WorkerLost or WorkerRefused; cancelled, it lets the worker close its events (handing them
    to `receive`) before it returns.
    """

    def __init__(
        self, job: Job, receive: Callable[[FromWorker], Awaitable[None]], take: Take = _nobody_watches
    ) -> None:
        """take: what comes on the channels that View orders name; must not wait."""
        self._job = job
        self._receive = receive
        self._take = take
        self._writer: asyncio.StreamWriter | None = None
        self.pid: int | None = None
        self.unsaid = 0
        """Orders given up because the worker took none for too long."""

    async def run(self) -> None:
        ours, theirs = socket.socketpair()
        packets, shown = socket.socketpair()
        with theirs, shown:
            process = await _start(theirs, shown)
        self.pid = process.pid
        reader, writer = await asyncio.open_connection(sock=ours, limit=LONGEST_LINE)
        self._writer = writer
        watching = asyncio.create_task(self._watch(packets, process))
        try:
            writer.write(packed(self._job))
            await self._listen(reader)
        except asyncio.CancelledError:
            await self._dismiss(reader, writer)
            raise
        finally:
            watching.cancel()
            self._writer = None
            writer.close()
            await _reap(process)
            await asyncio.wait([watching])

    def order(self, order: ToWorker) -> None:
        """Say it to the worker, once it runs. A worker that does not listen is killed for its silence soon."""
        writer = self._listening
        if writer is None or writer.transport.get_write_buffer_size() > _BACKLOG:
            self.unsaid += 1
            return
        writer.write(_line(order))

    def change(self, job: Job, anew: frozenset[str], rules: frozenset[str]) -> None:
        """Be as this job from now on (edge.worker.messages.Change). One whose process is being started begins with it."""
        self._job = job
        if (writer := self._listening) is not None:
            writer.write(_line(Change(job=pickle.dumps(job), anew=anew, rules=rules)))

    @property
    def _listening(self) -> asyncio.StreamWriter | None:
        """None: its process is being started, or ended a moment ago; uvloop refuses to write to such a socket."""
        return None if self._writer is None or self._writer.is_closing() else self._writer

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        patience = _FIRST_WORD
        while True:
            message = await self._next(reader, patience)
            patience = _SILENCE
            if isinstance(message, Refused):
                raise WorkerRefused(message.problem)
            await self._receive(message)

    async def _watch(self, packets: socket.socket, process: asyncio.subprocess.Process) -> None:
        """Hand on what is watched live. Slower than it comes, the worker skips groups of pictures."""
        reader, writer = await asyncio.open_connection(sock=packets, limit=_PACKETS)
        try:
            while True:
                found = head(await reader.readexactly(HEAD.size))
                self._take(found.channel, content(found, await reader.readexactly(found.length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the process ended, which the other socket says too
        except Garbled as garbled:
            log.error("worker.garbled", pid=process.pid, why=str(garbled))
            process.kill()
        finally:
            writer.close()

    async def _next(self, reader: asyncio.StreamReader, patience: float) -> FromWorker:
        try:
            async with asyncio.timeout(patience):
                line = await reader.readuntil(b"\n")
            return FROM_WORKER.validate_json(line)
        except TimeoutError:
            raise WorkerLost(f"no heartbeat for {patience:.0f} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerLost("the process ended") from None
        except (asyncio.LimitOverrunError, ValidationError):
            raise WorkerLost("the process sent a line that is no message") from None

    async def _dismiss(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say stop, and take what the worker still has to tell until it closes its end."""
        with contextlib.suppress(WorkerLost, TimeoutError):
            async with asyncio.timeout(_LEAVE):
                writer.write(_line(Stop()))
                while True:
                    await self._receive(await self._next(reader, _LEAVE))


def _line(order: ToWorker) -> bytes:
    return TO_WORKER.dump_json(order) + b"\n"


async def _start(theirs: socket.socket, packets: socket.socket) -> asyncio.subprocess.Process:
    """A fresh interpreter, never a fork: a forked child of a threaded parent may hang in its libraries."""
    # The daemon's own thread counts must not reach OpenCV or ONNX Runtime in the child.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "edge.worker",
        str(theirs.fileno()),
        str(packets.fileno()),
        pass_fds=(theirs.fileno(), packets.fileno()),
        stdin=asyncio.subprocess.DEVNULL,
        env=environment,
    )


async def _reap(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    code = await process.wait()
    log.debug("worker.ended", pid=process.pid, code=code)
