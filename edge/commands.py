"""What the command centre asks of the box over MQTT: cmd/{name} in, an answer out.

MQTT 5 carries where the answer goes (response topic, correlation data) and when a request is no longer wanted (message
expiry). Over 3.1.1 there is neither: the payload says it itself, which the handler reads.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import aiomqtt
import structlog

from edge.envelope import SiteId

log = structlog.get_logger()

_AT_ONCE = 16  # requests being worked on: an offer takes up to 12 s, and one centre has few dispatchers
LONGEST = 96 * 1024  # bytes of a request: an offer of 64 kB, its line ends escaped, and a token


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes. correlation: given back as it came (MQTT 5, 3.3.2.3.6)."""

    topic: str
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. reply: None where MQTT itself does not say; send: says something to an address, now or later;
    False: there is no connection, or too much waits."""

    payload: bytes
    reply: Address | None
    send: "Send"


class Send(Protocol):
    def __call__(self, to: Address, payload: bytes, expiry: int) -> bool:
        """expiry: s after which nobody wants it any more."""


Handler = Callable[[Asked], Awaitable[None]]


class Line(Protocol):
    """The connection of the moment (edge.mqtt.Connection)."""

    def say(
        self, topic: str, payload: bytes, *, correlation: bytes | None = None, expiry: int | None = None
    ) -> bool: ...


@dataclass(slots=True)
class Commands:
    """handlers: by the name of their command. A Publisher's connection is lent to it while it stands."""

    site: SiteId
    handlers: Mapping[str, Handler]
    refused: int = 0
    """Requests dropped: too long, or too many at once."""
    _line: Line | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def topics(self) -> tuple[str, ...]:
        """What to subscribe to."""
        return tuple(self.site.topic("cmd", name) for name in self.handlers)

    def connected(self, line: Line | None) -> None:
        """None: there is none any more."""
        self._line = line

    def take(self, message: aiomqtt.Message) -> None:
        """One that came on one of our topics."""
        name = str(message.topic).rpartition("/")[2]
        handler = self.handlers.get(name)
        payload = message.payload
        if handler is None or not isinstance(payload, bytes):
            return
        if message.retain:  # left by somebody, some time: nobody waits for its answer
            log.warning("command.retained", command=name)
            return
        if len(payload) > LONGEST or len(self._tasks) >= _AT_ONCE:
            self.refused += 1
            log.warning("command.dropped", command=name, bytes=len(payload), at_work=len(self._tasks))
            return
        task = asyncio.ensure_future(_guarded(name, handler(Asked(payload, _reply(message), self.send))))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
