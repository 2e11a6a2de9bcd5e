"""A floor, as its members hear it."""

from relay.floor import Floor
from relay.floor_events import FloorEvent, Heard, Joined, Output, Saying, Speech, Switch
from relay.floor_words import Request, ToMember
from relay.talk import FloorRules, Member, Role, Urgency

CENTRE = Member("centre", Role.OPERATOR, priority=9)
DEPUTY = Member("deputy", Role.OPERATOR, priority=5)
ANNA = Member("anna", Role.BODY_CAMERA, priority=1)
BO = Member("bo", Role.BODY_CAMERA, priority=1)
CHEN = Member("chen", Role.BODY_CAMERA, priority=1)
GATE = Member("gate", Role.SPEAKER)
EVERYBODY = (CENTRE, DEPUTY, ANNA, BO, CHEN, GATE)


def said(outputs: tuple[Output, ...], to: str) -> list[ToMember]:
    return [output.word for output in outputs if isinstance(output, Saying) and output.to == to]


def speeches(outputs: tuple[Output, ...]) -> list[Speech]:
    return [output for output in outputs if isinstance(output, Speech)]


def switches(outputs: tuple[Output, ...]) -> list[str | None]:
    return [output.speaker for output in outputs if isinstance(output, Switch)]


class Meeting:
    """A floor with everybody there. Presses of the button count by themselves."""

    def __init__(self, rules: FloorRules | None = None) -> None:
        self.floor = Floor(rules)
        self.presses = dict.fromkeys((member.name for member in EVERYBODY), 0)
        for member in EVERYBODY:
            self.floor.handle(member.name, Joined(member), 0.0)

    def press(self, who: str, now: float, urgency: Urgency = Urgency.NORMAL) -> tuple[Output, ...]:
        self.presses[who] += 1
        return self.floor.handle(who, Request(press=self.presses[who], urgency=urgency), now)

    def event(self, who: str, event: FloorEvent, now: float) -> tuple[Output, ...]:
        return self.floor.handle(who, event, now)


def talk_on(meeting: Meeting, who: str, since: float, until: float) -> None:
    """A packet of its voice every second, both ends included."""
    for second in range(int(since), int(until) + 1):
        meeting.event(who, Heard(), float(second))
