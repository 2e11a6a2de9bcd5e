"""One value of a site file changed by a program; every other character stays as it was written.

ruamel says where each value stands; what is new is put in between. Its own round trip writes the whole file anew, with
other indents and line breaks.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from pydantic import SecretStr

from edge.settings.document import parse
from edge.settings.finding import DocumentPath, Mark, written
from edge.settings.layout import Leaf, Listed, Mapped, Spot, layout
from edge.settings.nodes import BadText
from edge.settings.scalars import NotFinite, plain
from edge.settings.secrets import Secret, SecretStore
from streams.problem import Problem, ProblemError, Text

# Words and addresses, durations, IPv4. What has no letter in front may be a number, and needs quotes.
_PLAIN = re.compile(r"[^\W\d_][\w./:+%?=&~-]*(?<!:)|\d+(ms|s|min|h|d)|\d+(\.\d+){3}")


class SecretName(str):
    """Is written as `!secret NAME`."""

    __slots__ = ()


Value = Mapping[str, "Value"] | Sequence["Value"] | str | int | float | bool | None


class EditRefused(ProblemError):
    """This place cannot be changed without changing another: an alias, a merge, a mistake in the file."""


def edit(text: str, path: DocumentPath, value: Value) -> str:
    """The text with that value at the path. Mappings on the way that are not there are made; the number of items
    appends to a list. Of a value that is replaced, comments within it go. Raises EditRefused."""
    return _changed(text, path, lambda root: _Pen(text).put(root, path, value), _Set(plain_value(value)))


def remove(text: str, path: DocumentPath) -> str:
    """The text without the key or the item at the path. Raises EditRefused, also where there is none."""
    return _changed(text, path, lambda root: _Pen(text).drop(root, path), _gone)


def item(value: Mapping[str, Value], indent: int) -> str:
    """One item of a list as lines in block style, with the last line's end; indent: columns before its dash."""
    return " " * indent + "- " + _block(value, indent + 2, "\n").lstrip() + "\n"


