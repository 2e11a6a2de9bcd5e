"""A step of a case on its way to the centres: a letter of the outbox, a CloudEvent on `{site}/case/{event_id}/up`."""

from typing import Literal

from pydantic import Field

from edge.cases.case import Awaited, Kind, State, Step
from edge.envelope import Clock, Message
from edge.geo import TextData
from edge.site_id import SiteId
from edge.wire import SCHEMA, Attributes, WireModel, rfc3339
from inference.findings import Whistle


class CaseData(WireModel):
    """`data` of the event. seq, boot_id, replayed, clock: as in edge.envelope.EventData.

    n: of the step, counting from 1 within its case; steps that no centre is told of leave gaps. state: after it. by: who;
    "sandwatch" the box itself. centre: whose word it answers, as the site file calls it; word: that word's id; said:
    its time. Times are RFC 3339. references: as the centre gave them in `proof`. called: who is next in the duty roster;
    overdue: what was not done in time. code, reason: of a refusal.
    """

    schema_: Literal["sandwatch/v1"] = Field(SCHEMA, alias="schema")
    seq: int
    boot_id: str
    replayed: bool = False
    clock: Clock = Clock()
    event_id: str
    camera: str | None = None
    n: int
    state: State | None = None
    by: str
    centre: str | None = None
    word: str | None = None
    said: str | None = None
    unit: str | None = None
    officers: tuple[str, ...] | None = None
    deadline: str | None = None
    finding: str | None = None
    references: tuple[str, ...] | None = None
    grade: int | None = None
    remark: str | None = None
    whistle: Whistle | None = None
    overdue: Awaited | None = None
    called: str | None = None
    code: str | None = None
    reason: TextData | None = None


class CaseEvent(Attributes):
    """The context attributes (CloudEvents 1.0), and our data. subject: the case."""

    type: Literal[
        "case.received",
        "case.dispatched",
        "case.escalated",
        "case.closed",
        "case.evaluated",
        "case.reopened",
        "case.refused",
    ]
    data: CaseData


class CaseNote(WireModel):
    """camera: "" where there is no such case. mark: tells refusals of unknown cases apart, which have no number."""

    event_id: str
    camera: str
    step: Step
    mark: str | None = None

    @property
    def id(self) -> str:
        return f"{self.event_id}/case/{self.mark or self.step.n}"

    @property
    def type(self) -> str:
        return f"case.{self.step.kind.value}"

    @property
    def droppable(self) -> bool:
        """Whoever is refused without an end must not push anything else out of a full store."""
        return self.step.kind is Kind.REFUSED

    def sealed(self, site: SiteId, boot_id: str, seq: int, clock: Clock) -> Message:
        event = CaseEvent.model_validate(
            {
                "id": self.id,
                "source": site.source(self.camera),
                "type": self.type,
                "subject": self.event_id,
                "time": rfc3339(self.step.time),
                "data": self._data(boot_id, seq, clock),
            }
        )
        return Message(
            site.topic("case", self.event_id, "up"), event.model_dump_json(exclude_none=True).encode()
        )

    def _data(self, boot_id: str, seq: int, clock: Clock) -> CaseData:
        step = self.step
        told = step.model_dump(exclude={"kind", "time", "said", "deadline"}, exclude_defaults=True)
        return CaseData.model_validate(
            {
                "by": step.by,
                **told,
                "state": step.state if self.camera else None,
                "said": None if step.said is None else rfc3339(step.said),
                "deadline": None if step.deadline is None else rfc3339(step.deadline),
                "seq": seq,
                "boot_id": boot_id,
                "clock": clock,
                "event_id": self.event_id,
                "camera": self.camera or None,
            }
        )
