"""What a case is: its state, its deadline, and the steps that made it. Values only; edge.cases.course moves them."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from edge.geo import TextData
from inference.findings import Severity, Whistle

BOX = "sandwatch"  # who escalates


class State(StrEnum):
    OPEN = "open"
    RECEIVED = "received"
    DISPATCHED = "dispatched"
    CLOSED = "closed"
    EVALUATED = "evaluated"


UNDER_WAY = frozenset({State.OPEN, State.RECEIVED, State.DISPATCHED})


class Kind(StrEnum):
    """Of a step."""

    OPENED = "opened"
    RECEIVED = "received"
    DISPATCHED = "dispatched"
    ESCALATED = "escalated"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    REOPENED = "reopened"
    REFUSED = "refused"
    ENDED = "ended"


SILENT = frozenset(
    {Kind.OPENED, Kind.ENDED}
)  # not told to the centres: an event of their own says so already


class Awaited(StrEnum):
    """What there is a deadline for."""

    RECEIVE = "receive"
    DISPATCH = "dispatch"
    CLOSE = "close"


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Deadlines(Value):
    """s within which a case is to be received (of its opening), dispatched (of its reception) and closed (of that);
    None: any time will do."""

    receive: float | None = None
    dispatch: float | None = None
    close: float | None = None


class Due(Value):
    """at: s since 1970. granted: s there were. boot: the run of the daemon whose clock counted it; None: a date that a
    person gave, which stays what it is when the clock is put right."""

    awaited: Awaited
    at: float
    granted: float
    boot: str | None = None


class Moment(Value):
    """When something is done, in which run of the daemon, and what holds then for the camera. now: s since 1970."""

    now: float
    boot: str
    deadlines: Deadlines = Deadlines()

    def due(self, awaited: Awaited) -> Due | None:
        """What is awaited from now on."""
        granted: float | None = getattr(self.deadlines, awaited.value)
        if granted is None:
            return None
        return Due(awaited=awaited, at=self.now + granted, granted=granted, boot=self.boot)


class Step(Value):
    """What happened to a case. n: counts its steps from 0. time: of the box, s since 1970. state: after it. by: who.
    centre: whose word it was; "": of nobody, or of somebody at the box. word: that word's id. said: its time, or the
    event's; s since 1970. The others where they fit: whistle, called (next in the duty roster) and overdue (what was
    not done in time) of an escalation; references: to what shows the finding; code and reason of a refusal.
    """

    n: int
    kind: Kind
    time: float
    state: State
    by: str = BOX
    centre: str = ""
    word: str | None = None
    said: float | None = None
    unit: str | None = None
    officers: tuple[str, ...] = ()
    deadline: float | None = None
    finding: str | None = None
    references: tuple[str, ...] = ()
    grade: int | None = None
    remark: str | None = None
    whistle: Whistle | None = None
    overdue: Awaited | None = None
    called: str | None = None
    code: str | None = None
    reason: TextData | None = None


class Case(Value):
    """As its steps left it. since, opened: s since 1970, of its event and of itself. unit: responsible, or on the way.
    called: everybody who was named for it. late: what was not done in time and still is not. steps: so far; refusals: of
    these. ended: when its event was over. settled: when it was last closed or evaluated."""

    event_id: str
    camera: str
    type: str
    severity: Severity
    since: float
    opened: float
    state: State = State.OPEN
    whistle: Whistle | None = None
    zone: str | None = None
    rule: str | None = None
    due: Due | None = None
    late: Awaited | None = None
    unit: str | None = None
    officers: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    received_by: tuple[str, ...] = ()
    steps: int = 0
    refusals: int = 0
    reopened: int = 0
    ended: float | None = None
    settled: float | None = None

    @property
    def under_way(self) -> bool:
        """Whether somebody still has to do something about what happened."""
        return self.state in UNDER_WAY

    def passed(self, now: float) -> bool:
        """Whether its deadline has."""
        return self.under_way and self.due is not None and now >= self.due.at

    def overdue(self, now: float) -> bool:
        """Whether what should have been done by now is still not done."""
        return self.under_way and (self.late is not None or self.passed(now))

    def shifted(self, boot: str, jump: float) -> Self:
        """The clock was put right by `jump` s in the run `boot`: what that run counted goes with it."""
        if self.due is None or self.due.boot != boot:
            return self
        return self.model_copy(update={"due": self.due.model_copy(update={"at": self.due.at + jump})})