class _Pen:
    """Where to write what. Raises LookupError where a path leads nowhere."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = "\r\n" if "\r\n" in text else "\n"

    def put(self, spot: Spot, path: DocumentPath, value: Value) -> str:
        if not path:
            space = " " if spot.empty and self._text[spot.start - 1 : spot.start] == ":" else ""
            return self._splice(spot.start, spot.end, space + _flow(value))
        step, rest = path[0], path[1:]
        match spot:
            case Mapped() if isinstance(step, str):
                entry = spot.entry(step)
                return (
                    self._add(spot, step, _nested(rest, value))
                    if entry is None
                    else self.put(entry.value, rest, value)
                )
            case Listed() if isinstance(step, int) and 0 <= step < len(spot.items):
                return self.put(spot.items[step], rest, value)
            case Listed() if step == len(spot.items):
                return self._append(spot, _nested(rest, value))
            case Leaf() if isinstance(step, str) and plain(self._text[spot.start : spot.end]) is None:
                return self.put(spot, (), _nested(path, value))
        raise LookupError(step)

    def drop(self, spot: Spot, path: DocumentPath) -> str:
        step, rest = path[0], path[1:]
        if isinstance(spot, Mapped) and isinstance(step, str):
            entry = next(each for each in spot.entries if each.name == step)
            if rest:
                return self.drop(entry.value, rest)
            spans = [(each.start, each.value.end) for each in spot.entries]
            return self._cut(spot, spans, spot.entries.index(entry))
        if isinstance(spot, Listed) and isinstance(step, int):
            if rest:
                return self.drop(spot.items[step], rest)
            spans = [(each.start, each.end) for each in spot.items]
            return self._cut(spot, spans if spot.flow else [self._dashed(span) for span in spans], step)
        raise LookupError(step)

    def _add(self, spot: Mapped, name: str, value: Value) -> str:
        if spot.flow:
            return self._join(
                spot, [each.value.end for each in spot.entries], f"{_scalar(name)}: {_flow(value)}"
            )
        return self._below(spot, _block({name: value}, self._column(spot.start), self._line))

    def _append(self, spot: Listed, value: Value) -> str:
        if spot.flow:
            return self._join(spot, [each.end for each in spot.items], _flow(value))
        column = self._column(spot.start)
        return self._below(spot, _dash(value, column, self._line))

    def _join(self, spot: Spot, ends: list[int], written: str) -> str:
        place = ends[-1] if ends else spot.start + 1
        return self._splice(place, place, f", {written}" if ends else written)

    def _below(self, spot: Spot, written: str) -> str:
        """Behind its last value, and the comment on that line."""
        place = self._text.find("\n", spot.end)
        place = len(self._text) if place < 0 else place - (self._text[place - 1] == "\r")
        return self._splice(place, place, self._line + written)

    def _cut(self, spot: Spot, spans: list[tuple[int, int]], index: int) -> str:
        start, end = spans[index]
        if len(spans) == 1:
            return self._splice(spot.start, spot.end, "{}" if isinstance(spot, Mapped) else "[]")
        if spot.flow:
            last = index == len(spans) - 1
            return (
                self._splice(spans[index - 1][1], end, "")
                if last
                else self._splice(start, spans[index + 1][0], "")
            )
        line = self._text.rfind("\n", 0, start) + 1
        if self._text[line:start].strip():  # behind the dash of an item: the next key goes there
            return self._splice(start, spans[index + 1][0], "")
        below = self._text.find("\n", end) + 1
        return self._splice(line, below, "") if below else self._text[:line]

    def _dashed(self, span: tuple[int, int]) -> tuple[int, int]:
        return self._text.rfind("-", 0, span[0] + 1), span[1]

    def _column(self, place: int) -> int:
        return place - (self._text.rfind("\n", 0, place) + 1)

    def _splice(self, start: int, end: int, written: str) -> str:
        return self._text[:start] + written + self._text[end:]


def _changed(
    text: str, path: DocumentPath, write: Callable[[Spot], str], expect: "Callable[[Any, DocumentPath], Any]"
) -> str:
    """What was written, if it says what it said before but for the path."""
    before = parse(text, "", _NAMES)
    try:
        root = None if before.failed else layout(text)
        result = None if root is None else write(root)
        wanted = expect(copy.deepcopy(before.data), path)
    except (LookupError, StopIteration, NotFinite, BadText):
        result = wanted = None
    after = None if result is None else parse(result, "", _NAMES)
    if result is None or after is None or after.failed or after.data != wanted:
        raise EditRefused(_by_hand(path, before.mark(path)))
    return result


class _Set:
    def __init__(self, value: Any) -> None:
        self._value = value

    def __call__(self, data: Any, path: DocumentPath) -> Any:
        if not path:
            return self._value
        step, rest = path[0], path[1:]
        if isinstance(data, list) and isinstance(step, int):
            data[step : step + 1] = [self(data[step] if step < len(data) else None, rest)]
            return data
        held = data if isinstance(data, dict) else {}
        return {**held, step: self(held.get(step), rest)}


def _gone(data: Any, path: DocumentPath) -> Any:
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return data


class _Names(SecretStore):
    """In the place of every secret, its name, marked as one."""

    def find(self, name: str) -> Secret:
        return Secret(SecretStr(f"!secret {name}"))


_NAMES = _Names({})


def plain_value(value: Value) -> Any:
    """As JSON has it; a secret as "!secret NAME"."""
    if isinstance(value, SecretName):
        return f"!secret {value}"
    if isinstance(value, Mapping):
        return {key: plain_value(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_value(each) for each in value]
    return value


def _nested(path: DocumentPath, value: Value) -> Value:
    """Raises LookupError for a list that is not there."""
    for step in reversed(path):
        match step:
            case str():
                value = {step: value}
            case _:
                raise LookupError(step)
    return value


def _block(value: Mapping[str, Value], column: int, line: str) -> str:
    return line.join(" " * column + _pair(key, each, column, line) for key, each in value.items())


def _pair(key: str, value: Value, column: int, line: str) -> str:
    name = _scalar(key)
    if isinstance(value, Mapping) and value:
        return f"{name}:{line}{_block(value, column + 2, line)}"
    if _is_list(value) and any(isinstance(each, Mapping) for each in value):
        return f"{name}:{line}" + line.join(_dash(each, column + 2, line) for each in value)
    return f"{name}: {_flow(value)}"


def _dash(value: Value, column: int, line: str) -> str:
    inner = (
        _block(value, column + 2, line).lstrip(" ") if isinstance(value, Mapping) and value else _flow(value)
    )
    return f"{' ' * column}- {inner}"


def _flow(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if _is_list(value):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _scalar(value)


def _is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _scalar(value: object) -> str:
    if isinstance(value, SecretName):
        return f"!secret {value}"
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and plain(value) == value:
        return value
    return '"' + "".join(map(_quoted, value)) + '"'


def _quoted(sign: str) -> str:
    """YAML 1.2, 5.7."""
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def _by_hand(path: DocumentPath, mark: Mark) -> Problem:
    place = written(path)
    return Problem(
        "config.edit",
        Text(
            f"{place} cannot be changed by a program without changing something else (line {mark.line})",
            f"程序无法单独修改 {place}，会影响其他内容（第 {mark.line} 行）",
        ),
        Text(
            "edit the site file by hand, then `sandwatch check` it",
            "请手工编辑站点文件，再运行 `sandwatch check`",
        ),
    )
