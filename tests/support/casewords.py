"""Cases, and what centres say of them, for tests."""

from datetime import UTC, datetime
from typing import Any

from edge.cases.case import Case, Deadlines, Moment
from edge.cases.words import SAID, Said
from inference.findings import Severity

_SAYS: dict[str, dict[str, Any]] = {
    "dispatched": {"unit": "patrol 3", "officers": ("Zhang",)},
    "closed": {"finding": "lorry turned back"},
    "evaluated": {"grade": 5},
    "reopened": {},
}


def word(kind: str, name: str = "w-1", **changes: Any) -> Said:
    """name: the centre's id of it."""
    head = {"kind": kind, "id": name, "by": "officer", "time": datetime(2026, 5, 1, tzinfo=UTC)}
    return SAID.validate_python({**head, **_SAYS[kind], **changes})


def payload(kind: str, name: str = "w-1", **changes: Any) -> bytes:
    return word(kind, name, **changes).model_dump_json().encode()


def case(event_id: str = "e1") -> Case:
    return Case(
        event_id=event_id,
        camera="gate",
        type="vehicle.zone",
        severity=Severity.HIGH,
        since=0.0,
        opened=0.0,
        called=("Zhang",),
    )


def moment(now: float, **within: float) -> Moment:
    return Moment(now=now, boot="boot", deadlines=Deadlines(**within))
