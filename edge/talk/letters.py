"""Signalling over MQTT: one JSON object per letter, on cmd/talk of the site's topic. docs/talk-mqtt.md shows each.

The same offers, answers, candidates and floor messages as over HTTP, for a box that the centre cannot reach.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from edge.talk.problems import bad_letter
from relay.floor_words import FromMember
from relay.media.policy import MAX_SDP, Purpose
from relay.signalling import Kind, Turned

VERSION: Literal[1] = 1
FRESH = 15.0  # s a letter may be old, or early: a call that was answered long ago must not ring

Name = Annotated[str, Field(min_length=1, max_length=64)]
Session = Annotated[str, Field(min_length=1, max_length=64)]


class Letter(BaseModel):
    """id: the same in a repeat, which is then done once. at: written, s since 1970. reply_to: where the answer goes,
    over MQTT 3.1.1."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    v: Literal[1] = VERSION
    id: Annotated[str, Field(min_length=1, max_length=64)]
    at: float
    token: SecretStr
    reply_to: Annotated[str, Field(max_length=256)] | None = None


class Open(Letter):
    """An offer: to publish, watch or talk (relay.wish). Floor messages for a session without a data channel go where
    this letter's answer went."""

    op: Literal["open"]
    purpose: Purpose
    group: Name | None = None
    member: Name | None = None
    camera: Name | None = None
    offer: Annotated[str, Field(min_length=1, max_length=MAX_SDP)]


class Trickle(Letter):
    """More candidates ("candidate:..." each); with etag "*", and ufrag and pwd: an ICE restart."""

    op: Literal["trickle"]
    session: Session
    etag: Annotated[str, Field(max_length=64)] = ""
    ufrag: Annotated[str, Field(max_length=256)] | None = None
    pwd: Annotated[str, Field(max_length=256)] | None = None
    candidates: Annotated[
        tuple[Annotated[str, Field(pattern=r"^candidate:", max_length=512)], ...], Field(max_length=64)
    ] = ()
    end: bool = False


class Close(Letter):
    op: Literal["close"]
    session: Session


class Floor(Letter):
    """A floor message (relay.floor_words) of a session, opened over HTTP or MQTT."""

    op: Literal["floor"]
    session: Session
    message: Annotated[FromMember, Field(discriminator="type")]


class Call(Letter):
    """caller calls: one member (callee), or several together, which takes an operator."""

    op: Literal["call"]
    caller: Name
    callee: Name | None = None
    members: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    subject: Annotated[str, Field(max_length=200)] = ""


class Decline(Letter):
    op: Literal["decline"]
    call: Name
    member: Name


class Places(Letter):
    """What this token may reach."""

    op: Literal["places"]


AnyLetter = Open | Trickle | Close | Floor | Call | Decline | Places
_LETTER: TypeAdapter[AnyLetter] = TypeAdapter(Annotated[AnyLetter, Field(discriminator="op")])


def read(payload: bytes) -> AnyLetter:
    """Raises Turned (MALFORMED)."""
    try:
        return _LETTER.validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = (
            str(first["loc"][-1]) if len(first["loc"]) > 1 else "op" if "union_tag" in first["type"] else ""
        )
        raise Turned(Kind.MALFORMED, bad_letter(field)) from None


class Envelope(BaseModel):
    """What a letter that cannot be read whole may still say: where its answer goes."""

    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, Field(max_length=64)] = ""
    reply_to: Annotated[str, Field(max_length=256)] | None = None


def envelope(payload: bytes) -> Envelope:
    try:
        return Envelope.model_validate_json(payload)
    except ValidationError:
        return Envelope()


Answer = dict[str, Any]
