"""What a command centre says of a case, on `{site}/case/{event_id}/down`: one JSON object per message.

Unknown keys are ignored, so that a centre may say more than we know. docs/cases.md shows each.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from streams.problem import Problem, ProblemError, Text

LONGEST = 512 << 10  # bytes of a message: 2,000 acknowledged ids of 160 characters, and their quotes
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# C0, DEL and C1, but for the line's end: these words are shown on terminals, which obey them.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def _shown(text: str) -> str:
    """Fit to be shown: no control characters, no blanks at the ends."""
    plain = _CONTROL.sub(" ", text).strip()
    if not plain:
        raise ValueError("is empty")
    return plain


def _dated(time: datetime) -> datetime:
    if not _FIRST <= time < _LAST:
        raise ValueError("is no time of this century")
    return time


Label = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_shown)]
Remark = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_shown)]
MessageId = Annotated[str, Field(min_length=1, max_length=160)]
Time = Annotated[AwareDatetime, AfterValidator(_dated)]


class Received(BaseModel):
    """The centre has stored these messages (ids of CloudEvents), of this case or of any other: they need not be sent
    again."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kind: Literal["received"]
    events: Annotated[tuple[MessageId, ...], Field(min_length=1, max_length=2000)]


class Word(BaseModel):
    """A step somebody took. id: the centre's own; a repeat of it is one and the same. by: who. time: when, with its
    zone."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]
    by: Label
    time: Time

    @property
    def digest(self) -> str:
        """The same for the same words."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Dispatched(Word):
    """Somebody is on the way, and has until `deadline` to close the case."""

    kind: Literal["dispatched"]
    unit: Label
    officers: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    deadline: Time | None = None
    remark: Remark | None = None


class Closed(Word):
    """What was found. proof: what shows it, as the centre names it (addresses, file numbers)."""

    kind: Literal["closed"]
    finding: Remark
    proof: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_shown)], ...],
        Field(max_length=100),
    ] = ()


class Evaluated(Word):
    """grade: 5 very satisfied to 1 very dissatisfied, the five grades of 好差评 (国办发〔2019〕51号)."""

    kind: Literal["evaluated"]
    grade: Annotated[int, Field(ge=1, le=5)]
    remark: Remark | None = None


class Reopened(Word):
    """It was not over: somebody has to be dispatched again."""

    kind: Literal["reopened"]
    remark: Remark | None = None


Said = Dispatched | Closed | Evaluated | Reopened
Down = Received | Said
SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="kind")])
DOWN: TypeAdapter[Down] = TypeAdapter(Annotated[Down, Field(discriminator="kind")])


class Malformed(ProblemError):
    """Not a message that may stand on `case/{event_id}/down`. id: the centre's own, as far as it can be read."""

    def __init__(self, problem: Problem, word_id: str | None = None) -> None:
        super().__init__(problem)
        self.id = word_id


def read(payload: bytes) -> Down:
    """Raises Malformed."""
    if len(payload) > LONGEST:
        raise Malformed(_too_long(len(payload)))
    try:
        return DOWN.validate_json(payload)
    except ValidationError as error:
        raise Malformed(wrong(error), _id(payload)) from None


class _Head(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]


def _id(payload: bytes) -> str | None:
    try:
        return _Head.model_validate_json(payload).id
    except ValidationError:
        return None


def _too_long(size: int) -> Problem:
    return Problem(
        "case.too_long",
        Text(
            f"the message has {size} bytes, {LONGEST} are allowed", f"消息为 {size} 字节，上限 {LONGEST} 字节"
        ),
        Text("acknowledge fewer messages at once", "请减少一次确认的消息数"),
    )


def wrong(error: ValidationError) -> Problem:
    """The first thing that is; the place begins with the kind of word, which is not part of the message."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] in ("union_tag_not_found", "union_tag_invalid"):
        what = _KINDS
    elif not field:
        what = Text("the message is not a JSON object", "消息不是 JSON 对象")
    elif first["type"] == "missing":
        what = Text(f"`{field}` is missing", f"缺少 {field}")
    else:
        what = Text(f"`{field}` is not allowed so", f"{field} 的值不符合要求")
    return Problem("case.malformed", what, Text("see docs/cases.md", "请参阅 docs/cases.md"))


_KINDS = Text(
    "`kind` is none of received, dispatched, closed, evaluated, reopened",
    "kind 须为 received、dispatched、closed、evaluated、reopened 之一",
)
