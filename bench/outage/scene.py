"""A broker, the gate before it, a centre behind it, and a sender that can be killed."""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt

from bench.outage.tally import Arrival, Tally, tally
from tests.support.mosquitto import Gate, Mosquitto

_TOPICS = "sandwatch/v1/410000/410100/410122/bench"
_ACKNOWLEDGED_EVERY = 0.05  # s: a centre that commits in batches
_PATIENCE = 300.0  # s: what is not there by then counts as lost
_CALM = 2.0  # s without an arrival: nothing comes any more
# Mosquitto's own default of 1,000 would drop what a subscriber has not taken yet: of the sender without a window.
_QUEUE = "max_queued_messages 0"


@dataclass
class Centre:
    """acknowledges: whether it says what it has stored."""

    port: int
    acknowledges: bool
    arrivals: list[Arrival] = field(default_factory=list)
    last: float = 0.0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        subscribed = asyncio.Event()
        task = asyncio.create_task(self._listen(subscribed))
        await asyncio.wait_for(subscribed.wait(), _PATIENCE)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, subscribed: asyncio.Event) -> None:
        stored: list[str] = []
        with contextlib.suppress(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", self.port) as client:
                await client.subscribe(f"{_TOPICS}/ev/#", 1)
                subscribed.set()
                saying = asyncio.create_task(self._acknowledge(client, stored))
                try:
                    async for message in client.messages:
                        self._take(message, stored)
                finally:
                    saying.cancel()

    def _take(self, message: aiomqtt.Message, stored: list[str]) -> None:
        event = json.loads(str(message.payload, "utf-8") if isinstance(message.payload, bytes) else "{}")
        number = int(event["id"].partition("/")[0].removeprefix("e"))
        self.arrivals.append(Arrival(number, event["id"], bool(event["data"].get("replayed"))))
        self.last = time.monotonic()
        stored.append(event["id"])

    async def _acknowledge(self, client: aiomqtt.Client, stored: list[str]) -> None:
        while self.acknowledges:
            await asyncio.sleep(_ACKNOWLEDGED_EVERY)
            some, stored[:500] = stored[:500], []
            if some:
                word = json.dumps({"kind": "received", "events": some})
                await client.publish(f"{_TOPICS}/case/any/down", word, 1)


@dataclass
class Sender:
    """which: ours or paho. promised: what it answered for, over all its lives; refused: what it did not take."""

    which: str
    port: int
    folder: Path
    events: int
    rate: float
    hours: float
    promised: list[int] = field(default_factory=list)
    refused: int = 0
    empty: bool = False
    _process: "asyncio.subprocess.Process | None" = None
    _reader: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        first = self.promised[-1] + 1 if self.promised else 0
        words = (self.port, self.folder, first, self.events, self.rate, self.hours)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"bench.outage.{self.which}",
            *map(str, words),
            stdout=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read(self._process))

    async def kill(self) -> None:
        """SIGKILL. What it said until then counts."""
        if self._process is not None and self._reader is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            await self._reader

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            word = line.decode().strip()
            if word == "empty":
                self.empty = True
            elif word == "refused":
                self.refused += 1
            elif line.endswith(b"\n"):
                self.promised.append(int(word))


@dataclass(frozen=True, slots=True)
class Script:
    """events, at so many per s (0: at once), over `hours` of the sender's time. away: share of the events after which
    the broker dies (0: it was never there); back: after which it returns; killed: after which the sender is killed."""

    events: int
    rate: float
    away: float
    back: float
    killed: float | None = None
    hours: float = 0.0


async def play(script: Script, which: str) -> Tally:
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        broker = Mosquitto(folder, lines=(_QUEUE,))
        stack.callback(broker.kill)
        gate = Gate(broker.port)
        centre = Centre(broker.port, acknowledges=which == "ours")
        sender = Sender(which, gate.port, folder, script.events, script.rate, script.hours)
        try:
            await _until_away(script, broker, gate, centre, sender)
            if script.killed is not None:
                await _until(lambda: len(sender.promised) >= script.killed * script.events)  # type: ignore[operator]
                await sender.kill()
                await sender.start()
            await _until(lambda: len(sender.promised) + sender.refused >= script.back * script.events)
            broker.start()
            async with centre.listening():
                await gate.open()
                seconds = await _all_there(script, sender, centre)
        finally:
            await sender.kill()
            await gate.slam()
        return tally(sender.promised, centre.arrivals, seconds, sender.refused)


async def _until_away(script: Script, broker: Mosquitto, gate: Gate, centre: Centre, sender: Sender) -> None:
    if script.away == 0:
        await sender.start()
        return
    broker.start()
    async with centre.listening():
        await gate.open()
        await sender.start()
        await _until(lambda: len(sender.promised) >= script.away * script.events)
        broker.kill()
        await gate.slam()


async def _all_there(script: Script, sender: Sender, centre: Centre) -> float | None:
    """s until the last of what was promised came; None where something did not."""
    begin = time.monotonic()
    await _until(lambda: sender.empty)
    await _until(lambda: time.monotonic() - centre.last > _CALM)
    missing = set(sender.promised) - {arrival.number for arrival in centre.arrivals}
    return None if missing else centre.last - begin


async def _until(condition: Callable[[], bool]) -> None:
    """Or until nobody has the patience any more: what is missing is counted."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            while not condition():  # noqa: ASYNC110 (several things are waited for)
                await asyncio.sleep(0.01)
