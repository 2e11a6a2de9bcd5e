"""A YAML text as a tree that remembers where each thing is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from edge.settings.finding import Mark
from edge.settings.syntax import explain
from streams.problem import Text

_DEEPEST = 24  # a site file is 6 levels deep; beyond this somebody is playing


@dataclass(frozen=True, slots=True)
class Scalar:
    mark: Mark
    tag: str | None
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Items:
    mark: Mark
    tag: str | None
    nodes: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entries:
    mark: Mark
    tag: str | None
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)


Node = Scalar | Items | Entries
N = TypeVar("N", Scalar, Items, Entries)


class BadText(Exception):
    """Not YAML, or YAML of a sort no site file needs. Never repeats the file: that may be a secret."""

    def __init__(self, mark: Mark, text: Text) -> None:
        self.mark = mark
        self.text = text
        super().__init__(text.en)


def compose(text: str) -> Node | None:
    """The one document in the text, None where there is none. Raises BadText."""
    trouble: BadText | None
    try:
        events = list(_events(text))
    except MarkedYAMLError as error:
        line, column = _place(error, len(text.splitlines()))
        trouble = BadText(Mark(line + 1, column + 1), explain(error, text, line, column))
    except ReaderError as error:
        trouble = BadText(_mark_at(text, error.position), _UNPRINTABLE)
    except (YAMLError, ValueError, OverflowError):  # chr() of an impossible \U escape ends up here
        trouble = BadText(Mark(), _IMPOSSIBLE)
    else:
        return _Composer(iter(events)).document()
    raise trouble  # outside the handler: the library's error quotes the file, and must not travel along


def _events(text: str) -> Iterator[Event]:
    """Those that matter. Raises BadText as soon as it is too deep: the library takes minutes for 200,000 brackets."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, NodeEvent) and depth > _DEEPEST:
            raise BadText(_mark(event), _TOO_DEEP)
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if isinstance(event, _USED):
            yield event


class _Composer:
    """Events in, nodes out. An anchor is known only once its node is complete, so nothing can hold itself."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, Node] = {}

    def document(self) -> Node | None:
        if next(self._events, None) is None:
            return None
        root = self._node(next(self._events))
        another = next(self._events, None)
        if another is not None:
            raise BadText(_mark(another), _SECOND)
        return root

    def _node(self, event: Event) -> Node:
        mark = _mark(event)
        match event:
            case AliasEvent():
                return self._alias(event, mark)
            case ScalarEvent():
                return self._known(event, Scalar(mark, event.tag, event.value, event.style is None))
            case SequenceStartEvent():
                items = Items(mark, event.tag)
                items.nodes.extend(self._until_end())
                return self._known(event, items)
            case MappingStartEvent():
                entries = Entries(mark, event.tag)
                nodes = self._until_end()
                entries.pairs.extend(zip(nodes, nodes, strict=True))
                return self._known(event, entries)
            case _:
                raise BadText(mark, _IMPOSSIBLE)

    def _until_end(self) -> Iterator[Node]:
        while not isinstance(event := next(self._events), CollectionEndEvent):
            yield self._node(event)

    def _known(self, event: NodeEvent, node: N) -> N:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: AliasEvent, mark: Mark) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise BadText(mark, _NO_ANCHOR)
        return node


_USED = (DocumentStartEvent, NodeEvent, CollectionEndEvent)


def _place(error: MarkedYAMLError, lines: int) -> tuple[int, int]:
    """Line and column from 0. Where the text ends too early, the place where the unfinished thing began."""
    marks = [
        mark for mark in (error.problem_mark, error.context_mark) if mark is not None and mark.line < lines
    ]
    return (marks[0].line, marks[0].column) if marks else (0, 0)


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _mark_at(text: str, position: int) -> Mark:
    before = text[:position]
    return Mark(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


_UNPRINTABLE = Text(
    "has a character that cannot be printed; delete it or write it as an escape in double quotes",
    "含有不可打印的字符；请删除，或在双引号中用转义书写",
)
_IMPOSSIBLE = Text(
    "has an escape in double quotes that is no character; use single quotes",
    "双引号中的转义不对应任何字符；请改用单引号",
)
_SECOND = Text(
    "a second document begins here; a site file is one document", "此处开始了第二个文档；一个文件只能有一个"
)
_TOO_DEEP = Text(f"is nested more than {_DEEPEST} levels deep", f"嵌套超过 {_DEEPEST} 层")
_NO_ANCHOR = Text(
    "refers to an anchor that is not defined above; a value that begins with * needs quotes",
    "引用了上文没有定义的锚点；以 * 开头的值需要加引号",
)
