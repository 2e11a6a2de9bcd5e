"""Orders that come over MQTT, of one centre: read, handed to the office, answered where they ask."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from pydantic import JsonValue
from pydantic_core import from_json

from edge.commands import Address, Asked, Handler, Send
from edge.orders.box import Who
from edge.orders.ledger import Entry
from edge.orders.office import Orders, Way
from edge.orders.problems import forbidden, malformed
from edge.orders.words import Accepted, Answer, Progress
from edge.settings.orders import Permission
from streams.problem import Problem

log = structlog.get_logger()

_EXPIRY = 3600  # s after which nobody waits for an answer: a link that was down so long has brought repeats
_WAITING = 64  # final answers that could not be said yet; the oldest goes: its sender asks again
_LONGEST_TOPIC = 256


@dataclass(frozen=True, slots=True)
class _Unsaid:
    to: Address
    payload: bytes
    until: float


class Door:
    """edge.commands.Desk of one centre; centre: its name in the site file, may: what is granted to it there."""

    def __init__(
        self,
        orders: Orders,
        centre: str,
        may: tuple[Permission, ...],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._orders, self._clock = orders, clock
        self.who = Who(f"mqtt:{centre}", frozenset(may))
        self._send: Send | None = None
        self._unsaid: deque[_Unsaid] = deque(maxlen=_WAITING)
        orders.answers_late(self.who.name, self._late)

    def connected(self, send: Send | None) -> None:
        """What was not said is said now."""
        self._send = send
        waiting, self._unsaid = self._unsaid, deque(maxlen=_WAITING)
        for each in waiting:
            if each.until > self._clock():
                self._say(each)

    async def take(self, asked: Asked) -> None:
        fields = _fields(asked.payload)
        to = asked.reply or _named(fields)
        way = self._way(asked, to)
        if fields is None:
            self._answer(to, await self._orders.turn_away(asked.name, self.who, way, malformed("")))
            return
        async for answer in self._orders.ask(asked.name, fields, self.who, way):
            self._answer(to, answer)

    async def turn_away(self, asked: Asked, problem: Problem) -> None:
        answer = await self._orders.turn_away(asked.name, self.who, self._way(asked, asked.reply), problem)
        self._answer(asked.reply, answer)

    def talk(self, take: Handler) -> Handler:
        """The handler of cmd/talk: for centres that may talk, with an audit of what opens and closes something."""

        async def taken(asked: Asked) -> None:
            way = self._way(asked, asked.reply)
            if Permission.TALK not in self.who.may:
                await self.turn_away(asked, forbidden(Permission.TALK.value))
                return
            fields = _fields(asked.payload) or {}
            if fields.get("op") in ("open", "close", "call", "decline"):
                await self._orders.note("talk", self.who, way, str(fields.get("id", ""))[:64])
            await take(asked)

        return taken

    def _way(self, asked: Asked, to: Address | None) -> Way:
        until = None if asked.expiry is None else self._clock() + asked.expiry
        correlation = (to.correlation or b"").hex() if to else ""
        back = json.dumps({"topic": to.topic, "correlation": correlation}) if to else ""
        return Way(until, back, correlation)

    def _late(self, entry: Entry, answer: Answer) -> None:
        """To an order that a process before this one was given."""
        if entry.back:
            back = json.loads(entry.back)
            self._answer(Address(back["topic"], bytes.fromhex(back["correlation"]) or None), answer)

    def _answer(self, to: Address | None, answer: Answer) -> None:
        """A final one waits for a connection; any other is worth nothing later."""
        if to is None:
            log.info("orders.no_reply_address", id=answer.id, state=answer.state)
            return
        unsaid = _Unsaid(to, answer.model_dump_json().encode(), self._clock() + _EXPIRY)
        self._say(unsaid, keep=not isinstance(answer, Accepted | Progress))

    def _say(self, unsaid: _Unsaid, *, keep: bool = True) -> None:
        left = max(1, int(unsaid.until - self._clock()))
        if self._send is not None:
            if not self._send(unsaid.to, unsaid.payload, left):
                log.warning("orders.unanswered", bytes=len(unsaid.payload))
        elif keep:
            self._unsaid.append(unsaid)


def _fields(payload: bytes) -> dict[str, JsonValue] | None:
    """None: it is no JSON object."""
    try:
        found = from_json(payload, allow_inf_nan=False)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _named(fields: Mapping[str, JsonValue] | None) -> Address | None:
    topic = (fields or {}).get("reply_to")
    return Address(topic) if isinstance(topic, str) and 0 < len(topic) <= _LONGEST_TOPIC else None
