"""Everything drawn on one stream, with its share of the picture."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.settings.finding import DocumentPath
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from inference.geometry import area
from streams.problem import Misconfigured, Problem, Text

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """And the key of a stream that it stands under."""

    ZONE = "zones"
    LINE = "lines"
    IGNORE = "ignore"
    WATCH = "watch"

    @property
    def path(self) -> tuple[str, ...]:
        return ("land", "watch") if self is Kind.WATCH else (self.value,)


@dataclass(frozen=True, slots=True)
class Outline:
    """points: [N, 2] relative 0-1. share: of the picture; of a line 0. rules: names of those that use it."""

    kind: Kind
    name: str
    points: Floats
    share: float
    rules: tuple[str, ...]


def stream_of(loaded: Loaded, camera: str) -> tuple[int, StreamSettings]:
    """Its place in the file. Raises Misconfigured."""
    for number, stream in enumerate(loaded.site.streams):
        if stream.name == camera:
            return number, stream
    known = ", ".join(stream.name for stream in loaded.site.streams)
    raise Misconfigured(
        Problem(
            "zones.camera",
            Text(f"no stream is called {camera!r}", f"没有名为 {camera!r} 的视频"),
            Text(f"there are: {known}", f"现有：{known}"),
        )
    )


def outlines(stream: StreamSettings) -> tuple[Outline, ...]:
    """In the order of the file: zones, lines, what is ignored, what land watches."""
    watched = stream.land.watch if stream.land else {}
    drawn = (
        (Kind.ZONE, stream.zones),
        (Kind.LINE, stream.lines),
        (Kind.IGNORE, stream.ignore),
        (Kind.WATCH, watched),
    )
    return tuple(
        _outline(stream, kind, name, np.asarray(points, np.float64))
        for kind, held in drawn
        for name, points in held.items()
    )


def place(number: int, outline: Outline) -> DocumentPath:
    return ("streams", number, *outline.kind.path, outline.name)


def _outline(stream: StreamSettings, kind: Kind, name: str, points: Floats) -> Outline:
    share = 0.0 if kind is Kind.LINE else area(points)
    return Outline(kind, name, points, share, tuple(_users(stream, kind, name)))


def _users(stream: StreamSettings, kind: Kind, name: str) -> list[str]:
    match kind:
        case Kind.ZONE:
            return [rule.name for rule in stream.rules if name in getattr(rule, "zones", ())]
        case Kind.LINE:
            return [rule.name for rule in stream.rules if getattr(rule, "line", None) == name]
        case _:
            return []
