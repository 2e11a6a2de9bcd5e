"""One message of a box as a row of a table. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_LEVELS = 6  # sandwatch/v1/{province}/{city}/{county}/{site}
_LONGEST = 160  # characters of a name: what `received` may say back (edge.cases.words)


class Unreadable(ValueError):
    """Not a message of a box: its text says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """site: the topic's first six levels. id: unique per message of a site, the same on every resend. seq: contiguous per
    box. event_id: of its case, "" where it belongs to none. time: as sent, RFC 3339. payload: the CloudEvent, JSON text.
    """

    site: str
    id: str
    seq: int
    boot_id: str
    type: str
    camera: str
    event_id: str
    phase: str
    severity: str
    time: str
    payload: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Codes of province, city and county (GB/T 2260), and the site's name."""
        _, _, province, city, county, name = self.site.split("/")
        return province, city, county, name


def record(topic: str, payload: bytes) -> Record:
    """Raises Unreadable."""
    levels = topic.split("/")
    if len(levels) <= _LEVELS or levels[:2] != ["sandwatch", "v1"]:
        raise Unreadable("its topic is none of ours")
    try:
        event = json.loads(payload)
        data = event["data"]
        found = Record(
            site="/".join(levels[:_LEVELS]),
            id=_text(event["id"]),
            seq=_number(data["seq"]),
            boot_id=_text(data.get("boot_id", "")),
            type=_text(event["type"]),
            camera=_text(data.get("camera") or ""),
            event_id=_text(data.get("event_id") or ""),
            phase=_text(data.get("phase") or ""),
            severity=_text(data.get("severity") or ""),
            time=_time(event["time"]),
            payload=_compact(event),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None
    return found


def dropped(payload: str) -> list[tuple[int, int]]:
    """The numbers, from and to, that a box says it had to drop: these gaps are explained."""
    event = json.loads(payload)
    if event.get("type") != "site.dropped":
        return []
    return [(int(first), int(last)) for first, last in event["data"].get("ranges", [])]


def _text(value: Any) -> str:
    """What every table can hold: no NUL, no half of a surrogate pair, not endless."""
    if not isinstance(value, str) or len(value) > _LONGEST or "\0" in value:
        raise ValueError
    value.encode()
    return value


def _compact(event: Any) -> str:
    """On one line: JSON escapes its line ends."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    if text.isascii() or text == text.encode(errors="replace").decode():
        return text
    return json.dumps(event, separators=(",", ":"))  # half a surrogate pair, which no table can hold


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise ValueError
    return value


def _time(value: Any) -> str:
    if datetime.fromisoformat(_text(value)).tzinfo is None:
        raise ValueError
    return str(value)
