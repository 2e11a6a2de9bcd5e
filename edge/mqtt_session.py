"""What is sent over one connection: the rows that wait in order, twenty on their way at a time."""

import asyncio
from collections import deque
from dataclasses import dataclass

import structlog

from edge.envelope import as_replay
from edge.mqtt import Connection
from edge.mqtt_faults import Fault, MqttFailed, is_final
from edge.mqtt_pace import Pace
from edge.mqtt_problems import message_dead, publishing_refused, unacknowledged
from edge.outbox import Consumer, Row
from edge.outbox_ledger import Standing
from edge.wire import SCHEMA

log = structlog.get_logger()

_IN_FLIGHT = 20
# Read ahead from the file, so that a backlog is not fetched row by row.
_READ_AHEAD = 200
# Longer than any round trip over 2G or satellite with twenty events queued in front.
ACK_WAIT_S = 30.0
# Every row rings the bell; should a ring ever be missed, it costs a minute and not the event.
_IDLE_S = 60.0
# What has to be sent again is looked for so often: a twelfth of the shortest time it waits.
_LOOK = 1 / 12
# MQTT 3.1.1 has no words for "too large": the broker just hangs up. Only a row of this size is ever suspected
# (brokers take 64 KB and more), so that no bad network and no crashing broker can make us give up an event.
_LARGE = 16 << 10
# A large row that was on its way when this many connections broke is sent alone, to be sure it is the one.
_SUSPECT_AFTER = 3
_DEAD_AFTER = 6

# What the broker took so often, while the centre acknowledged what came after it, is nothing the centre acknowledges: a new
# connection does not begin with it, else one that breaks each minute would get no further.
_OFTEN = 3

# MQTT 5, 2.4: from here on a reason code is a refusal.
REFUSED_FROM = 0x80


@dataclass(frozen=True, slots=True)
class _Sent:
    row: Row
    answer: "asyncio.Future[int]"
    at: float


class Session:
    """live_from: rows before this number were stored before the connection stood; they are replays. standing: of the
    consumer, then. pace: None where the broker's word is the centre's.

    Where the centre speaks, what it has not acknowledged is sent again from the oldest on, since the broker may have
    lost it: so nothing comes out of order. What it passes over again and again waits longer each time and holds nothing
    up. Where it is silent, only what the broker has never taken is sent.
    """

    def __init__(
        self,
        connection: Connection,
        consumer: Consumer,
        *,
        place: str,
        live_from: int,
        standing: Standing,
        pace: Pace | None = None,
    ) -> None:
        self._connection, self._consumer, self._pace = connection, consumer, pace
        self._place, self._live_from = place, live_from
        self._flight: dict[int, _Sent] = {}
        self._ready: deque[Row] = deque()
        self._again: deque[Row] = deque()
        self._cursor, self._taken_upto = standing.done, standing.sent
        self._looked = float("-inf")
        self._window = min(_IN_FLIGHT, connection.receive_maximum)

    async def pump(self, *, until_empty: bool = False) -> None:
        """Send what waits, and what comes. Raises MqttFailed, aiomqtt.MqttError and the outbox's errors.

        May be cancelled and called again.
        """
        while True:
            self._consumer.bell.clear()
            await self._settle()
            await self._repeat()
            await self._fill()
            if until_empty and not self._flight:
                return
            await self._rest()

    async def broken(self) -> None:
        """The connection is gone: keep its last answers, and set aside what keeps breaking it.

        Raises MqttFailed if the broker's last words were a refusal: they explain why it hung up.
        """
        await self._settle()
        await self._consumer.lost(list(self._flight))
        for sent in self._flight.values():
            attempts = sent.row.attempts + 1
            if _is_suspect(sent.row) and attempts >= _DEAD_AFTER:
                await self._bury(sent.row, f"the connection broke {attempts} times")

    async def _settle(self) -> None:
        done = [sent for sent in self._flight.values() if sent.answer.done()]
        taken = [sent for sent in done if sent.answer.result() < REFUSED_FROM]
        for sent in taken:
            del self._flight[sent.row.seq]
        if taken:
            await self._taken(taken)
        for sent in done:
            if sent.answer.result() >= REFUSED_FROM:
                await self._refused(sent)

    async def _taken(self, taken: list[_Sent]) -> None:
        """By the broker."""
        if self._pace is None:
            await self._consumer.acknowledge([sent.row.seq for sent in taken])
            return
        due = {sent.row.seq: self._pace.wait(sent.row.sends + 1) for sent in taken}
        await self._consumer.sent(due, min(self._flight, default=self._cursor + 1) - 1)

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
        await self._consumer.bury(row.seq, reason)

    async def _repeat(self) -> None:
        """Once more what the broker took long ago and the centre has not acknowledged: it is older than what waits."""
        if self._pace is None:
            return
        now = asyncio.get_running_loop().time()
        if not self._again and now - self._looked >= self._pace.first * _LOOK:
            self._looked = now
            found = await self._consumer.due(min(_READ_AHEAD, self._pace.again()))
            self._again.extend(row for row in found if row.seq <= self._cursor)
        while self._again and self._pace.again() and self._may_send(self._again[0]):
            row = self._again.popleft()
            if row.seq not in self._flight:
                self._send(row)
                self._pace.resent()

    async def _fill(self) -> None:
        if self._pace is None or self._pace.silent:
            self._pass_over(self._taken_upto)
        while self._pace is None or self._pace.room:
            if not self._ready:
                self._ready.extend(await self._consumer.peek(self._cursor, _READ_AHEAD))
            if not self._ready or not self._may_send(self._ready[0]):
                return
            row = self._ready.popleft()
            self._cursor = row.seq
            if not self._is_passed_over(row):
                self._send(row)

    def _pass_over(self, upto: int) -> None:
        if self._cursor < upto:
            self._cursor = upto
            self._ready.clear()

    def _is_passed_over(self, row: Row) -> bool:
        return self._pace is not None and row.sends >= _OFTEN and row.seq < self._pace.newest

    def _may_send(self, row: Row) -> bool:
        if any(_is_suspect(sent.row) for sent in self._flight.values()):
            return False
        return len(self._flight) < (1 if _is_suspect(row) else self._window)

    def _send(self, row: Row) -> None:
        replayed = row.sends > 0 or row.seq < self._live_from
        payload = as_replay(row.payload) if replayed else row.payload
        told = (("schema", SCHEMA), ("boot_id", row.boot_id), ("seq", str(row.seq)))
        answer = self._connection.deliver(row.topic, payload, told=told)
        answer.add_done_callback(lambda _: self._consumer.bell.set())
        self._flight[row.seq] = _Sent(row, answer, asyncio.get_running_loop().time())
        if self._pace is not None:
            self._pace.sent(row.seq)

    async def _rest(self) -> None:
        """Until something was stored, answered or said by the centre, or is due again."""
        oldest = min((sent.at for sent in self._flight.values()), default=None)
        now = asyncio.get_running_loop().time()
        patience = _IDLE_S if oldest is None else max(0.0, oldest + ACK_WAIT_S - now)
        look = patience if self._pace is None else self._pace.first * _LOOK
        try:
            async with asyncio.timeout(min(patience, look)):
                await self._consumer.bell.wait()
        except TimeoutError:
            if oldest is not None and patience <= look:
                raise MqttFailed(Fault.RETRY, unacknowledged(self._place)) from None


def _is_suspect(row: Row) -> bool:
    return row.attempts >= _SUSPECT_AFTER and len(row.payload) >= _LARGE
