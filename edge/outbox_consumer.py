"""One reader of the outbox."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from edge.outbox_desk import Desk
from edge.outbox_ledger import Row, Standing


class Consumer:
    """One that has to have every message: a centre, or a part of the gateway.

    It works off what `peek` gives, in a way that doing it twice does no harm, and acknowledges: what it had not
    acknowledged a second before a crash is handed out again. bell: set after every commit that stored something; its
    one reader clears it before it peeks.
    """

    def __init__(self, name: str, desk: Desk) -> None:
        self.name, self._desk = name, desk
        self.bell = asyncio.Event()

    async def peek(self, after_seq: int, limit: int) -> list[Row]:
        """The first rows with seq > after_seq that it has not acknowledged, in order; none means that there are none."""
        while True:
            noted = self._desk.notes.done(self.name)
            rows = await self._desk.call(self._desk.file.peek, self.name, after_seq, limit)
            fresh = [row for row in rows if row.seq not in noted]
            if fresh or not rows:
                return fresh
            after_seq = rows[-1].seq

    async def acknowledge(self, seqs: Iterable[int]) -> None:
        """It has these. Unknown numbers are harmless. Raises OutboxError where the disk refuses; it is tried again."""
        self._desk.notes.acknowledge(self.name, seqs)
        await self._desk.noted()

    async def received(self, ids: Sequence[str]) -> list[int]:
        """Acknowledge by the messages' ids; unknown ones are harmless. The numbers of those that waited."""
        seqs = await self._desk.call(self._desk.file.seqs, ids)
        await self.acknowledge(seqs)
        return seqs

    async def sent(self, due: Mapping[int, float], upto: int) -> None:
        """The broker took these, each to be sent again in so many s if it is not acknowledged; and everything up to
        `upto` was taken once."""
        ticks = self._desk.file.ticks
        self._desk.notes.sent(self.name, {seq: ticks + wait for seq, wait in due.items()}, upto)
        await self._desk.noted()

    async def due(self, limit: int) -> list[Row]:
        """What has to be sent again now; in order."""
        noted = self._desk.notes.done(self.name) | self._desk.notes.resent(self.name)
        rows = await self._desk.call(self._desk.file.due, self.name, limit + len(noted))
        return [row for row in rows if row.seq not in noted][:limit]

    async def lost(self, seqs: Sequence[int]) -> None:
        """The connection was lost while these were on their way."""
        await self._desk.call(self._desk.file.lost, self.name, seqs)

    async def bury(self, seq: int, reason: str) -> None:
        await self._desk.call(self._desk.file.bury, self.name, seq, reason)

    async def standing(self) -> Standing:
        """As of now, with what it did a moment ago."""
        await self._desk.settle()
        return await self._desk.call(self._desk.file.standing, self.name)

    async def waiting(self) -> int:
        """How many rows it has not acknowledged. Counts them: for people, not for loops."""
        await self._desk.settle()
        return await self._desk.call(self._desk.file.waiting, self.name)

    async def last_seq(self) -> int:
        return (await self._desk.call(self._desk.file.statistics)).last_seq
