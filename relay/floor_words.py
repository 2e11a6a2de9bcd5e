"""What a member and the gateway tell each other about the floor: JSON over a data channel, or over MQTT.

One object per message, {"v": 1, "type": ...}. Within version 1 fields may be added, never changed or removed:
a reader ignores what it does not know. The words follow the messages of 3GPP TS 24.380, clause 8.2, whose binary
form (RTCP APP) no browser can send. docs/talk-messages.md shows each with an example.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from relay.talk import CallEnd, Denial, GroupKind, Revocation, Role, TalkRefused, Urgency
from relay.talk_problems import bad_message, not_json, other_version, too_large, unknown_type
from streams.problem import Problem

VERSION: Literal[1] = 1
LONGEST_MESSAGE = 1024  # bytes from a member: the longest we know of takes under 200

Name = Annotated[str, Field(min_length=1, max_length=128)]
Press = Annotated[int, Field(ge=0, lt=1 << 53, strict=True)]  # what JavaScript counts exactly
Seconds = Annotated[float, Field(ge=0)]


class Word(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    type: str
    v: Literal[1] = VERSION


class Request(Word):
    """Asks for the floor. press: number of this press of the talk button, counted up from connection to
    disconnection, so that a message that comes late or twice changes nothing. Sending it again with the same
    press and another urgency raises that."""

    type: Literal["request"] = "request"
    press: Press
    urgency: Urgency = Urgency.NORMAL


class Release(Word):
    """The talk button was let go: gives the floor back, or the place in the queue. press: of the request."""

    type: Literal["release"] = "release"
    press: Press


class EndEmergency(Word):
    """The emergency is over: of `member`, by an operator; without it, one's own."""

    type: Literal["end_emergency"] = "end_emergency"
    member: Name | None = None


class TakeBack(Word):
    """An operator takes the floor from this speaker, of no higher priority than its own, without speaking."""

    type: Literal["take_back"] = "take_back"
    member: Name


class EndCall(Word):
    """Hangs up: either party of a private call; an operator, or who opened it, in an event's call."""

    type: Literal["end_call"] = "end_call"


class Granted(Word):
    """Speak. seconds: for so long at most, from now."""

    type: Literal["granted"] = "granted"
    seconds: Seconds
    emergency: bool = False


class Denied(Word):
    """No. cause: number in TS 24.380, 8.2.6.2. retry_after: s, where waiting helps."""

    type: Literal["denied"] = "denied"
    reason: Denial
    cause: int
    retry_after: Seconds | None = None

    @classmethod
    def of(cls, reason: Denial, retry_after: float | None = None) -> Self:
        return cls(reason=reason, cause=reason.cause, retry_after=retry_after)


class Queued(Word):
    """Wait, with the button held. position: 1 is next; said again whenever it changes."""

    type: Literal["queued"] = "queued"
    position: int


class Taken(Word):
    """Somebody speaks. seconds: since so long ago, for who joins late."""

    type: Literal["taken"] = "taken"
    by: str
    role: Role
    emergency: bool = False
    seconds: Seconds = 0.0


class Idle(Word):
    """Nobody speaks."""

    type: Literal["idle"] = "idle"


class Revoked(Word):
    """Stop: what you say is not forwarded any more. cause: number in TS 24.380, 8.2.10.2."""

    type: Literal["revoked"] = "revoked"
    reason: Revocation
    cause: int

    @classmethod
    def of(cls, reason: Revocation) -> Self:
        return cls(reason=reason, cause=reason.cause)


class Ending(Word):
    """The longest time of a speech is nearly over. seconds: what is left."""

    type: Literal["ending"] = "ending"
    seconds: Seconds


class Emergency(Word):
    """Who is in an emergency, in the order they said so; empty: nobody any more."""

    type: Literal["emergency"] = "emergency"
    by: tuple[str, ...]


class Listed(BaseModel):
    """A member of the roster. here: connected now."""

    model_config = ConfigDict(frozen=True)
    name: str
    role: Role
    priority: int
    may_speak: bool
    here: bool


class Roster(Word):
    """Everybody of the group, whenever somebody comes or goes."""

    type: Literal["roster"] = "roster"
    group: str
    kind: GroupKind
    members: tuple[Listed, ...]


class Ring(Word):
    """You are called: join group `call`, which is what it is named, within `seconds`. by: who calls; None: an
    event does. subject: what about."""

    type: Literal["ring"] = "ring"
    call: str
    kind: GroupKind
    by: str | None = None
    members: tuple[str, ...]
    subject: str = ""
    seconds: Seconds


class Replaced(Word):
    """The same member connected anew, elsewhere or after a reload; this connection ends."""

    type: Literal["replaced"] = "replaced"


class Closed(Word):
    """The call is over."""

    type: Literal["closed"] = "closed"
    reason: CallEnd


class Refused(Word):
    """What you sent cannot be done. code: of the trouble; en, zh: the same in words."""

    type: Literal["refused"] = "refused"
    code: str
    en: str
    zh: str


FromMember = Request | Release | EndEmergency | TakeBack | EndCall
ToMember = (
    Granted
    | Denied
    | Queued
    | Taken
    | Idle
    | Revoked
    | Ending
    | Emergency
    | Roster
    | Ring
    | Replaced
    | Closed
    | Refused
)

_FROM_MEMBER: TypeAdapter[FromMember] = TypeAdapter(Annotated[FromMember, Field(discriminator="type")])


def read(text: str | bytes) -> FromMember:
    """A message from a member. Raises TalkRefused: too large, not JSON, of an unknown type or version, or wrong."""
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if len(raw) > LONGEST_MESSAGE:
        raise TalkRefused(too_large(LONGEST_MESSAGE))
    try:
        return _FROM_MEMBER.validate_json(raw)
    except ValidationError as error:
        raise TalkRefused(_trouble(error.errors(include_url=False, include_input=False)[0])) from None


def _trouble(error: ErrorDetails) -> Problem:
    match error["type"], error["loc"]:
        case "json_invalid", _:
            return not_json()
        case "union_tag_invalid" | "union_tag_not_found", _:
            return unknown_type()
        case _, (*_, "v"):
            return other_version(VERSION)
        case _, loc:
            return bad_message(str(loc[-1]) if len(loc) > 1 else "")


def write(word: FromMember | ToMember) -> str:
    """As it goes over the wire; what is None is not there."""
    return word.model_dump_json(exclude_none=True)


def refusal(problem: Problem) -> Refused:
    """The same as a message."""
    return Refused(code=problem.code, en=problem.say("en"), zh=problem.say("zh"))
