"""Where in a YAML text each key and value stands, to the character. Reads what edge.settings.nodes accepts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    CollectionEndEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)


@dataclass(slots=True)
class Spot:
    """A value: text[start:end]. empty: nothing is written there. Of a block collection `end` is that of its last value,
    comments behind it not included. flow: in [ ] or { }."""

    start: int
    end: int
    empty: bool = False
    flow: bool = False


@dataclass(slots=True)
class Leaf(Spot):
    """A scalar or an alias."""


@dataclass(slots=True)
class Listed(Spot):
    items: list[Spot] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    name: str | None
    start: int
    end: int
    """Of the key."""
    value: Spot


@dataclass(slots=True)
class Mapped(Spot):
    entries: list[Entry] = field(default_factory=list)

    def entry(self, name: str) -> Entry | None:
        return next((each for each in self.entries if each.name == name), None)


def layout(text: str) -> Spot | None:
    """Of the one document in a text that edge.settings.nodes.compose takes; None: there is none."""
    events = [
        event
        for event in YAML(typ="safe", pure=True).parse(text)
        if isinstance(event, NodeEvent | CollectionEndEvent)
    ]
    return _Surveyor(text, iter(events)).spot() if events else None


class _Surveyor:
    def __init__(self, text: str, events: Iterator[Event]) -> None:
        self._text, self._events = text, events

    def spot(self) -> Spot:
        return self._of(next(self._events))

    def _of(self, event: Event) -> Spot:
        start = event.start_mark.index
        match event:
            case MappingStartEvent():
                return self._mapped(Mapped(start, start, flow=bool(event.flow_style)))
            case SequenceStartEvent():
                return self._listed(Listed(start, start, flow=bool(event.flow_style)))
            case _:
                written = self._text[start : event.end_mark.index].rstrip()
                return Leaf(start, start + len(written), empty=not written)

    def _listed(self, listed: Listed) -> Listed:
        while not isinstance(event := next(self._events), CollectionEndEvent):
            listed.items.append(self._of(event))
        listed.end = event.end_mark.index if listed.flow else max(listed.start, *_ends(listed.items))
        return listed

    def _mapped(self, mapped: Mapped) -> Mapped:
        while not isinstance(event := next(self._events), CollectionEndEvent):
            key = self._of(event)
            value = self.spot()
            if value.empty:  # the library puts it where the next thing begins
                value.start = value.end = self._after_colon(key.end)
            name = event.value if isinstance(event, ScalarEvent) else None
            mapped.entries.append(Entry(name, key.start, key.end, value))
        ends = [each.value.end for each in mapped.entries]
        mapped.end = event.end_mark.index if mapped.flow else max(mapped.start, *ends)
        return mapped

    def _after_colon(self, place: int) -> int:
        rest = self._text[place:]
        return place + rest.index(":") + 1 if rest.lstrip(" \t").startswith(":") else place


def _ends(items: list[Spot]) -> list[int]:
    return [each.end for each in items]
