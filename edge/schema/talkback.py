"""Answers to letters about talk, as docs/talk-mqtt.md tells them: the desk writes them as plain JSON."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter

from edge.wire import WireModel
from relay.floor_words import Ring, ToMember
from relay.signalling import Kind


class TalkDone(WireModel):
    """A letter was obeyed; beside these fields stand those of its `op`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    v: Literal[1]
    id: str
    ok: Literal[True]


class Words(WireModel):
    """What happened, and what to do about it."""

    what: str
    do: str


class TalkRefusal(WireModel):
    """A letter was refused. retry_after: s, where waiting helps."""

    v: Literal[1]
    id: str
    ok: Literal[False]
    kind: Kind
    code: str
    retry_after: float | None = None
    en: Words
    zh: Words


class FloorWord(WireModel):
    """What the floor says to a session that has no data channel."""

    v: Literal[1]
    session: str
    word: Annotated[ToMember, Field(discriminator="type")]


class Call(Ring):
    """A call rings at a member. at: when it was said, s since 1970. token: lets this member into this call."""

    at: float
    token: str | None = None


TALK_ANSWER: TypeAdapter[Any] = TypeAdapter(TalkDone | TalkRefusal | FloorWord)
CALL: TypeAdapter[Any] = TypeAdapter(Call)
