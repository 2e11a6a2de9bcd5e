"""What the case book reads of an event that waits in the outbox."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from edge.cases.case import Case
from edge.cases.respond import Respond
from inference.findings import Phase, Severity, Whistle

# Events that somebody has to answer. A camera that is away is the technician's, and a count is nobody's.
_FAMILIES = ("vehicle.", "machine.", "land.")
_TAMPERED = "camera.tampered"


def _seconds(text: object) -> object:
    """RFC 3339 -> s since 1970."""
    return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else text


Seconds = Annotated[float, BeforeValidator(_seconds)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldData(_Part):
    event_id: str
    phase: Phase
    severity: Severity
    rule: str
    since: Seconds
    zone: str | None = None
    whistle: Whistle | None = None
    respond: Respond | None = None
    muted: Any = None


class Told(_Part):
    """One message of an event. time: s since 1970."""

    type: str
    subject: str
    time: Seconds
    data: ToldData

    @property
    def opens(self) -> bool:
        """Whether it may begin a case: it is new, and not muted."""
        return self.data.phase is Phase.NEW and not self.data.muted

    def case(self, now: float) -> Case:
        """The case it opens. now: s since 1970."""
        data, respond = self.data, self.data.respond or Respond()
        return Case(
            event_id=data.event_id,
            camera=self.subject,
            type=self.type,
            severity=data.severity,
            whistle=data.whistle,
            zone=data.zone,
            rule=data.rule,
            since=data.since,
            opened=now,
            unit=respond.unit,
            called=respond.officers,
        )


class _Head(_Part):
    type: str


def read(payload: bytes) -> Told | None:
    """None: it is about no case. Raises pydantic.ValidationError."""
    kind = _Head.model_validate_json(payload).type
    if not kind.startswith(_FAMILIES) and kind != _TAMPERED:
        return None
    return Told.model_validate_json(payload)
