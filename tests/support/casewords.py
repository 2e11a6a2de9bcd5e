"""Cases, and what centres say of them, for tests."""

from datetime import UTC, datetime
from typing import Any

from edge.cases.case import Case, Deadlines, Moment
from edge.cases.told import Told
from edge.cases.words import SAID, Said
from edge.wire import rfc3339
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


def told(event_id: str, camera: str = "gate") -> Told:
    """Its beginning, as the case book hears of it."""
    data = {"event_id": event_id, "phase": "new", "severity": "high", "rule": "zone", "since": rfc3339(0)}
    respond = {"unit": "黄庄派出所", "officers": ["张三"]}
    event = {
        "type": "vehicle.zone",
        "subject": camera,
        "time": rfc3339(0),
        "data": {**data, "respond": respond},
    }
    return Told.model_validate(event)


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
