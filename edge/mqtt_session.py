"""What is sent over one connection: the waiting rows in order, twenty on their way at a time."""

import asyncio
from collections import deque
from dataclasses import dataclass

import structlog

from edge.envelope import as_replay
from edge.mqtt import Connection
from edge.mqtt_faults import Fault, MqttFailed, is_final, message_dead, publishing_refused, unacknowledged
from edge.outbox import Outbox
from edge.outbox_file import Row

log = structlog.get_logger()

_IN_FLIGHT = 20
# Read ahead from the file, so that a backlog is not fetched row by row.
_READ_AHEAD = 200
# Longer than any round trip over 2G or satellite with twenty events queued in front.
ACK_WAIT_S = 30.0
# Every row rings the bell; should a ring ever be missed, it costs a minute and not the event.
_IDLE_S = 60.0
# MQTT 3.1.1 has no words for "too large": the broker just hangs up. Only a row of this size is ever suspected
# (brokers take 64 KB and more), so that no bad network and no crashing broker can make us give up an event.
_LARGE = 16 << 10
# A large row that was on its way when this many connections broke is sent alone, to be sure it is the one.
_SUSPECT_AFTER = 3
_DEAD_AFTER = 6

# MQTT 5, 2.4: from here on a reason code is a refusal.
REFUSED_FROM = 0x80


@dataclass(frozen=True, slots=True)
class _Sent:
    row: Row
    answer: "asyncio.Future[int]"
    at: float


class Session:
    """live_from: rows before this number were stored before the connection stood; they are replays."""

    def __init__(self, connection: Connection, outbox: Outbox, *, place: str, live_from: int) -> None:
        self._connection, self._outbox = connection, outbox
        self._place, self._live_from = place, live_from
        self._flight: dict[int, _Sent] = {}
        self._ready: deque[Row] = deque()
        self._cursor = 0
        self._window = min(_IN_FLIGHT, connection.receive_maximum)

    async def pump(self, *, until_empty: bool = False) -> None:
        """Send what waits, and what comes. Raises MqttFailed, aiomqtt.MqttError and the outbox's errors.

        May be cancelled and called again.
        """
        while True:
            self._outbox.bell.clear()
            await self._settle()
            await self._fill()
            if until_empty and not self._flight:
                return
            await self._rest()

    async def broken(self) -> None:
        """The connection is gone: keep its last answers, and set aside what keeps breaking it.

        Raises MqttFailed if the broker's last words were a refusal: they explain why it hung up.
        """
        await self._settle()
        await self._outbox.attempted(list(self._flight))
        for sent in self._flight.values():
            attempts = sent.row.attempts + 1
            if _is_suspect(sent.row) and attempts >= _DEAD_AFTER:
                await self._bury(sent.row, f"the connection broke {attempts} times")

    async def _settle(self) -> None:
        done = [sent for sent in self._flight.values() if sent.answer.done()]
        taken = [sent.row.seq for sent in done if sent.answer.result() < REFUSED_FROM]
        if taken:
            await self._outbox.acknowledge(taken)
        for seq in taken:
            del self._flight[seq]
        for sent in done:
            if sent.answer.result() >= REFUSED_FROM:
                await self._refused(sent)

    async def _refused(self, sent: _Sent) -> None:
        reason = sent.answer.result()
        if not is_final(reason):
            # Ending the session keeps the order: nothing overtakes the row that has to wait.
            raise MqttFailed(Fault.REFUSED, publishing_refused(self._place, sent.row.topic, reason))
        await self._bury(sent.row, f"refused by the broker, reason {reason:#04x}")
        del self._flight[sent.row.seq]

    async def _bury(self, row: Row, reason: str) -> None:
        problem = message_dead(row.id, len(row.payload))
        log.error(problem.code, broker=self._place, reason=reason, problem=problem.say("en"))
        await self._outbox.bury(row.seq, reason)

    async def _fill(self) -> None:
        while True:
            if not self._ready:
                self._ready.extend(await self._outbox.peek(self._cursor, _READ_AHEAD))
            if not self._ready or not self._may_send(self._ready[0]):
                return
            self._send(self._ready.popleft())

    def _may_send(self, row: Row) -> bool:
        if any(_is_suspect(sent.row) for sent in self._flight.values()):
            return False
        return len(self._flight) < (1 if _is_suspect(row) else self._window)

    def _send(self, row: Row) -> None:
        payload = as_replay(row.payload) if row.seq < self._live_from else row.payload
        answer = self._connection.deliver(row.topic, payload)
        answer.add_done_callback(lambda _: self._outbox.bell.set())
        self._flight[row.seq] = _Sent(row, answer, asyncio.get_running_loop().time())
        self._cursor = row.seq

    async def _rest(self) -> None:
        """Until something was stored or answered."""
        oldest = min((sent.at for sent in self._flight.values()), default=None)
        now = asyncio.get_running_loop().time()
        wait = _IDLE_S if oldest is None else max(0.0, oldest + ACK_WAIT_S - now)
        try:
            async with asyncio.timeout(wait):
                await self._outbox.bell.wait()
        except TimeoutError:
            if oldest is not None:
                raise MqttFailed(Fault.RETRY, unacknowledged(self._place)) from None


def _is_suspect(row: Row) -> bool:
    return row.attempts >= _SUSPECT_AFTER and len(row.payload) >= _LARGE
