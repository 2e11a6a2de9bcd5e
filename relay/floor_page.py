"""docs/talk-messages.md, written from the messages themselves: python -m relay.floor_page > docs/talk-messages.md"""

import inspect
import sys
from collections.abc import Sequence

from relay import floor_words as words
from relay.floor_words import LONGEST_MESSAGE, FromMember, ToMember, write
from relay.talk import CallEnd, Denial, GroupKind, Revocation, Role, Urgency

FROM_MEMBER: tuple[FromMember, ...] = (
    words.Request(press=3, urgency=Urgency.PREEMPT),
    words.Release(press=3),
    words.EndEmergency(member="badge-17"),
    words.TakeBack(member="badge-17"),
    words.EndCall(),
)
TO_MEMBER: tuple[ToMember, ...] = (
    words.Granted(seconds=60, emergency=False),
    words.Denied.of(Denial.RETRY_AFTER, 2.5),
    words.Queued(position=2),
    words.Taken(by="badge-17", role=Role.BODY_CAMERA, emergency=False, seconds=4.2),
    words.Idle(),
    words.Revoked.of(Revocation.PREEMPTED),
    words.Ending(seconds=10),
    words.Emergency(by=("badge-17",)),
    words.Roster(
        group="huangzhuang",
        kind=GroupKind.STANDING,
        members=(
            words.Listed(name="centre", role=Role.OPERATOR, priority=9, may_speak=True, here=True),
            words.Listed(name="gate-3", role=Role.SPEAKER, priority=0, may_speak=False, here=False),
        ),
    ),
    words.Ring(
        call="call-7f3a",
        kind=GroupKind.EVENT,
        members=("centre", "badge-17"),
        subject="vehicle.zone 黄庄2号",
        seconds=30,
    ),
    words.Replaced(),
    words.Closed(reason=CallEnd.NO_ANSWER),
    words.Refused(code="talk.not_json", en="the message is not JSON", zh="消息不是 JSON"),
)

_HEAD = f"""# Talk messages

How a member and the gateway speak about the floor of a talk group, over the data channel `floor` or over MQTT. One JSON
object per message, UTF-8; `v` is 1. Fields may be added within version 1: ignore what you do not know.

A message from a member has at most {LONGEST_MESSAGE} bytes; letting the button go is always obeyed, other messages are
limited in number. What cannot be read or done is answered by `refused`, with a code and words.

Terms follow 3GPP TS 22.179 and TS 24.380; `cause` is that standard's number.

**An ordinary talk**: `request` (press 3), `granted`; everybody else is told `taken`; `release` (press 3), everybody is told
`idle`. Whoever joins is told `emergency` where there is one, `roster`, and `taken` or `idle`.

**`press`** counts the presses of the talk button since the connection was made. A message of an older press, or one that
comes twice, changes nothing and is answered by how things stand.
"""


def page() -> str:
    """The whole of it, as Markdown."""
    sections = (
        _HEAD,
        "## From a member\n",
        *_sections(FROM_MEMBER),
        "## To a member\n",
        *_sections(TO_MEMBER),
        "## Reasons\n",
        _reasons(),
    )
    return "\n".join(sections)


def _sections(examples: Sequence[FromMember | ToMember]) -> list[str]:
    return [_section(word) for word in examples]


def _section(word: FromMember | ToMember) -> str:
    text = " ".join((inspect.getdoc(type(word)) or "").split())
    return f"### {word.type}\n\n{text}\n\n```json\n{write(word)}\n```\n"


def _reasons() -> str:
    denied = [f"| `denied` | `{reason}` | {reason.cause} |" for reason in Denial]
    revoked = [f"| `revoked` | `{reason}` | {reason.cause} |" for reason in Revocation]
    closed = [f"| `closed` | `{reason}` | |" for reason in CallEnd]
    return "\n".join(["| message | reason | cause |", "|---|---|---|", *denied, *revoked, *closed, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
