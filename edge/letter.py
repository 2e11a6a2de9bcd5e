"""What the outbox keeps: anything with a name of its own that a command centre has to be told."""

from typing import Literal, Protocol

from pydantic import Field, SerializeAsAny

from edge.envelope import Clock, Message, new_event_id
from edge.site_id import SiteId
from edge.wire import SCHEMA, Attributes, WireModel, rfc3339


class Letter(Protocol):
    """A message on its way to the centres. `Occurrence` is one, and edge.cases' notes are."""

    @property
    def id(self) -> str:
        """Unique per message and the same on every resend: event_id, a slash, and more."""

    @property
    def event_id(self) -> str:
        """Of the case it belongs to."""

    @property
    def camera(self) -> str:
        """ "" for the box itself."""

    @property
    def droppable(self) -> bool:
        """Whether it may go when the store is full, since a later one says it better."""

    def sealed(self, site: SiteId, boot_id: str, seq: int, clock: Clock) -> Message:
        """Its final words, once the outbox knows its number. Called on the outbox's thread: no I/O."""


class SiteData(WireModel):
    """`data` of what a box says of itself. seq, boot_id, clock: filled when it is sealed; seq and replayed as in
    edge.envelope.EventData."""

    schema_: Literal["sandwatch/v1"] = Field(SCHEMA, alias="schema")
    seq: int = 0
    boot_id: str = ""
    replayed: bool = False
    clock: Clock = Clock()


class Dropped(SiteData):
    """Of "site.dropped": messages that had a number and left the full store unsent.

    superseded: updates of a case of which a newer message waited; updates: others; refused: never stored, so without
    a number. ranges: first and last number of each gap they leave.
    """

    superseded: int = Field(0, ge=0)
    updates: int = Field(0, ge=0)
    refused: int = Field(0, ge=0)
    ranges: tuple[tuple[int, int], ...] = ()


class ClockSet(SiteData):
    """Of "site.clock": the wall clock jumped by so many s (forward: above 0) against the clock nobody sets."""

    jumped_s: float


class SiteEvent(Attributes):
    """The CloudEvent a SiteNote becomes."""

    data: SerializeAsAny[SiteData]


class SiteNote(WireModel):
    """A letter of the box about itself, under `ev/{type}`; type: "site.dropped" and its like. time: Unix time, s."""

    id: str
    type: str = Field(pattern=r"^site\.")
    time: float
    data: SerializeAsAny[SiteData]

    @classmethod
    def of(cls, kind: str, now: float, data: SiteData) -> "SiteNote":
        return cls(id=f"{new_event_id(now)}/0", type=kind, time=now, data=data)

    @property
    def event_id(self) -> str:
        return self.id.rpartition("/")[0]

    @property
    def camera(self) -> str:
        return ""

    @property
    def droppable(self) -> bool:
        return False

    def sealed(self, site: SiteId, boot_id: str, seq: int, clock: Clock) -> Message:
        event = SiteEvent(
            id=self.id,
            source=site.source(),
            type=self.type,
            subject=site.site,
            time=rfc3339(self.time),
            data=self.data.model_copy(update={"seq": seq, "boot_id": boot_id, "clock": clock}),
        )
        return Message(site.topic("ev", self.type), event.model_dump_json().encode())
