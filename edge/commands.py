"""What a command centre asks of the box over MQTT: cmd/{name} in, answers out.

MQTT 5 carries where the answer goes (response topic, correlation data) and when a request is no longer wanted (message
expiry). Over 3.1.1 there is neither: the payload says it itself, which the handler reads.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import aiomqtt
import structlog

from edge.orders.problems import busy, too_large
from edge.site_id import SiteId
from streams.problem import Problem

log = structlog.get_logger()

_AT_ONCE = 16  # requests being worked on: an offer takes up to 12 s, and one centre has few dispatchers
_ORDERS = 64  # the same of orders, which limit themselves; repeats wait with the first
LONGEST = 96 * 1024  # bytes of a request: an offer of 64 kB, its line ends escaped, and a token
_LONG = {"config.apply": 768 * 1024}  # a site file of 512 kB, escaped


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes. correlation: given back as it came (MQTT 5, 3.3.2.3.6)."""

    topic: str
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. reply: None where MQTT itself does not say; send: says something to an address, now or later;
    False: there is no connection, or too much waits. name: of the command. expiry: s from its arrival, where MQTT
    says."""

    payload: bytes
    reply: Address | None
    send: "Send"
    name: str = ""
    expiry: int | None = None


class Send(Protocol):
    def __call__(self, to: Address, payload: bytes, expiry: int) -> bool:
        """expiry: s after which nobody wants it any more."""


Handler = Callable[[Asked], Awaitable[None]]


class Desk(Protocol):
    """Takes every request that no handler takes (edge.orders.door)."""

    async def take(self, asked: Asked) -> None: ...

    async def turn_away(self, asked: Asked, problem: Problem) -> None:
        """A request that is not read. Its payload is empty."""

    def connected(self, send: Send | None) -> None:
        """What was not said may be said now; None: nothing can be said."""


class Line(Protocol):
    """The connection of the moment (edge.mqtt.Connection)."""

    def say(
        self, topic: str, payload: bytes, *, correlation: bytes | None = None, expiry: int | None = None
    ) -> bool: ...


@dataclass(slots=True)
class Commands:
    """Of one centre. handlers: by the name of their command. A Publisher's connection is lent to it while it stands."""

    site: SiteId
    handlers: Mapping[str, Handler]
    desk: Desk | None = None
    refused: int = 0
    """Requests not taken: too long, or too many at once."""
    online: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while there is a connection."""
    _line: Line | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _orders: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def topics(self) -> tuple[str, ...]:
        """What to subscribe to: one that is not known is refused aloud."""
        return (f"{self._topic}+",)

    def connected(self, line: Line | None) -> None:
        """None: there is none any more."""
        self._line = line
        if line is None:
            self.online.clear()
        else:
            self.online.set()
        if self.desk is not None:
            self.desk.connected(None if line is None else self.send)

    def take(self, message: aiomqtt.Message) -> None:
        """One that came on one of our topics; of others nothing happens."""
        topic, payload = str(message.topic), message.payload
        name = topic.removeprefix(self._topic)
        if name == topic or not isinstance(payload, bytes):
            return
        if message.retain:  # left by somebody, some time: nobody waits for its answer
            log.warning("command.retained", command=name)
            return
        asked = Asked(payload, _reply(message), self.send, name, _expiry(message))
        if (handler := self.handlers.get(name)) is not None:
            self._begin(asked, handler, self._tasks, _AT_ONCE)
        elif self.desk is not None:
            self._begin(asked, self.desk.take, self._orders, _ORDERS)

    def send(self, to: Address, payload: bytes, expiry: int) -> bool:
        """False where it cannot be said: nobody is connected, the topic is not to be written to, or too much waits."""
        if self._line is None or not self.may_answer(to.topic):
            return False
        return self._line.say(to.topic, payload, correlation=to.correlation, expiry=expiry)

    def tell(self, *levels: str, payload: bytes, expiry: int) -> bool:
        """Something of our own, on a topic of the site."""
        if self._line is None:
            return False
        return self._line.say(self.site.topic(*levels), payload, expiry=expiry)

    def may_answer(self, topic: str) -> bool:
        """Whoever asks must not make the box speak in its own name: of our topics, only those under reply/."""
        own = self.site.topic("")
        bad = not topic or len(topic) > 256 or topic.startswith("$") or any(sign in topic for sign in "+#\0")
        return not bad and (not topic.startswith(own) or topic.startswith(f"{own}reply/"))

    @property
    def _topic(self) -> str:
        return self.site.topic("cmd", "")

    def _begin(self, asked: Asked, handler: Handler, at_work: set[asyncio.Task[None]], most: int) -> None:
        longest = _LONG.get(asked.name, LONGEST)
        if len(asked.payload) > longest:
            self._turn_away(asked, too_large(longest), at_work)
        elif len(at_work) >= most:
            self._turn_away(asked, busy(), at_work)
        else:
            self._spawn(asked.name, handler(asked), at_work)

    def _turn_away(self, asked: Asked, problem: Problem, at_work: set[asyncio.Task[None]]) -> None:
        """Aloud, where that is not too much as well."""
        self.refused += 1
        size, name = len(asked.payload), asked.name
        log.warning("command.dropped", command=name, bytes=size, at_work=len(at_work), code=problem.code)
        if self.desk is not None and len(self._orders) < 2 * _ORDERS:
            unread = Asked(b"", asked.reply, asked.send, name, asked.expiry)
            self._spawn(name, self.desk.turn_away(unread, problem), self._orders)

    def _spawn(self, name: str, work: Awaitable[None], tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.ensure_future(_guarded(name, work))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _guarded(name: str, work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:  # a defect in one command must not end the connection that events go by
        log.exception("command.defect", command=name)


def _reply(message: aiomqtt.Message) -> Address | None:
    properties = message.properties
    topic = getattr(properties, "ResponseTopic", None)
    if not isinstance(topic, str):
        return None
    correlation = getattr(properties, "CorrelationData", None)
    return Address(topic, correlation if isinstance(correlation, bytes) else None)


def _expiry(message: aiomqtt.Message) -> int | None:
    """s; the broker has taken off what the message waited there (MQTT 5, 3.3.2.3.3)."""
    expiry = getattr(message.properties, "MessageExpiryInterval", None)
    return expiry if isinstance(expiry, int) else None
