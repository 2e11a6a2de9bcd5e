"""What is wrong in a configuration file, and exactly where."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from streams.problem import Language, Text

DocumentPath = tuple[str | int, ...]

_SAYABLE = re.compile(r"\w[\w.-]{0,63}")


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


_LEVELS = {Level.ERROR: Text("error", "错误"), Level.WARNING: Text("warning", "警告")}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text file. Both count from 1; a column counts characters."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One error or warning about a file. The message never holds a secret value.

    path: where in the document, as people write it ("streams[2].zones.gate"); "" is the whole document.
    """

    file: str
    mark: Mark
    path: str
    message: Text
    level: Level = Level.ERROR

    def say(self, language: Language = "en") -> str:
        """'site.yaml:14:7: error: streams[2].zones.gate: needs at least 3 points, has 2'."""
        colon = "：" if language == "zh" else ": "
        words = (_LEVELS[self.level].say(language), self.path, self.message.say(language))
        place = f"{self.file}:{self.mark.line}:{self.mark.column}: "
        return place + colon.join(word for word in words if word)


class SettingsError(Exception):
    """The file cannot be used. findings: every error and every warning, in the order of the file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = in_order(findings)
        super().__init__("\n".join(finding.say() for finding in self.findings))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By place in the file, each said once."""
    return tuple(
        sorted(dict.fromkeys(findings), key=lambda each: (each.mark.line, each.mark.column, each.level))
    )


def nearest(marks: Mapping[DocumentPath, Mark], path: DocumentPath) -> Mark:
    """The place of the value, or of the nearest thing around it that is written at all."""
    while path and path not in marks:
        path = path[:-1]
    return marks.get(path, Mark())


def sayable(name: str) -> str | None:
    """A key or a name as it may be printed; None where it does not look like one.

    `{password:hunter2}` is a key to YAML: only what is shaped like a name is ever repeated.
    """
    return name if _SAYABLE.fullmatch(name) else None


def written(path: DocumentPath) -> str:
    """('streams', 2, 'zones', 'gate') -> 'streams[2].zones.gate'."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{sayable(part) or '?'}"
    return text.removeprefix(".")
