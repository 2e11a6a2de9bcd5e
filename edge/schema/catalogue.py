"""Every message there is between a box and a centre over MQTT, with the model that says its words.

A message that is not here does not exist for integrators: the tests hold what they see against these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from edge.cases.note import CaseEvent
from edge.cases.words import DOWN
from edge.envelope import CloudEvent
from edge.letter import ClockSet, Dropped, SiteEvent
from edge.mqtt_telemetry import Health
from edge.orders.registry import Command, commands
from edge.orders.words import ANSWER
from edge.presence import Birth, Death
from edge.schema.talkback import CALL, TALK_ANSWER
from edge.talk.letters import AnyLetter
from edge.upload.letters import UploadedData


class Way(Enum):
    """What the box does with it, in the words of AsyncAPI."""

    UP = "send"
    DOWN = "receive"


@dataclass(frozen=True, slots=True)
class Entry:
    """address: below the site's topic, {names} stand for levels; None: where the request says. adapter: of the payload.
    answers: the entry of what comes back on a request's response topic."""

    way: Way
    address: str | None
    adapter: TypeAdapter[Any]
    summary: str
    qos: Literal[0, 1] = 1
    retained: bool = False
    answers: str | None = None


class DroppedEvent(SiteEvent):
    """Messages left the full store unsent: the gaps in seq that it names are explained."""

    type: Literal["site.dropped"]
    data: Dropped


class ClockEvent(SiteEvent):
    """The wall clock jumped."""

    type: Literal["site.clock"]
    data: ClockSet


class UploadedEvent(SiteEvent):
    """A file of proof has arrived on the upload server."""

    type: Literal["site.uploaded"]
    data: UploadedData


_STATE: TypeAdapter[Any] = TypeAdapter(Annotated[Birth | Death, Field(discriminator="state")])
_SITE: TypeAdapter[Any] = TypeAdapter(
    Annotated[DroppedEvent | ClockEvent | UploadedEvent, Field(discriminator="type")]
)
_LETTER: TypeAdapter[Any] = TypeAdapter(Annotated[AnyLetter, Field(discriminator="op")])

MESSAGES: Mapping[str, Entry] = {
    "event": Entry(
        Way.UP,
        "ev/{type}/{camera}",
        TypeAdapter(CloudEvent),
        "A step in the life of an event: it begins, goes on, or is over.",
    ),
    "site-event": Entry(Way.UP, "ev/{type}", _SITE, "What a box says of itself."),
    "case-up": Entry(Way.UP, "case/{event_id}/up", TypeAdapter(CaseEvent), "A step of a case."),
    "case-down": Entry(
        Way.DOWN,
        "case/{event_id}/down",
        DOWN,
        "What a centre says of a case; and by `received`, which messages it has stored.",
    ),
    "state": Entry(
        Way.UP, "birth", _STATE, "Whether the box is there; retained, and the last will.", retained=True
    ),
    "telemetry": Entry(
        Way.UP, "tele/{camera}", TypeAdapter(Health), "A camera's health, every 30 s; never kept.", qos=0
    ),
    "answer": Entry(Way.UP, None, ANSWER, "How a command goes on, and what came of it."),
    "talk-letter": Entry(
        Way.DOWN, "cmd/talk", _LETTER, "Signalling of talk-back: docs/talk-mqtt.md.", answers="talk-answer"
    ),
    "talk-answer": Entry(Way.UP, None, TALK_ANSWER, "The answer to a letter, and the floor's words."),
    "call": Entry(Way.UP, "call/{member}", CALL, "A call rings at a member of the talk groups."),
}


def orders() -> Mapping[str, Command]:
    """Commands whose requests are one JSON object of the registry; talk has letters of its own."""
    return {name: command for name, command in sorted(commands().items()) if name != "talk"}
