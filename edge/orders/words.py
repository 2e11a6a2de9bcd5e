"""What is asked of the box and what it answers, as JSON: docs/commands.md."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter, WithJsonSchema

from edge.wire import WireModel
from streams.problem import Problem
from streams.units import epoch

_EITHER = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}],
    "description": "RFC 3339 with a zone, or s since 1970",
}
Moment = Annotated[
    float, BeforeValidator(epoch), Field(ge=0, le=2**40, allow_inf_nan=False), WithJsonSchema(_EITHER)
]
"""s since 1970, UTC; in JSON an RFC 3339 time with a zone, too."""

Ident = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
"""Of an order: visible ASCII."""

Camera = Annotated[str, Field(min_length=1, max_length=64)]
"""The name of a stream of the site file."""


class Order(BaseModel):
    """What every request has beside the fields of its command.

    id: the same in a repeat, which is then done once. expires: after that it is no longer wanted; MQTT 5's message
    expiry says the same. reply_to: where the answers go, over MQTT 3.1.1. A key that is not known is refused: a
    misspelt `rule` must not silence a whole camera.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    v: Literal[1] = 1
    id: Ident
    expires: Moment | None = None
    reply_to: Annotated[str, Field(max_length=256)] | None = None


class FileData(WireModel):
    """A file that was kept. uri: relative to the box's storage; sha256: hex; since, until: RFC 3339, of what it shows."""

    uri: str
    size: int = Field(alias="bytes", ge=0)
    sha256: str
    since: str
    until: str


class Said(WireModel):
    """What happened, and what to do about it."""

    what: str
    do: str


class FindingData(WireModel):
    """Something in a site file. path: as in "streams[2].zones.gate"; line counts from 1."""

    path: str
    line: int
    level: Literal["error", "warning"]
    en: str
    zh: str


class _Answer(WireModel):
    """id: of the order; "" where it could not be read. time: RFC 3339."""

    v: Literal[1] = 1
    id: str
    command: str
    time: str


class Accepted(_Answer):
    """It was understood, is allowed, and is being done. Others follow until one that is not `progress`."""

    state: Literal["accepted"] = "accepted"


class Progress(_Answer):
    """share: of the work, 0 to 1."""

    state: Literal["progress"] = "progress"
    share: float = Field(ge=0, le=1)


class Done(_Answer):
    """result: the command's response."""

    state: Literal["done"] = "done"
    result: dict[str, JsonValue] = Field(default_factory=dict)

    def kept(self) -> "Done":
        """As it is remembered: without a picture inline, which its file still has."""
        return (
            self.model_copy(update={"result": {**self.result, "jpeg": None}})
            if "jpeg" in self.result
            else self
        )


class Refused(_Answer):
    """Nothing was done. code: dotted and stable."""

    state: Literal["refused"] = "refused"
    code: str
    en: Said
    zh: Said
    findings: tuple[FindingData, ...] = ()


class Failed(_Answer):
    """It was begun, and did not work out."""

    state: Literal["failed"] = "failed"
    code: str
    en: Said
    zh: Said


Answer = Annotated[Accepted | Progress | Done | Refused | Failed, Field(discriminator="state")]
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
Final = Done | Refused | Failed


def said(problem: Problem) -> dict[str, Any]:
    """code, en and zh of a refusal or a failure."""
    return {
        "code": problem.code,
        "en": Said(what=problem.what.en, do=problem.do.en),
        "zh": Said(what=problem.what.zh, do=problem.do.zh),
    }
