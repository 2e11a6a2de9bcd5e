"""Messages of boxes as lines for people: `sandwatch events tail`. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Any

from inference.findings import Severity
from streams.problem import Language, Text

_ORDER = list(Severity)
_PHASES = {"new": Text("NEW", "开始"), "update": Text("UPDATE", "持续"), "end": Text("END", "结束")}
_SEVERITIES = {
    "info": Text("info", "信息"),
    "low": Text("low", "低"),
    "medium": Text("medium", "中"),
    "high": Text("high", "高"),
    "critical": Text("critical", "紧急"),
}
COLOURS = {"critical": "bright_red", "high": "red", "medium": "yellow", "low": "cyan", "info": "white"}
# C0, DEL, C1, separators of lines and marks of direction: what came over the network must not steer somebody's terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OBJECTS = 4  # named per line

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty: anything. types: with wildcards, as "vehicle.*". least: events without a severity pass too. since: of the
    event's own time."""

    cameras: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    least: Severity = Severity.INFO
    since: datetime | None = None

    def passes(self, event: Event) -> bool:
        data = event.get("data") or {}
        if self.cameras and data.get("camera") not in self.cameras:
            return False
        if self.types and not any(fnmatchcase(str(event.get("type")), each) for each in self.types):
            return False
        severity = data.get("severity")
        if severity in _ORDER and _ORDER.index(severity) < _ORDER.index(self.least):
            return False
        return self.since is None or datetime.fromisoformat(event["time"]) >= self.since


def line(topic: str, event: Event, zone: tzinfo | None, language: Language) -> str:
    """When, how grave, which step, what, where, and what is seen. zone: None: of the terminal."""
    data = event.get("data") or {}
    time = datetime.fromisoformat(event["time"]).astimezone(zone)
    words = [
        f"{time:%Y-%m-%d %H:%M:%S}",
        _said(_SEVERITIES, data.get("severity"), language),
        _said(_PHASES, data.get("phase") or data.get("state"), language),
        str(event.get("type")),
        _place(topic, data),
        *_details(data),
        f"#{data.get('seq')}",
    ]
    return _CONTROL.sub("?", "  ".join(word for word in words if word))


def _said(known: dict[str, Text], word: object, language: Language) -> str:
    return known[word].say(language) if isinstance(word, str) and word in known else str(word or "")


def _place(topic: str, data: Event) -> str:
    site = "/".join(topic.split("/")[4:6])
    return "/".join(str(part) for part in (site, data.get("camera"), data.get("zone")) if part)


def _details(data: Event) -> list[str]:
    objects = data.get("objects") or []
    seen = [f"{one.get('label')} {one.get('score', 0):.2f}" for one in objects[:_OBJECTS]]
    more = [f"+{len(objects) - _OBJECTS}"] if len(objects) > _OBJECTS else []
    said = [
        str(data[key]) for key in ("by", "unit", "finding", "uri", "reason") if isinstance(data.get(key), str)
    ]
    return [", ".join(seen + more), *said]
